package routes_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/store"
)

// update is a dialect's update of a link, and where its errors say their code.
type update struct {
	line    string
	headers []string
	envelop string // path of a text that every error has
}

var updates = map[string]update{
	"kirimdev":   {"PATCH /kirimdev" + kirimdevPath, []string{kirimdev}, "error.code"},
	"leanrails":  {"POST /leanrails" + leanrailsPath, []string{leanrails, "Idempotency-Key: k"}, "error.code"},
	"priceblocs": {"PUT /priceblocs" + priceblocsPath("0"), []string{priceblocs}, "type"},
	"devdraft":   {"PUT /devdraft" + devdraftPath, devdraft, "error"},
	"katu9":      {"POST /katu9" + katu9Path, []string{katu9}, "error.message"},
}

// refusal checks that an answer is a refusal in the dialect's envelope.
func refusal(t *testing.T, a answer, envelop string) {
	t.Helper()
	if a.status < 400 || a.status > 499 {
		t.Errorf("answered %d %s, want a refusal", a.status, brief(a.body))
	}
	if !utf8.ValidString(a.body) || !json.Valid([]byte(a.body)) || gjson.Get(a.body, envelop).Str == "" || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("answered %s %s, want the dialect's envelope", a.header.Get("Content-Type"), brief(a.body))
	}
}

func brief(s string) string { return s[:min(len(s), 300)] }

