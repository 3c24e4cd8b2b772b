package routes_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/openapi"
	"github.com/polylink-dev/polylink/internal/exchanges"
)

// contract is a dialect's OpenAPI document, against which exchanges are held.
type contract struct {
	dialect string
	doc     *openapi3.T
	router  routers.Router
}

func contractOf(tb testing.TB, d *dialect.Dialect) *contract {
	tb.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document(d, openapi.Options{Closed: true}))
	if err != nil {
		tb.Fatal(err)
	}
	doc.Servers = nil // the prefixes are cut off here
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		tb.Fatal(err)
	}
	return &contract{d.Name, doc, router}
}

var contracts = sync.OnceValue(func() map[string]*contract {
	out := map[string]*contract{}
	for _, d := range shipped().set.Dialects {
		out[d.Name] = contractOf(failing{}, d)
	}
	return out
})

// failing is a test to fail where there is none yet.
type failing struct{ testing.TB }

func (failing) Helper()           {}
func (failing) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// verdict is what came of holding an exchange to the contract.
type verdict struct {
	request, response bool // what was looked at
}

// check holds a request and its answer to the contract. A request that was
// refused is meant to be wrong, so only its answer counts.
func (c *contract) check(r *exchanges.Reply) (v verdict, err error) {
	if t := r.Header.Get("Content-Type"); t == "application/problem+json" || r.Request.Method == http.MethodOptions {
		return v, nil // polylink's own voice
	}
	req, err := c.provider(r)
	if err != nil {
		return v, err
	}
	route, vars, err := c.router.FindRoute(req)
	if err != nil {
		if r.Status < 400 {
			return v, fmt.Errorf("the document has no %s %s: %w", req.Method, req.URL.Path, err)
		}
		v.response = true
		return v, c.catalogued(r)
	}
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: vars, Route: route, Options: &openapi3filter.Options{
		IncludeResponseStatus: true, MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
		ExcludeResponseBody: r.Request.Method == http.MethodHead, SkipSettingDefaults: true,
		ExcludeRequestBody: !strings.HasSuffix(strings.Split(req.Header.Get("Content-Type")+";", ";")[0], "json"), // it reads forms otherwise
	}}
	if r.Status < 300 {
		v.request = true
		if err := openapi3filter.ValidateRequest(req.Context(), in); err != nil {
			return v, fmt.Errorf("the request: %w", err)
		}
	}
	v.response = true
	if r.Status >= 400 && route.Operation.Responses.Status(r.Status) == nil {
		if !asked(r) {
			return v, fmt.Errorf("%s does not list status %d", route.Operation.OperationID, r.Status)
		}
		return v, c.catalogued(r)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: r.Status, Header: canonical(r.Header), Options: in.Options}
	out.SetBodyBytes(r.Body)
	if err := openapi3filter.ValidateResponse(req.Context(), out); err != nil {
		return v, fmt.Errorf("the answer: %w", err)
	}
	return v, nil
}

// provider is the request as the provider would see it: without polylink's
// prefixes, and with GET in the place of HEAD.
func (c *contract) provider(r *exchanges.Reply) (*http.Request, error) {
	req := r.Request.Clone(r.Request.Context())
	path := req.URL.EscapedPath()
	if rest, ok := strings.CutPrefix(path, "/~"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		path = "/" + rest
	}
	if rest, ok := strings.CutPrefix(path, "/"+c.dialect+"/"); ok {
		path = "/" + rest
	}
	plain, err := url.PathUnescape(path)
	if err != nil {
		return nil, err
	}
	req.URL = &url.URL{Path: plain, RawPath: path, RawQuery: req.URL.RawQuery}
	if req.Method == http.MethodHead {
		req.Method = http.MethodGet
	}
	req.Body = http.NoBody
	if len(r.Sent) > 0 {
		req.Body = io.NopCloser(bytes.NewReader(r.Sent))
		if t, _, _ := strings.Cut(req.Header.Get("Content-Type"), ";"); t == "" || strings.HasSuffix(t, "+json") {
			req.Header.Set("Content-Type", "application/json") // which it is taken for
		}
	}
	return req, nil
}

// asked tells whether an answer was asked for by its status.
func asked(r *exchanges.Reply) bool {
	return strings.Contains(r.Request.Header.Get("Prefer"), "code=") || r.Request.URL.Query().Has("__code")
}

// catalogued holds an answer of no operation to the error catalogue.
func (c *contract) catalogued(r *exchanges.Reply) error {
	ref := c.doc.Components.Responses["error."+strconv.Itoa(r.Status)]
	if ref == nil {
		return fmt.Errorf("the document has no error with status %d", r.Status)
	}
	media := ref.Value.Content.Get("application/json")
	if media == nil || r.Request.Method == http.MethodHead {
		if len(r.Body) > 0 {
			return errors.New("there is a body where there should be none")
		}
		return nil
	}
	return media.Schema.Value.VisitJSON(gjson.ParseBytes(r.Body).Value(), openapi3.EnableJSONSchema2020())
}

