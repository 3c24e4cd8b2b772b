package console

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/dialect"
)

func TestTheRootIsAPageForBrowsersAndJSONForOthers(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for accept, page := range map[string]bool{
		"": false, "*/*": false, "application/json": false, "text/html": true, "TEXT/HTML": true, "text/html;q=0": false, "text/*": false,
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": true, "application/json, text/html;q=0.5": false, "application/json;q=0.5, text/html": true, "text/html;q=x": false,
	} {
		var headers []string
		if accept != "" {
			headers = []string{"Accept: " + accept}
		}
		a := l.send("GET /", "", headers...).want(200)
		if got := strings.HasPrefix(a.header.Get("Content-Type"), "text/html"); got != page || a.header.Get("Vary") != "Accept" {
			t.Errorf("%q is answered with %v", accept, a.header)
		}
		for _, d := range repository().set.Dialects {
			a.says(d.Name, "http://localhost:12121/"+d.Name)
		}
		csp := a.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"} {
			if !strings.Contains(csp, part) || strings.Contains(csp, "unsafe") {
				t.Errorf("the policy is %q", csp)
			}
		}
	}
	var index Index
	if err := json.Unmarshal([]byte(l.send("GET /~w1/", "").want(200).body), &index); err != nil || index.Sandbox != "w1" || index.Control != "http://localhost:12121/~w1/__admin/" ||
		len(index.Dialects) != len(repository().set.Dialects) || index.Dialects[0].URL != "http://localhost:12121/~w1/"+index.Dialects[0].Name {
		t.Errorf("the index is %+v, %v", index, err)
	}
	if a := l.send("HEAD /", "", "Accept: text/html").want(200); a.body != "" {
		t.Errorf("HEAD has a body: %q", a.body)
	}
	l.send("POST /", "").want(404)
	l.send("GET /", "", "Host: devdraft.localhost", "Accept: text/html").want(404).says("Cannot GET /") // which is the dialect's
}

func TestWithoutAControlAPIThereAreNoPages(t *testing.T) {
	t.Parallel()
	h := New(Options{Set: func() *dialect.Set { return repository().set }})
	for line, want := range map[string]int{"GET /": 200, "GET /__console/console.css": 404, "POST /__console/do/sandbox.reset": 404, "GET " + devPage: 404} {
		method, path, _ := strings.Cut(line, " ")
		r, w := httptest.NewRequest(method, path, nil), httptest.NewRecorder()
		r.Host = "localhost"
		r.Header.Set("Accept", "text/html")
		if h.ServeHTTP(w, r); w.Code != want || strings.Contains(w.Body.String(), "<form") {
			t.Errorf("%s is answered %d %s", line, w.Code, w.Body)
		}
	}
}

// filled is a lab in which there is something of everything.
func filled(t *testing.T) *lab {
	l := newLab(t)
	l.do("webhook.create", "dialect=devdraft", "url=http://127.0.0.1:9/hook", "secret=whsec_hidden").want(303)
	l.do("webhook.update", "id=nope", "active=true").want(404)
	l.send("PUT "+devPath, `{"title":"Tea"}`, devdraft...).want(200)
	l.send("PUT "+devPath, `{"title":7}`, devdraft...).want(400)
	l.send("GET /strip/v1/payment_links", "").want(404)
	l.do("event.create", "dialect=devdraft", "event=payment_link.paid", "id="+devLink).want(303)
	l.do("fault.create", "dialect=katu9", "operation=link.create", "status=503", "times=2").want(303)
	l.do("scenario.start", "name=outage-then-fine").want(303)
	l.send("POST /__admin/deliveries/wait", `{"timeout":"20s"}`).want(200)
	return l
}

// pagesOf are all pages of a filled lab.
var pagesOf = []string{"/", "/?status=4xx", "/__console/requests/1", "/__console/requests/2", "/__console/requests/3", devPage, "/__console/dialects/devdraft", "/__console/dialects/stripe"}

func TestEveryFormIsAnActionAndEveryActionHasAForm(t *testing.T) {
	t.Parallel()
	l := filled(t)
	seen := map[string]bool{}
	for _, path := range pagesOf {
		for _, f := range forms(l.page(path).want(200).body) {
			if f.attr("data-testid") == "" {
				t.Errorf("%s: a form has no data-testid: %s", path, f.attrs)
			}
			if f.attr("method") == "get" {
				continue
			}
			name, ours := strings.CutPrefix(f.attr("action"), "/__console/do/")
			act, known := actions[name]
			if f.attr("method") != "post" || !ours || !known {
				t.Errorf("%s: a form is %s", path, f.attrs)
			}
			seen[name] = true
			for _, m := range namePattern.FindAllStringSubmatch(f.body, -1) {
				if _, known := act.fields[m[1]]; !known && m[1] != "back" {
					t.Errorf("%s: the form of %s has a field %s that is not read", path, name, m[1])
				}
			}
		}
	}
	operations := map[string]bool{"clock.free": true}
	for _, o := range l.api.Operations() {
		operations[o.Name] = true
	}
	for name := range actions {
		if !operations[name] {
			t.Errorf("%s is no operation", name)
		}
		if !seen[name] {
			t.Errorf("no page has a form for %s", name)
		}
	}
}