func TestHostileBodiesAreRefusedAndChangeNothing(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"a thousand arrays":          strings.Repeat("[", 1000) + strings.Repeat("]", 1000),
		"a thousand open arrays":     strings.Repeat("[", 1000),
		"a thousand objects":         strings.Repeat(`{"title":`, 1000) + "1" + strings.Repeat("}", 1000),
		"depth inside a field":       `{"title":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `}`,
		"a million open brackets":    strings.Repeat("[", 1_000_000),
		"broken UTF-8":               "{\"title\":\"a\xffb\"}",
		"broken UTF-8 in a key":      "{\"\xc0\xaf\":1}",
		"an overlong NUL":            "{\"title\":\"\xc0\x80\"}",
		"a surrogate's bytes":        "{\"title\":\"\xed\xa0\x80\"}",
		"UTF-16":                     "\xff\xfe{\x00}\x00",
		"a byte order mark":          "\ufeff{}",
		"a raw control character":    "{\"title\":\"a\x01b\"}",
		"a NUL behind the end":       "{}\x00",
		"two documents":              "{}{}",
		"a comment":                  "{/* */}",
		"a trailing comma":           `{"title":"abc",}`,
		"single quotes":              `{'title':'abc'}`,
		"a bad escape":               `{"title":"\x41"}`,
		"half an escape":             `{"title":"\u00"}`,
		"NaN":                        `{"amount":NaN}`,
		"a leading zero":             `{"amount":01}`,
		"a bare word":                `undefined`,
		"blanks alone":               strings.Repeat(" ", 1000),
		"an object that does not en": `{"title":"abc"`,
		"XML":                        `<?xml version="1.0"?><title>abc</title>`,
		"more than a mebibyte":       `{"title":"` + strings.Repeat("x", 1<<20) + `"}`,
		"ten megabytes":              `{"title":"` + strings.Repeat("x", 10<<20) + `"}`,
	}
	for d, u := range updates {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, func(o *routes.Options) { o.NoLimits = true })
			before := srv.rows(t, "default")
			for name, body := range bodies {
				for _, chunked := range []bool{false, true} {
					a := asks(u.line, body, u.headers...)
					a.header.Set("Idempotency-Key", name+strconv.FormatBool(chunked))
					a.chunked = chunked
					got := do(t, srv, a)
					refusal(t, got, u.envelop)
					if t.Failed() {
						t.Fatalf("the body was %s, chunked %v", name, chunked)
					}
				}
			}
			if !same(before, srv.rows(t, "default")) {
				t.Error("something changed")
			}
			if log := srv.log.String(); strings.Contains(log, "level=ERROR") {
				t.Errorf("the log is\n%s", log)
			}
		})
	}
}

func TestTenMegabytesOverHTTPAre413(t *testing.T) {
	t.Parallel()
	ts := listen(t, newServer(t))
	for d, u := range updates {
		for _, chunked := range []bool{false, true} {
			a := asks(u.line, `{"title":"`+strings.Repeat("x", 10<<20)+`"}`, u.headers...)
			a.chunked = chunked
			r, err := http.NewRequestWithContext(t.Context(), a.method, ts.URL+a.path, strings.NewReader(a.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header = a.header
			if chunked {
				r.ContentLength, r.Body = -1, io.NopCloser(strings.NewReader(a.body))
			}
			res, err := ts.Client().Do(r)
			if err != nil {
				continue // the server may hang up before all is sent, and then the client sees that
			}
			body, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if res.StatusCode != 413 || gjson.GetBytes(body, u.envelop).Str == "" {
				t.Errorf("%s, chunked %v: answered %d %s", d, chunked, res.StatusCode, brief(string(body)))
			}
		}
	}
}

// keys is an object of many keys.
func keys(n int) string {
	b := append(make([]byte, 0, 16*n), '{')
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendInt(append(b, `"k`...), int64(i), 10), `":"v"`...)
	}
	return string(append(b, '}'))
}

func TestMillionKeysAreNoTrouble(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(o *routes.Options) { o.Body = 64 << 20 })
	before := srv.rows(t, "default")
	do(t, srv, asks(updates["kirimdev"].line, keys(1_000_000), kirimdev)).want(t, 200) // unknown, so ignored
	after := srv.rows(t, "default")
	maps.DeleteFunc(after, func(row string, _ uint64) bool { return strings.HasPrefix(row, "audit ") })
	if !same(before, after) {
		t.Error("something changed")
	}
}

// As many keys as fit into the body that is taken by default.
func TestManyKeysAreRefusedWhereTheyCount(t *testing.T) {
	t.Parallel()
	many := keys(80_000)
	for name, c := range map[string]struct {
		u    update
		body string
		code string // at the envelope's place
	}{
		"unknown ones that are refused": {updates["priceblocs"], many, "invalid_request_error"},
		"a map with a limit":            {updates["leanrails"], `{"metadata":` + many + `}`, "parameter_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t)
			before := srv.rows(t, "default")
			a := do(t, srv, asks(c.u.line, c.body, c.u.headers...)).want(t, 400)
			refusal(t, a, c.u.envelop)
			if got := gjson.Get(a.body, c.u.envelop).Str; got != c.code || !same(before, srv.rows(t, "default")) {
				t.Errorf("answered %s with the code %s, want %s and no change", brief(a.body), got, c.code)
			}
		})
	}
	// A field of any shape takes them, and gives them back.
	srv := newServer(t)
	a := do(t, srv, asks(updates["devdraft"].line, `{"customFields":`+many+`}`, devdraft...))
	if a.status != 400 && gjson.Get(a.body, "customFields").Raw != many {
		t.Errorf("answered %d with %d bytes", a.status, len(a.body))
	}
}

func TestRepeatedKeysCountByTheLast(t *testing.T) {
	t.Parallel()
	for d, c := range map[string]struct{ body, path, want string }{
		"kirimdev":   {`{"success_redirect_url":7,"success_redirect_url":"https://b.example"}`, "data.success_redirect_url", "https://b.example"},
		"leanrails":  {`{"metadata":{"a":"1"},"metadata":{"b":"1","b":"2"}}`, "metadata", `{"campaign":"spring","b":"2"}`},
		"priceblocs": {`{"automatic_tax":{"enabled":1},"automatic_tax":{"enabled":true,"enabled":false}}`, "automatic_tax", `{"enabled":false}`},
		"devdraft":   {`{"title":"x","title":"\u0041bc","tit\u006ce":"Last"}`, "title", "Last"},
		"katu9":      {`{"transactionId":"nope","amount":0,"transactionId":"75906707-8c31-479c-b354-aa805c4cefbc","amount":7}`, "data.paymentLink.amount", "7"},
	} {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			a := do(t, newServer(t), asks(updates[d].line, c.body, updates[d].headers...))
			if got := gjson.Get(a.body, c.path).String(); a.status > 299 || got != c.want {
				t.Errorf("answered %d with %s = %s, want %s", a.status, c.path, got, c.want)
			}
		})
	}
}

// bad is randomness that is a fault of ours.
type bad struct{ with any }

func (b bad) Read([]byte) (int, error) { panic(b.with) }

func TestPanicIsTheDialects500AndNoMore(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for d, kind := range map[string]string{"kirimdev": "link", "leanrails": "link", "priceblocs": "link", "devdraft": "link", "katu9": "transaction"} {
		id := map[string]string{"kirimdev": kirimdevLink, "leanrails": leanrailsLink, "priceblocs": "00000000-0000-0000-0000-000000000000",
			"devdraft": devdraftLink, "katu9": "75906707-8c31-479c-b354-aa805c4cefbc"}[d]
		body := cmp.Or(map[string]string{"katu9": katu9Free}[d], "{}")
		srv.breaks(t, kind, d, id)
		for range 2 { // the key of the first is not stuck
			a := do(t, srv, asks(updates[d].line, body, updates[d].headers...)).want(t, 500)
			if gjson.Get(a.body, updates[d].envelop).Str == "" || strings.Contains(a.body, "nil") || strings.Contains(a.body, "runtime") {
				t.Errorf("%s answered %s", d, a.body)
			}
		}
	}
	// What is not broken is served on.
	do(t, srv, asks("GET /leanrails/v1/checkout_links/cl_0inactive000", "", leanrails)).want(t, 200)
	logged := srv.log.String()
	if !strings.Contains(logged, "panic while answering") || !strings.Contains(logged, "dialect=katu9") {
		t.Errorf("the log is\n%s", logged)
	}
	for _, s := range secrets() {
		if strings.Contains(logged, s) {
			t.Errorf("the log shows the credential %s", s)
		}
	}
}

func TestPanicAtTheVeryBeginningIsTheDialects500(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(o *routes.Options) { o.Random = bad{"the source of randomness is gone"} })
	a := do(t, srv, asks(updates["kirimdev"].line, "{}", kirimdev)).want(t, 500) // its request ids are drawn first
	if gjson.Get(a.body, "error.code").Str != "internal_error" {
		t.Errorf("answered %s", a.body)
	}
}

func TestPanicBeforeTheAnswerLetsGoOfTheIdempotencyKey(t *testing.T) {
	t.Parallel()
	broken := true
	srv := newServer(t, func(o *routes.Options) {
		o.Random = reader(func(b []byte) (int, error) {
			if broken {
				panic("the source of randomness is gone")
			}
			clear(b)
			return len(b), nil
		})
	})
	a := asks("POST /leanrails/v1/checkout_links", `{"title":"One","line_items":[{"price":"price_3fg6hj9km1np"}]}`, leanrails, "Idempotency-Key: k")
	before := srv.rows(t, "default")
	do(t, srv, a).want(t, 500)
	if !same(before, srv.rows(t, "default")) {
		t.Error("something changed")
	}
	broken = false
	// It is kept under its key like every answer of this dialect; another key is free.
	if got := do(t, srv, a).want(t, 500); got.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("the second answer has the headers %v", got.header)
	}
	a.header.Set("Idempotency-Key", "k2")
	do(t, srv, a).want(t, 200)
}

type reader func(b []byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }

func TestAbortedHandlerStaysAborted(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(o *routes.Options) { o.Random = bad{http.ErrAbortHandler} })
	a := asks("POST /leanrails/v1/checkout_links", `{"title":"One","line_items":[{"price":"price_3fg6hj9km1np"}]}`, leanrails, "Idempotency-Key: k")
	for range 2 { // the second does not wait for the first
		func() {
			defer func() {
				if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
					t.Errorf("recovered %v, want http.ErrAbortHandler", err)
				}
			}()
			do(t, srv, a)
		}()
	}
}

func TestBodyThatEndsEarlyIsRefused(t *testing.T) {
	t.Parallel()
	for d, u := range updates {
		srv := newServer(t)
		before := srv.rows(t, "default")
		a := asks(u.line, "{}", u.headers...)
		r, err := http.NewRequestWithContext(t.Context(), a.method, a.path, io.MultiReader(strings.NewReader("{"), cut{}))
		if err != nil {
			t.Fatal(err)
		}
		r.Header, r.ContentLength = a.header, 1000
		w := newRecorder()
		srv.ServeHTTP(w, r)
		refusal(t, answer{w.Code, w.Header(), w.Body.String()}, u.envelop)
		if !same(before, srv.rows(t, "default")) {
			t.Errorf("%s: something changed", d)
		}
	}
}

type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestRequestOfAClientThatLeftChangesNothing(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	before := srv.rows(t, "default")
	n := 0
	for _, u := range updates {
		a := asks(u.line, `{}`, u.headers...)
		r, err := http.NewRequestWithContext(gone(t), a.method, a.path, strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = a.header
		w := newRecorder()
		func() {
			defer func() {
				switch err, _ := recover().(error); {
				case errors.Is(err, http.ErrAbortHandler):
					n++
				case w.Code < 400 || w.Code >= 500: // refused before it came to a change
					t.Errorf("answered %d, recovered %v", w.Code, err)
				}
			}()
			srv.ServeHTTP(w, r)
		}()
	}
	if !same(before, srv.rows(t, "default")) {
		t.Error("something changed")
	}
	if got := strings.Count(srv.log.String(), "status=0 why=aborted"); got != n || n != len(updates)-1 || strings.Contains(srv.log.String(), "level=ERROR") {
		t.Errorf("%d of %d are noted as aborted; the log is\n%s", got, n, &srv.log)
	}
}

// TestTextsThatAreNoUTF8StayReadable has a client whose name ends inside a
// character where it is cut, and one whose name is in another encoding.
func TestTextsThatAreNoUTF8StayReadable(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for name, want := range map[string]string{
		strings.Repeat("a", 199) + "é": strings.Repeat("a", 199),
		"Caf\xe9 \xff":                 "Caf\uFFFD \uFFFD",
	} {
		do(t, srv, asks("PUT /devdraft"+devdraftPath, `{"title":"Title `+strconv.Itoa(len(name))+`"}`, append([]string{"User-Agent: " + name}, devdraft...)...)).want(t, 200)
		db, err := srv.Sandbox("default")
		if err != nil {
			t.Fatal(err)
		}
		rows := db.Read(context.Background()).Scan(record.Audits.Kind, record.Audits.Kind, store.Page{Limit: 1})
		doc := string(document.Of(rows[0].Record, false))
		if got := gjson.Get(doc, "request.user_agent").Str; got != want || !utf8.ValidString(doc) {
			t.Errorf("kept %q, want %q", got, want)
		}
	}
}
