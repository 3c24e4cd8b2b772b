package admin

import (
	"bytes"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func TestAnEntryIsALineForTheShell(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for name, c := range map[string]struct {
		line, body string
		headers    []string
		host       string
		want       string
	}{
		"two headers": {devUpdate, `{"title":"it's $HOME"}`, append([]string{"X-Session-Id: hunter2hunter2"}, devdraft...), "", "curl -X PUT -g http://localhost:12121" + strings.TrimPrefix(devUpdate, "PUT ") +
			` -H 'Content-Type: application/json' -H 'X-Client-Key: '"$KEY" -H 'X-Client-Secret: '"$SECRET" -H 'X-Session-Id: '"$X_SESSION_ID" --data-raw '{"title":"it'\''s $HOME"}'`},
		"bearer": {"GET /katu9/balance?a=b%20c&d='", "", append([]string{"Accept: */*", "User-Agent: curl/8.5", "Accept-Language: de"}, katu9...), "",
			`curl -g 'http://localhost:12121/katu9/balance?a=b%20c&d='\''' -H 'Accept-Language: de' -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json'`},
		"basic, a form": {"POST /stripe/v1/products", "name=Tea", []string{"Authorization: Basic c2tfdGVzdF9tYWluOg==", "Content-Type: application/x-www-form-urlencoded"}, "",
			`curl -X POST -g http://localhost:12121/stripe/v1/products -H "Authorization: Bearer $KEY" -H 'Content-Type: application/x-www-form-urlencoded' --data-raw name=Tea`},
		"a real host": {"GET /balance", "", []string{"Authorization: Bearer tok_sandbox_main"}, "api.katu9.com",
			`curl -H 'Host: api.katu9.com' -g http://localhost:12121/balance -H "Authorization: Bearer $KEY"`},
		"a sandbox by header": {"GET /katu9/balance", "", []string{"X-Polylink-Sandbox: shell", "Authorization: Bearer tok_sandbox_main"}, "",
			`curl -g http://localhost:12121/katu9/balance -H "Authorization: Bearer $KEY" -H 'X-Polylink-Sandbox: shell'`},
		"a sandbox by key": {"GET /katu9/balance", "", []string{"Authorization: Bearer tok_sandbox_main~shell"}, "",
			`curl -g http://localhost:12121/katu9/balance -H 'X-Polylink-Sandbox: shell' -H "Authorization: Bearer $KEY"`},
		"HEAD, lost": {"HEAD /nowhere", "", nil, "", `curl --head -g http://localhost:12121/nowhere`},
	} {
		r := l.request(c.line, c.body, c.headers...)
		if c.host != "" {
			r.Host = c.host
		}
		n := l.serve(r).header.Get("X-Polylink-Request")
		sandbox := "default"
		if strings.Contains(strings.Join(c.headers, "\n"), "shell") {
			sandbox = "shell"
		}
		a := l.in(sandbox, "GET /requests/"+n+"/curl", "").want(200)
		if a.body != c.want+"\n" {
			t.Errorf("%s: the line is %s", name, a.body)
		}
	}
	l.admin("GET /requests/999/curl", "").refused(404, "evicted")
}

func TestTheJournalIsAnHTTPArchive(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.send("GET /katu9/balance?a=b%20c&d", "", katu9...).want(200)
	l.send(devUpdate, `{"title":"One"}`, devdraft...).want(200)
	a := l.admin("GET /requests.har?dialect=devdraft", "").want(200)
	if a.get("log.entries.#") != "1" {
		t.Errorf("a filter leaves %s", a.body)
	}
	a = l.admin("GET /requests.har", "").want(200)
	if bytes.Contains([]byte(a.body), []byte("your_client")) {
		t.Error("a secret is in the archive")
	}
	for path, want := range map[string]string{
		"log.version": "1.2", "log.creator.name": "polylink", "log.entries.#": "2", "log.entries.0._dialect": "katu9", "log.entries.0.request.url": "http://localhost:12121/katu9/balance?a=b%20c&d",
		"log.entries.0.request.queryString": `[{"name":"a","value":"b c"},{"name":"d","value":""}]`, "log.entries.0.request.postData": "", "log.entries.0.startedDateTime": "2026-01-02T03:04:05Z",
		"log.entries.1.request.method": "PUT", "log.entries.1.request.postData": `{"mimeType":"application/json","text":"{\"title\":\"One\"}"}`, "log.entries.1.response.status": "200",
		"log.entries.1.response.statusText": "OK", "log.entries.1.response.content.mimeType": "application/json", "log.entries.1.cache": "{}", "log.entries.1.timings.send": "0",
	} {
		if got := gjson.Get(a.body, path).String(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	size := gjson.Get(a.body, "log.entries.1.response.content")
	if len(size.Get("text").Str) != int(size.Get("size").Int()) {
		t.Errorf("the content is %s", size)
	}
}