// canonical writes header names as http.Header has them.
func canonical(h http.Header) http.Header {
	out := http.Header{}
	for name, list := range h {
		for _, v := range list {
			out.Add(name, v)
		}
	}
	return out
}

func TestGoldenExchangesKeepTheOpenAPIDocuments(t *testing.T) {
	t.Parallel()
	for d, list := range goldens(t) {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			var total verdicts
			picked := map[string]*exchanges.Reply{}
			for _, x := range list {
				w, c := newWorld(t, d, x), contracts()[d]
				if len(x.Overrides) > 0 {
					c = contractOf(t, w.Set().Dialect(d))
				}
				got, err := x.Play(w)
				if err != nil {
					t.Fatal(err)
				}
				for i := range got.Replies {
					r := &got.Replies[i]
					if r.Header.Get("Content-Security-Policy") != "" {
						continue // a page, and where one leads
					}
					v, err := c.check(r)
					if err != nil {
						t.Errorf("%s: %s %s %d\n%v\n%s", x.File, r.Request.Method, r.Request.URL, r.Status, err, r.Body)
					}
					total.add(v)
					if kind := telling(x, r); kind != "" && picked[kind] == nil {
						picked[kind] = r
					}
				}
			}
			if total.requests < 10 || total.responses < 20 {
				t.Errorf("only %d requests and %d answers were looked at", total.requests, total.responses)
			}
			if changes := contracts()[d].catches(t, picked); changes < 25 {
				t.Errorf("only %d changed answers were tried", changes)
			}
		})
	}
}

// verdicts counts what was looked at.
type verdicts struct{ requests, responses int }

func (n *verdicts) add(v verdict) {
	if v.request {
		n.requests++
	}
	if v.response {
		n.responses++
	}
}

// telling picks a few answers to be changed: a link, a list and a refusal.
func telling(x *exchanges.Exchange, r *exchanges.Reply) string {
	op := strings.Split(x.File, "/")[1]
	switch {
	case len(x.Overrides) > 0 || !gjson.ValidBytes(r.Body) || r.Header.Get("Content-Type") != "application/json":
		return ""
	case r.Status >= 400:
		return "refusal"
	case strings.HasPrefix(op, "link.") && !strings.HasSuffix(op, ".list"):
		return "link"
	case strings.HasSuffix(op, ".list"):
		return "list"
	}
	return ""
}

// catches changes answers in every way that there is; the document must refuse
// them all. It returns how many there were.
func (c *contract) catches(t *testing.T, picked map[string]*exchanges.Reply) (changes int) {
	t.Helper()
	for kind, r := range picked {
		for change, body := range changed(r.Body) {
			changes++
			other := *r
			other.Body = body
			if _, err := c.check(&other); err == nil && !loose.MatchString(change) {
				t.Errorf("%s: nobody notices %s\n%s", kind, change, body)
			}
		}
	}
	return changes
}

// loose is what answers may have otherwise: values of any shape, members that
// are left out when they are empty, and a message that is a text or a list.
var loose = regexp.MustCompile(`(^| |\.)(payload|metadata|details|customFields|custom_text|custom_fields|delivery_stats|whatsapp_accounts|` +
	`package_dimensions|consent_collection\.\w+|consent_collection$|after_expiration\.\w+|after_expiration$|tax_rates|dynamic_tax_rates)(\.|$)|` +
	`^less error\.(code|doc_url|request_log_url)$|^less (.*\.)?(param|paymentLinkProducts|line_items|discounts\.0\.coupon|after_completion\.(hosted_confirmation|redirect)(\.\w+)?|` +
	`restrictions\.\w+(\.\w+)?|adjustable_quantity\.\w+|payment_intent_data\.\w+(\.\w+)?|shipping_address_collection\.\w+)$|^other message$`)

// changed is a body with one thing changed at a time: a member of another type,
// one less and one more.
func changed(body []byte) map[string][]byte {
	out := map[string][]byte{}
	var walk func(path string, v gjson.Result)
	walk = func(path string, v gjson.Result) {
		if v.IsObject() {
			more, err := sjson.SetBytes(body, join(path, "nobody_knows_this"), 1)
			if err == nil {
				out["more in "+path] = more
			}
		}
		if !v.IsObject() && !v.IsArray() {
			return
		}
		v.ForEach(func(k, val gjson.Result) bool {
			at := join(path, k.String())
			if v.IsArray() {
				walk(join(path, "0"), val)
				return false
			}
			if less, err := sjson.DeleteBytes(body, at); err == nil {
				out["less "+at] = less
			}
			wrong := any([]any{1})
			if val.IsArray() {
				wrong = "x"
			}
			if other, err := sjson.SetBytes(body, at, wrong); err == nil {
				out["other "+at] = other
			}
			walk(at, val)
			return true
		})
	}
	walk("", gjson.ParseBytes(body))
	return out
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
