package console

import (
	"bufio"
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/faults/scenario"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/scenarios"
	"github.com/polylink-dev/polylink/signing"
	"github.com/polylink-dev/polylink/webhook"
)

// repository is the repository's own dialects, compiled once.
var repository = sync.OnceValue(func() (f struct {
	set *dialect.Set
	fix *seed.Fixtures
	all *faults.Scenarios
}) {
	var err error
	if f.set, err = compile.Compile(mappings.FS, nil); err != nil {
		panic(err)
	}
	if f.fix, err = seed.Load(fixtures.FS, f.set); err != nil {
		panic(err)
	}
	list, err := scenario.Shipped(scenarios.FS, f.set)
	if err != nil {
		panic(err)
	}
	f.all = faults.NewScenarios(list)
	return f
})

// lab is a server with its pages.
type lab struct {
	tb    testing.TB
	srv   *routes.Server
	api   *admin.API
	pages *Handler
}

// newLab makes one; change may say otherwise.
func newLab(tb testing.TB, change ...func(*admin.Options)) *lab {
	tb.Helper()
	f := repository()
	set := func() *dialect.Set { return f.set }
	sent := dispatch.New(dispatch.Options{Set: set, Sender: taker{}, Wall: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }})
	tb.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		sent.Drain(ctx)
	})
	worlds, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: f.fix.Rows, Post: sent.Post})
	if err != nil {
		tb.Fatal(err)
	}
	o := admin.Options{Set: set, Fixtures: func() *seed.Fixtures { return f.fix }, Version: "test", Sandboxes: worlds, Scenarios: func() *faults.Scenarios { return f.all }}
	for _, c := range change {
		c(&o)
	}
	l := &lab{tb: tb, api: admin.New(o)}
	l.pages = New(Options{API: l.api, Set: set, Version: "test"})
	if l.srv, err = routes.New(routes.Options{Set: f.set, Fixtures: f.fix, Sandboxes: worlds, Control: l.api, Console: l.pages, Scenarios: o.Scenarios}); err != nil {
		tb.Fatal(err)
	}
	return l
}

// taker takes every delivery.
type taker struct{}

func (taker) Send(context.Context, signing.Request) webhook.Result {
	return webhook.Result{Status: 200, Header: http.Header{}}
}

// answer is what came back.
type answer struct {
	tb     testing.TB
	status int
	header http.Header
	body   string
}

// send makes one request: "METHOD /path", a body and header lines.
func (l *lab) send(line, body string, headers ...string) answer {
	l.tb.Helper()
	method, target, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, target, strings.NewReader(body)).WithContext(l.tb.Context())
	r.Host = "localhost:12121"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Add(name, value); name == "Host" {
			r.Host = value
		}
	}
	w := httptest.NewRecorder()
	l.srv.ServeHTTP(w, r)
	return answer{l.tb, w.Code, w.Header(), w.Body.String()}
}

// page opens a page as a browser does.
func (l *lab) page(path string, headers ...string) answer {
	l.tb.Helper()
	return l.send("GET "+path, "", append([]string{"Accept: text/html,application/xhtml+xml,*/*;q=0.8"}, headers...)...)
}

// form sends a form, as "name=value" pairs.
func (l *lab) form(action string, fields ...string) answer {
	l.tb.Helper()
	values := url.Values{}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, "=")
		values.Add(name, value)
	}
	return l.send("POST "+action, values.Encode(), "Content-Type: application/x-www-form-urlencoded", "Origin: http://localhost:12121", "Sec-Fetch-Site: same-origin")
}

// do sends a form to one of the console's actions.
func (l *lab) do(operation string, fields ...string) answer {
	l.tb.Helper()
	return l.form("/__console/do/"+operation, fields...)
}

// want fails unless an answer has the status.
func (a answer) want(status int) answer {
	a.tb.Helper()
	if a.status != status {
		a.tb.Fatalf("answered %d, want %d: %.600s", a.status, status, a.body)
	}
	return a
}

// says fails unless the text is in an answer.
func (a answer) says(texts ...string) answer {
	a.tb.Helper()
	for _, text := range texts {
		if !strings.Contains(a.body, text) && !strings.Contains(html.UnescapeString(a.body), text) {
			a.tb.Errorf("%q is not in the answer: %.3000s", text, a.body)
		}
	}
	return a
}

// hides fails if a text is in an answer.
func (a answer) hides(texts ...string) answer {
	a.tb.Helper()
	for _, text := range texts {
		if strings.Contains(a.body, text) {
			a.tb.Errorf("%q is in the answer", text)
		}
	}
	return a
}

// formOf is a form as a page has it.
type formOf struct {
	attrs, body string
}

var (
	formPattern = regexp.MustCompile(`(?s)<form ([^>]*)>(.*?)</form>`)
	namePattern = regexp.MustCompile(`name="([^"]*)"`)
)

// forms lists the forms of a page.
func forms(body string) (list []formOf) {
	for _, m := range formPattern.FindAllStringSubmatch(body, -1) {
		list = append(list, formOf{m[1], m[2]})
	}
	return list
}

// attr is an attribute of a form.
func (f formOf) attr(name string) string {
	m := regexp.MustCompile(name + `="([^"]*)"`).FindStringSubmatch(f.attrs)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

var devdraft = []string{"X-Client-Key: your_client_key", "X-Client-Secret: your_client_secret", "Content-Type: application/json"}

const (
	devLink = "550e8400-e29b-41d4-a716-446655440000"
	devPath = "/devdraft/api/v0/payment-links/" + devLink
	devPage = "/__console/links/devdraft/" + devLink
)

// stream reads so many events of the stream of requests.
func (l *lab) stream(query string, n int) string {
	l.tb.Helper()
	srv := httptest.NewServer(l.srv)
	defer srv.Close()
	ctx, cancel := context.WithTimeout(l.tb.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/__console/stream?"+query, nil)
	if err != nil {
		l.tb.Fatal(err)
	}
	resp, err := srv.Client().Do(r)
	if err != nil {
		l.tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out strings.Builder
	lines := bufio.NewScanner(resp.Body)
	for n > 0 && lines.Scan() {
		out.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "data: ") {
			n--
		}
	}
	if n > 0 {
		l.tb.Fatalf("the stream ended: %v, %s", lines.Err(), out.String())
	}
	cancel()
	return out.String()
}
