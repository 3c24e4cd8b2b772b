package admin

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/polylink-dev/polylink/journal"
)

// A plant puts a secret where requests have values: it makes a request line, a
// body and headers out of those that it is given.
type plant func(secret string, at *planted)

// planted is a request in the making.
type planted struct {
	path, query, kind string
	body              string
	headers           []string
}

// Sorts of secrets: what gives one away is its name, or its look.
const (
	named = iota // any text, under the name of a secret
	looks        // a key or a long random token, wherever it stands
	inURL        // a password in a URL
)

// plants is every place that a value can stand in, for a sort of secrets.
var plants = map[int]map[string]plant{
	named: {
		"header": func(s string, at *planted) {
			at.headers = append(at.headers, "X-Session-Id: "+s, "Stripe-Signature: t=1,v1="+s)
		},
		"query": func(s string, at *planted) {
			at.query = "a=b&key=" + url.QueryEscape(s) + "&auth=" + s + "&signature=" + s
		},
		"nested query": func(s string, at *planted) {
			at.query = "x%5Bapi_token%5D=" + s + "&next=" + url.QueryEscape("https://a.example/?token="+s)
		},
		"JSON member":  func(s string, at *planted) { at.json(`{"note":"n","webhook_secret":%s,"apiToken":%[1]s}`, s) },
		"deep member":  func(s string, at *planted) { at.json(`{"a":[{"b":{"signingSecret":[%s,{"c":%[1]s}]}}]}`, s) },
		"JSON in JSON": func(s string, at *planted) { at.json(`{"payload":%s}`, `{"user":{"password":`+quote(s)+`}}`) },
		"URL in JSON":  func(s string, at *planted) { at.json(`{"success_url":%s}`, "https://a.example/?x=1&access_token="+s) },
		"URL in URL": func(s string, at *planted) {
			at.json(`{"u":%s}`, "https://a.example/?n="+url.QueryEscape("https://b.example/?sig="+s))
		},
		"form":          func(s string, at *planted) { at.form("name=n&metadata[client_secret]=" + url.QueryEscape(s)) },
		"URL in a form": func(s string, at *planted) { at.form("u=" + url.QueryEscape("https://a.example/?jwt="+s)) },
		"text":          func(s string, at *planted) { at.text("text/plain", "user=u password="+s+"\nSecret: "+s+"\n") },
		"elements":      func(s string, at *planted) { at.text("application/xml", "<a><password>"+s+"</password></a>") },
		"broken JSON":   func(s string, at *planted) { at.text("application/json", `{"password":"`+s) },
	},
	looks: {
		"known header": func(s string, at *planted) {
			at.headers = append(at.headers, "User-Agent: tool/1 "+s, "Origin: https://a.example/"+s)
		},
		"path":           func(s string, at *planted) { at.path += "/" + url.PathEscape(s) },
		"query":          func(s string, at *planted) { at.query = "a=" + url.QueryEscape(s) + "&b=x" },
		"name in query":  func(s string, at *planted) { at.query = url.QueryEscape(s) + "=1" },
		"JSON":           func(s string, at *planted) { at.json(`{"name":%s,"list":["a",%[1]s]}`, s) },
		"name in JSON":   func(s string, at *planted) { at.json(`{"metadata":{%s:1}}`, s) },
		"sentence":       func(s string, at *planted) { at.json(`{"description":%s}`, "we use "+s+", as agreed") },
		"form":           func(s string, at *planted) { at.form("description=" + url.QueryEscape("it is "+s)) },
		"text":           func(s string, at *planted) { at.text("text/plain", "it is "+s+".") },
		"escaped member": func(s string, at *planted) { at.json(`{"n\u0061me":%s}`, "\"\n"+s) },
	},
	inURL: {
		"header": func(s string, at *planted) {
			at.headers = append(at.headers, "Referer: https://u:"+s+"@a.example/", "Origin: https://u:"+s+"@a.example")
		},
		"query":        func(s string, at *planted) { at.query = "u=" + url.QueryEscape("https://u:"+s+"@a.example/") },
		"JSON":         func(s string, at *planted) { at.json(`{"success_url":%s}`, "https://u:"+s+"@a.example/thanks") },
		"escaped JSON": func(s string, at *planted) { at.text("application/json", `{"u":"https:\/\/u:`+s+`@a.example\/x"}`) },
		"form":         func(s string, at *planted) { at.form("u=" + url.QueryEscape("https://u:"+s+"@a.example/")) },
		"text":         func(s string, at *planted) { at.text("text/plain", "see https://u:"+s+"@a.example/.") },
	},
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func (at *planted) json(format string, value string) {
	at.kind, at.body = "application/json", fmt.Sprintf(format, quote(value))
}
func (at *planted) form(body string)       { at.kind, at.body = "application/x-www-form-urlencoded", body }
func (at *planted) text(kind, body string) { at.kind, at.body = kind, body }

const (
	lettersAndDigits = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	hexDigits        = "0123456789abcdef"
)

func texts(alphabet string, least, most int) *rapid.Generator[string] {
	return rapid.StringOfN(rapid.SampledFrom([]rune(alphabet)), least, most, -1)
}

// secretOf draws a secret of a sort, one look after the other. Random ones have
// digits and letters of both cases, as those of a generator.
func secretOf(t *rapid.T, sort, look int) string {
	if sort != looks {
		return "Pw" + texts(lettersAndDigits, 8, 14).Draw(t, "secret")
	}
	key := texts(lettersAndDigits, 12, 30).Draw(t, "key")
	switch look % 6 {
	case 0:
		return "whsec_" + key
	case 1:
		return "sk_live_" + key
	case 2:
		return "kdv_live_" + key
	case 3:
		return "PB_sk_live_" + key
	case 4:
		return shuffled(t, hexDigits+hexDigits+hexDigits)[:rapid.IntRange(32, 48).Draw(t, "length")]
	}
	return shuffled(t, lettersAndDigits)[:rapid.IntRange(32, 62).Draw(t, "length")]
}

func shuffled(t *rapid.T, s string) string {
	return string(rapid.Permutation([]rune(s)).Draw(t, "random"))
}

// targets are requests of each dialect: a path that nothing has, and writes of
// which some store what they are sent.
var targets = map[string]struct {
	lines   []string
	headers []string
}{
	"devdraft":   {[]string{devUpdate, "POST /devdraft/api/v0/payment-links", "POST /devdraft/api/v0/webhooks"}, devdraft[:2]},
	"katu9":      {[]string{generate, "POST /katu9/payin"}, katu9[:1]},
	"kirimdev":   {[]string{setupLinks, "PATCH /kirimdev/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX"}, kirimdev[:1]},
	"leanrails":  {[]string{"POST /leanrails/v1/checkout_links/cl_4de6fg8hi0jk", "POST /leanrails/v1/checkout_links"}, []string{"Authorization: Basic c2tfdGVzdF9tYWluOg=="}},
	"priceblocs": {[]string{"PUT /priceblocs/v1/payment-links/00000000-0000-0000-0000-000000000000", "POST /priceblocs/v1/payment-links"}, []string{"Authorization: Bearer PB_sk_test_main"}},
	"stripe":     {[]string{"POST /stripe/v1/payment_links/plink_0PolylinkTShirt000000000", "POST /stripe/v1/products"}, []string{"Authorization: Bearer sk_test_polylink_main"}},
}

// stored are writes that keep a text, for a link to hold a secret.
var stored = map[string][2]string{
	"devdraft":   {devUpdate, `{"title":%s}`},
	"leanrails":  {"POST /leanrails/v1/checkout_links/cl_4de6fg8hi0jk", `{"metadata":{"note":%s}}`},
	"stripe":     {"POST /stripe/v1/payment_links/plink_0PolylinkTShirt000000000", `metadata[note]=%s`},
	"priceblocs": {"PUT /priceblocs/v1/payment-links/00000000-0000-0000-0000-000000000000", `{"success_url":%s}`},
	"kirimdev":   {"PATCH /kirimdev/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX/setup_links/csl_01HXYZABCDEFGHJKMNPQRSTVWX", `{"success_redirect_url":%s}`},
}

// hidden is one secret that was planted.
type hidden struct {
	secret, where string
	sort          int
}

// stays tells whether a link may show it: its texts stay as they are, but for
// keys and passwords.
func (h hidden) stays() bool {
	return h.sort == named && !strings.HasPrefix(h.where, "URL in") || h.sort == looks && !strings.Contains(h.secret, "_")
}

// TestPlantedSecretsAreNeverShown plants secrets in every place and searches
// everything that can be read.
func TestPlantedSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	if len(targets) != len(files().set.Dialects) {
		t.Fatalf("%d dialects are tried, and there are %d", len(targets), len(files().set.Dialects))
	}
	l := newLab(t)
	dialects, n := keysOf(targets), 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		d, name := dialects[n%len(dialects)], fmt.Sprintf("plant-%d", n%20)
		lines := append([]string{"POST /" + d + "/nothing", "POST /nowhere"}, targets[d].lines...)
		var all []hidden
		for sort := named; sort <= inURL; sort++ {
			for i, where := range keysOf(plants[sort]) {
				h := hidden{secretOf(r, sort, i), where, sort}
				l.plant(h, lines[(n+i)%len(lines)], name, targets[d].headers)
				all = append(all, h)
			}
		}
		kept := []hidden{{secretOf(r, looks, n), "what is stored", looks}, {secretOf(r, inURL, n), "a URL that is stored", inURL}}
		for i, h := range kept {
			l.store(r, name, fmt.Sprintf("key-%d-%d", n, i), d, h)
		}
		for what, text := range l.readable(name) {
			for _, h := range append(all, kept...) {
				if strings.Contains(text, h.secret) && !((what == "GET /links" || what == "GET /audit") && h.stays()) {
					r.Fatalf("%s of %s shows %s, planted in %s", what, d, h.secret, h.where)
				}
			}
		}
		doc := l.in(name, "GET /snapshot", "").want(200).body
		for _, h := range kept {
			if !strings.Contains(doc, h.secret) {
				r.Fatalf("the snapshot has lost %s, which an endpoint of %s holds", h.secret, d)
			}
		}
		l.in(name, "POST /reset", "").want(200)
	})
}