func TestPagesTellWhatHappened(t *testing.T) {
	t.Parallel()
	l := filled(t)
	l.page("/").says("Tea", "link.update", "mappings/devdraft.yaml:", "http://127.0.0.1:9/hook", "payment_link.paid", "link.create", "503", "0 of 2", "running, step 1", "your_client_key", "no operation")
	l.page("/?status=4xx").says("PUT " + devPath).hides(`data-n="1"`)
	l.page("/?status=4xx&path=/strip/*").says("no_dialect").hides(`data-n="2"`)
	l.page("/?status=ok").want(400).says(`status must be a status such as 409`)
	l.page("/?operation=link.updte").want(400).says("did you mean")
	l.page("/__console/requests/1").says("curl -X PUT", "$KEY", "Tea", "Premium Subscription", `data-testid="cause-line"`, "link.update", devPage, "redacted 15 bytes").hides("your_client_key", "your_client_secret")
	l.page("/__console/requests/2").says("invalid_type", "Nothing.")
	l.page("/__console/requests/3").says("Probably meant", "/v1/payment_links", "stripe")
	l.page(devPage).says("Tea", "Created", "Changed", "/__console/requests/1", "Refused", "Delivered", "http://127.0.0.1:9/hook", "29.99 USDC", `href="/__pay/devdraft/`+devLink)
	l.page("/__console/dialects/devdraft").says("curl -i", "http://localhost:12121/devdraft", "your_client_key", "What its documents leave open", "devdraft.yaml:")
	for _, path := range []string{"/__console/requests/99", "/__console/requests/x", "/__console/links/devdraft/nope", "/__console/links/devdraft", "/__console/links/nope/x", "/__console/dialects/nope", "/__console/", "/__console/nope", "/__console/do", "/__console/links/devdraft/%ff"} {
		l.page(path).want(404).says("<h1>")
	}
}

func TestFormsDoWhatTheySay(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	follow := func(a answer) answer {
		t.Helper()
		to := a.want(303).header.Get("Location")
		path, _, _ := strings.Cut(to, "#")
		return l.page(path).want(200)
	}
	follow(l.do("clock.set", "now=2026-01-02T03:04:05Z", "frozen=true")).says("The clock was set.", "2026-01-02 03:04:05 UTC", "stands still")
	follow(l.do("clock.advance", "by=61m")).says("It is 2026-01-02 04:05:05 UTC now")
	follow(l.do("clock.set", "rate=60")).says("60 times as fast")
	follow(l.do("clock.free")).says("real time again").hides("times as fast", "stands still")
	follow(l.do("link.fail", "dialect=devdraft", "id="+devLink, "back=links/devdraft/"+devLink)).says("<h1>Premium Subscription", "payment that failed")
	follow(l.do("link.complete", "dialect=devdraft", "id="+devLink, "outcome=success")).says("was paid")
	follow(l.do("link.cancel", "dialect=devdraft", "id="+devLink)).says("was turned away")
	follow(l.do("link.expire", "dialect=devdraft", "id="+devLink)).says("has expired")
	follow(l.do("fault.create", "dialect=devdraft", "status=503", "lost=", "abort=")).says("The fault was injected", "503")
	l.send("GET "+devPath, "", devdraft...).want(503)
	follow(l.do("fault.create", "event=payment_link.paid", "dialect=devdraft", "delivery=bad_signature")).says("bad signature")
	follow(l.do("fault.clear")).hides("fault-delete")
	follow(l.do("request.clear")).says("The journal was cleared", "No request")
	follow(l.do("sandbox.create", "name=w7")).says("w7 was made", `href="/~w7/"`)
	follow(l.form("/~w7/__console/do/clock.set", "now=2030-01-01", "frozen=true")).says("2030-01-01 00:00:00 UTC", `data-testid="sandbox">w7<`)
	l.page("/").hides("2030-01-01 00:00:00 UTC")
	follow(l.do("sandbox.create", "from=w7", "name=w8")).says("w8 was made")
	if to := l.form("/~w8/__console/do/sandbox.delete", "name=w8").want(303).header.Get("Location"); !strings.HasPrefix(to, "/?note=") {
		t.Errorf("who deletes the sandbox of the page is led to %s, which makes it again", to)
	}
	follow(l.do("sandbox.reset")).says("as its fixtures have it")
	follow(l.do("webhook.create", "dialect=devdraft", "url=http://127.0.0.1:9/", "events=payment_link.paid, payment_link.created")).says("payment_link.paid, payment_link.created")
}

func TestARefusedFormIsShownAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, c := range []struct {
		name   string
		fields []string
		status int
		says   []string
	}{
		{"clock.advance", []string{"by=soon"}, 400, []string{"duration", `value="soon"`}},
		{"clock.set", []string{"rate=fast"}, 400, []string{"rate must be a number", `value="fast"`}},
		{"clock.set", []string{"rate=NaN"}, 400, []string{"rate must be a number"}},
		{"fault.create", []string{"times=many", "delay=2s"}, 400, []string{"times must be a whole number", `value="2s"`}},
		{"fault.create", []string{"status=99"}, 400, []string{"status"}},
		{"webhook.create", []string{"dialect=devdraft", "url=ftp://x", "secret=whsec_never"}, 400, []string{"absolute http or https URL", `value="ftp://x"`}},
		{"link.complete", []string{"dialect=devdraft", "id=nope"}, 404, []string{"there is no link"}},
		{"link.complete", []string{"dialect=devdraft", "id=" + devLink, "outcome=<b>", "back=links/devdraft/" + devLink}, 400, []string{"<h1>Premium", "outcome"}},
		{"sandbox.create", []string{"name=Nope"}, 400, []string{"name must be"}},
		{"scenario.start", []string{"name=nope"}, 404, []string{"scenario"}},
		{"nothing.here", nil, 404, []string{"no such action"}},
	} {
		l.do(c.name, c.fields...).want(c.status).says(c.says...).says(`role="alert"`).hides("<b>", "whsec_never")
	}
	for _, back := range []string{"//evil.example", "/\\evil.example", "https://evil.example", "links/../../x/y", "links/a/b/c", "do/sandbox.reset", "links/devdraft/x\r\nSet-Cookie: a=b"} {
		if to := l.do("fault.clear", "back="+back).want(303).header.Get("Location"); !strings.HasPrefix(to, "/?note=") {
			t.Errorf("%q leads to %q", back, to)
		}
	}
	l.send("POST /__console/do/fault.clear", "{}", "Content-Type: application/json").want(415)
	l.send("POST /__console/do/fault.clear", "a="+strings.Repeat("x", mostForm), "Content-Type: application/x-www-form-urlencoded").want(413)
	l.send("POST /__console/do/fault.clear", strings.Repeat("a=1&", mostFields+1), "Content-Type: application/x-www-form-urlencoded").want(400)
	l.send("POST /__console/do/sandbox.create", "name=%ff", "Content-Type: application/x-www-form-urlencoded").want(400)
	l.send("POST /__console/do/sandbox.create", "%zz", "Content-Type: application/x-www-form-urlencoded").want(400)
	for line, allow := range map[string]string{"GET /__console/do/fault.clear": "POST", "DELETE /__console/requests/1": "GET, HEAD", "POST " + devPage: "GET, HEAD"} {
		if a := l.send(line, "").want(405); a.header.Get("Allow") != allow {
			t.Errorf("%s allows %q", line, a.header.Get("Allow"))
		}
	}
	l.page("/__console/", "X-Polylink-Sandbox: NO").want(400)
}

func TestNothingThatAClientSaysBecomesMarkup(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'` + "`${1}{{.}}\u202e"
	quoted, _ := json.Marshal(evil)
	l.send("PUT "+devPath, `{"title":`+string(quoted)+`,"description":`+string(quoted)+`}`, devdraft...).want(200)
	l.send("GET /devdraft/%22%3E%3Cscript%3Ealert(1)%3C/script%3E?a=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&b="+strings.ReplaceAll(`"><script>alert(1)</script>`, " ", ""), "", append([]string{"User-Agent: " + evil, "Traceparent: " + evil}, devdraft...)...).want(404)
	l.do("webhook.create", "dialect=devdraft", "url=http://127.0.0.1:9/<script>alert(1)</script>", `secret=a`).want(303)
	l.do("fault.create", "delay="+evil).want(400).hides("<script>alert", "<img src=x")
	l.do("link.fail", "dialect="+evil, "id="+evil).want(404).hides("<script>alert", "<img src=x")
	for _, path := range []string{"/", "/?path=" + "%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/?note=%3Cscript%3Ealert(1)%3C/script%3E", "/__console/requests/1", "/__console/requests/2", devPage, "/__console/links/%3Cscript%3E/x"} {
		l.page(path).hides("<script>alert", "<img src=x", "ZgotmplZ", "onerror=alert(1)>")
	}
	l.page(devPage).says("<h1>&#34;&gt;&lt;script&gt;alert(1)")
	if rows := l.stream("since=0", 2); strings.Contains(rows, "<script>alert") || !strings.Contains(rows, "&lt;script&gt;") || strings.Contains(rows, "ZgotmplZ") {
		t.Errorf("the stream tells %s", rows)
	}
}

