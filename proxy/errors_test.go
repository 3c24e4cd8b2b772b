package proxy_test

import (
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
)

// refusalOf is the answer by which a dialect refuses something for a class.
func refusalOf(d *dialect.Dialect, class record.Code) (status int, body string) {
	e := &dialect.Env{Random: ids.Random()}
	e.Now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e.Header = func(string) string { return "" }
	e.Query, e.Limit.Retry = e.Header, 7
	f := failures.Of(d, e, dialect.Problem{Code: class, Path: "title", Why: "is wrong", Value: `"x"`})
	f.Noun = d.ResourceFor(record.Links.Kind).Noun
	return d.Errors.Class(class).Status, string(failures.Append(nil, d, e))
}

// asking is an operation that a client of one dialect can ask of another one's
// upstream.
type asking struct{ method, path, body, op string }

func askingOf(from, to string) (asking, bool) {
	g := programs[from]
	switch {
	case g.create[to] != "":
		return asking{"POST", g.path, g.create[to], "link.create"}, true
	case g.list != "" && listers[to].path != "":
		return asking{"GET", g.path, "", "link.list"}, true
	case from == "kirimdev" && (to == "devdraft" || to == "stripe"), to == "kirimdev" && from == "stripe":
		return asking{"GET", "/v1/customers", "", "customer.list"}, true
	case to == "kirimdev" && from == "devdraft":
		return asking{"GET", "/api/v0/customers", "", "customer.list"}, true
	}
	return asking{}, false
}

// expected is the status that an upstream's refusal of a class comes to: 0 is
// that of our own class.
func expected(code record.Code) int {
	switch code {
	case record.CodeUnauthorized, record.CodeNoCredential, record.CodeBadCredential, record.CodeExpiredKey, record.CodeRevokedKey, record.CodePublishable, // the operator's
		record.CodeMalformed, record.CodeNotObject, record.CodeMediaType, record.CodeRoute, record.CodeMethod: // we have made the request
		return http.StatusBadGateway
	}
	return 0
}

// TestEveryClassOfEveryPair: an upstream's refusal becomes the same class of the
// client's catalogue, in its envelope.
func TestEveryClassOfEveryPair(t *testing.T) {
	t.Parallel()
	set, _ := shipped(t)
	asked, pairs := 0, 0
	for _, a := range set.Dialects {
		for _, b := range set.Dialects {
			q, can := askingOf(a.Name, b.Name)
			if a == b || !can {
				continue
			}
			var now atomic.Pointer[record.Code]
			p := newPair(t, a.Name, b.Name, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				status, body := refusalOf(b, *now.Load())
				w.Header().Set("Retry-After", "0")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			}))
			pairs++
			for n, class := range b.Errors.Order {
				now.Store(&class)
				status, sent := refusalOf(b, class)
				read, _ := client.Refusals(b.Op(q.op), status, []byte(sent))
				code := read[0].Code
				want := expected(code)
				switch {
				case want != 0:
				case a.Errors.Class(code).Status == http.StatusUnauthorized:
					want = http.StatusBadGateway
				case code == record.CodeNotOwner || code == record.CodeNotFound && q.op == "link.create":
					want = a.Errors.Class(record.CodeNotFound).Status
				default:
					want = a.Errors.Class(code).Status
				}
				resp := p.ask(t, q.method, q.path, q.body, "Idempotency-Key: "+strconv.Itoa(n))
				body := text(t, resp)
				if resp.StatusCode != want {
					t.Errorf("%s to %s: %s, read as %s, is answered with %d %s, want %d", a.Name, b.Name, class, code, resp.StatusCode, body, want)
				}
				if _, known := client.Refusals(a.Op(q.op), a.Errors.Class(code).Status, []byte(body)); !known && want != http.StatusBadGateway {
					t.Errorf("%s to %s: %s is in no envelope of the client's: %s", a.Name, b.Name, class, body)
				}
				if want == http.StatusBadGateway && !strings.Contains(body, b.Name) {
					t.Errorf("%s to %s: %s does not name the upstream: %s", a.Name, b.Name, class, body)
				}
				if code == record.CodeRateLimited && resp.Header.Get("Retry-After") == "" {
					t.Errorf("%s to %s: a limit without Retry-After", a.Name, b.Name)
				}
				asked++
			}
		}
	}
	if pairs < 20 || asked < 400 {
		t.Errorf("%d pairs had %d answers", pairs, asked)
	}
}