// plant sends a request with a secret in it.
func (l *lab) plant(h hidden, line, sandbox string, headers []string) {
	method, path, _ := strings.Cut(line, " ")
	at := planted{path: path, headers: inside(sandbox, headers)}
	plants[h.sort][h.where](h.secret, &at)
	if at.query != "" {
		at.path += "?" + at.query
	}
	if at.kind != "" {
		at.headers = append(at.headers, "Content-Type: "+at.kind)
	}
	l.send(method+" "+at.path, at.body, at.headers...)
}

// store puts a secret into a link and into an endpoint.
func (l *lab) store(r *rapid.T, sandbox, key, d string, h hidden) {
	secret, sort := h.secret, h.sort
	text, hook := "https://a.example/"+secret, "https://a.example/"+secret
	if sort == inURL { // which an endpoint may not have
		text, hook = "https://u:"+secret+"@a.example/x", "https://a.example/x?token="+secret
	}
	l.in(sandbox, "POST /webhooks", `{"dialect":"`+d+`","url":`+quote(hook)+`,"secret":`+quote(secret)+`}`).want(201)
	keep, ok := stored[d]
	if !ok || h.stays() {
		return // a link's texts stay, however random
	}
	headers, value := append(inside(sandbox, targets[d].headers), "Idempotency-Key: "+key), quote(text)
	if strings.HasPrefix(keep[1], "{") {
		headers = append(headers, "Content-Type: application/json")
	} else {
		headers, value = append(headers, "Content-Type: application/x-www-form-urlencoded"), url.QueryEscape(text)
	}
	if got := l.send(keep[0], fmt.Sprintf(keep[1], value), headers...); got.status != 200 && sort != inURL {
		r.Fatalf("%s did not keep the secret: %d %s", keep[0], got.status, got.body)
	}
}