func TestTheStreamTellsRowsAsTheyCome(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.send("GET "+devPath, "", devdraft...).want(200)
	l.send("GET "+devPath, "").want(401)
	if rows := l.stream("since=0&status=4xx", 1); !strings.Contains(rows, "id: 2\nevent: request\ndata: <tr data-n=\"2\">") || strings.Contains(rows, "id: 1\n") {
		t.Errorf("the stream tells %s", rows)
	}
	l.send("GET /__console/stream?since=x", "").want(400)
	l.send("GET /__console/stream?status=x", "").want(400)
}

func TestPagesAreHeldToTheRulesOfTheControlAPI(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	reset := "POST /__console/do/sandbox.reset"
	form := "Content-Type: application/x-www-form-urlencoded"
	for _, c := range []struct {
		line    string
		headers []string
		want    int
	}{
		{reset, []string{form, "Origin: http://localhost:12121"}, 303},
		{reset, []string{form}, 303}, // curl
		{reset, []string{form, "Origin: http://evil.example"}, 403},
		{reset, []string{form, "Origin: null"}, 403},
		{reset, []string{form, "Sec-Fetch-Site: cross-site"}, 403},
		{reset, []string{form, "Sec-Fetch-Site: same-site"}, 403},
		{reset, []string{form, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{reset, []string{form, "Host: rebind.example:12121", "Origin: http://rebind.example:12121"}, 421},
		{"GET /", []string{"Accept: text/html", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 200}, // a link that was followed
		{"GET /", []string{"Accept: text/html", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"}, 403},
		{"GET /", []string{"Accept: text/html", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image"}, 403},
		{"GET /", []string{"Accept: text/html", "Host: rebind.example"}, 421},
		{"GET /", []string{"Host: rebind.example"}, 404},
		{"GET /__console/stream", []string{"Origin: http://evil.example"}, 403},
	} {
		l.send(c.line, "", c.headers...).want(c.want)
	}
	l = newLab(t, func(o *admin.Options) { o.Token = admin.SameToken("s3cret-token") })
	if a := l.page("/").want(401); a.header.Get("WWW-Authenticate") != `Basic realm="polylink", charset="UTF-8"` {
		t.Errorf("a browser is asked by %q", a.header.Get("WWW-Authenticate"))
	}
	l.send("GET /", "").want(200).says("devdraft") // which the refusal of any unknown path says, too
	l.do("sandbox.reset").want(401)
	l.page("/", "Authorization: Basic OnMzY3JldC10b2tlbg==").want(200).hides("s3cret-token") // ":s3cret-token"
	l.page("/", "Authorization: Bearer s3cret-token").want(200)
	l.page("/", "Authorization: Basic Og==").want(401)
	l.send("GET /__admin/clock", "", "Authorization: Basic OnMzY3JldC10b2tlbg==").want(200)
}

func TestLinksAndFormsStayInTheirSandbox(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, a := range []answer{l.page("/~w1/"), l.page("/", "X-Polylink-Sandbox: w1"), l.page("/~w1" + devPage)} {
		a.want(200).says(`data-testid="sandbox">w1<`)
		for _, f := range forms(a.body) {
			if !strings.HasPrefix(f.attr("action"), "/~w1/") {
				t.Errorf("a form of w1 leads to %s", f.attr("action"))
			}
		}
		a.hides(`href="/__pay/`, `href="/__console/`, `src="/__console/`, `data-stream="/__console/`)
	}
}

func TestAssetsAreServed(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for name, mime := range mimes {
		a := l.send("GET /__console/"+name, "").want(200)
		if a.header.Get("Content-Type") != mime || a.header.Get("ETag") == "" || a.body == "" {
			t.Errorf("%s is answered with %v", name, a.header)
		}
		l.send("GET /__console/"+name, "", "If-None-Match: "+a.header.Get("ETag")).want(304)
	}
}

func TestNotesAreToldOnceAndBounded(t *testing.T) {
	t.Parallel()
	n := notes{random: newLab(t).pages.o.Random}
	first := n.keep("first")
	var names []string
	for i := range mostNotes {
		names = append(names, n.keep(strconv.Itoa(i)))
	}
	if n.take(first) != "" || n.take(names[0]) != "0" || n.take(names[0]) != "" || n.take("nope") != "" || len(n.texts) != mostNotes-1 || slices.Contains(n.names, names[0]) {
		t.Errorf("%d notes are kept", len(n.texts))
	}
}