// readable is everything that a person or a tool can read of a sandbox.
func (l *lab) readable(sandbox string) map[string]string {
	out := map[string]string{"the log": l.logged.String()}
	read := func(line, body string, status int) string { // without its document, which others hold it to
		method, path, _ := strings.Cut(line, " ")
		return l.send(method+" /__admin"+path, body, "X-Polylink-Sandbox: "+sandbox).want(status).body
	}
	for _, line := range []string{"GET /requests", "GET /requests/unmatched", "GET /links", "GET /webhooks", "GET /audit", "GET /faults", "GET /metrics", "GET /sandboxes"} {
		out[line] = read(line, "", 200)
	}
	out["a count that does not come out"] = read("POST /requests/count", `{"method":"PURGE","times":1}`, 422)
	var list struct{ Requests []journal.Shown }
	_ = json.Unmarshal([]byte(out["GET /requests"]), &list)
	for _, e := range list.Requests {
		line := fmt.Sprintf("GET /requests/%d", e.N)
		out[line] = read(line, "", 200)
		out[line+" as text"] = strings.Join([]string{e.Request.Path, e.Request.Query, e.Request.Body, e.Response.Body, fmt.Sprint(e.Request.Headers, e.Response.Headers)}, "\n")
	}
	return out
}

func keysOf[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
