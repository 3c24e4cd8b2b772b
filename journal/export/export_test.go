package export

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/journal"
)

// words are what a shell gives a command for a line, with the credentials of
// the tests in its variables.
func words(t *testing.T, line string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `curl() { printf '%s\0' "$@"; }; `+line)
	cmd.Env = append(os.Environ(), "KEY=the key", "SECRET=it's secret", "X_SESSION_ID=s1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

func TestQuotedTextsAreOneWord(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "a b", "'", "''", `\`, `"$x"`, "`id`", "$(id)", "a\nb", "ü", "-", "!", "*", "~", "#", "{a,b}"} {
		if got := words(t, "curl "+quoted(text)); len(got) != 1 || got[0] != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// entry is one with everything that an export shows.
func entry() journal.Shown {
	return journal.Shown{N: 7, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Sandbox: "worker7", Dialect: "tea", Operation: "cup.update", DurationMS: 1.5,
		Request: journal.ShownRequest{Method: "PUT", Scheme: "http", Host: "localhost:12121", Path: "/tea/cups/1", Query: "a=b%20c&d&e=%ff&f=%zz",
			Headers: map[string][]string{"Content-Type": {"application/json"}, "Authorization": {"<secret>"}, "X-Tag": {"one", "two"}}, Body: `{"it's":1}`, BodySize: 10},
		Response: journal.ShownResponse{Status: 303, Headers: map[string][]string{"location": {"/tea/cups/2"}, "Content-Type": {"text/plain"}}, Body: "gone", BodySize: 4}}
}

func TestAnArchiveHasWhatHARAsksFor(t *testing.T) {
	t.Parallel()
	first, second := entry(), entry()
	second.N, second.Request.Body, second.Request.BodySize = 8, "", 0
	data, err := json.Marshal(Archive([]journal.Shown{second, first}, "1.2.3"))
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"log.version": "1.2", "log.creator": `{"name":"polylink","version":"1.2.3"}`, "log.entries.#._n": "[7,8]",
		"log.entries.0.startedDateTime": "2026-01-02T03:04:05Z", "log.entries.0.time": "1.5", "log.entries.0.timings": `{"send":0,"wait":1.5,"receive":0}`, "log.entries.0.cache": "{}",
		"log.entries.0.request.url": "http://localhost:12121/tea/cups/1?a=b%20c&d&e=%ff&f=%zz", "log.entries.0.request.cookies": "[]", "log.entries.0.request.headersSize": "-1",
		"log.entries.0.request.queryString":     `[{"name":"a","value":"b c"},{"name":"d","value":""},{"name":"e","value":"�"},{"name":"f","value":"%zz"}]`,
		"log.entries.0.request.headers.#.value": `["<secret>","application/json","one","two"]`,
		"log.entries.0.request.postData":        `{"mimeType":"application/json","text":"{\"it's\":1}"}`,
		"log.entries.1.request.postData":        "",
		"log.entries.0.response.redirectURL":    "/tea/cups/2",
		"log.entries.0.response.statusText":     "See Other",
		"log.entries.0.response.content":        `{"size":4,"mimeType":"text/plain","text":"gone"}`,
		"log.entries.0._sandbox":                "worker7",
		"log.entries.0._operation":              "cup.update",
	} {
		got := gjson.GetBytes(data, path)
		if text := got.String(); text != want && got.Raw != strings.ReplaceAll(want, "<secret>", `\u003csecret\u003e`) {
			t.Errorf("%s is %s, want %s", path, text, want)
		}
	}
	if got, err := json.Marshal(Archive(nil, "")); err != nil || gjson.GetBytes(got, "log.entries").Raw != "[]" {
		t.Errorf("an archive of nothing is %s, %v", got, err)
	}
}

func TestALineGoesWhereItsReaderReachesPolylink(t *testing.T) {
	t.Parallel()
	tea := &dialect.Dialect{Hosts: []string{"api.tea.example"}, Auth: access.Auth{Scheme: "headers", Headers: []string{"X-Key", "X-Secret"}}}
	for name, c := range map[string]struct {
		change func(*journal.Shown)
		client Client
		want   []string
	}{
		"as it was": {func(*journal.Shown) {}, Client{}, []string{"-X", "PUT", "-g", "http://localhost:12121/tea/cups/1?a=b%20c&d&e=%ff&f=%zz",
			"-H", "X-Polylink-Sandbox: worker7", "-H", "Authorization: Bearer the key", "-H", "Content-Type: application/json", "-H", "X-Tag: one", "-H", "X-Tag: two", "--data-raw", `{"it's":1}`}},
		"a real host": {func(e *journal.Shown) {
			e.Request = journal.ShownRequest{Method: "GET", Scheme: "https", Host: "API.tea.example:443", Path: "/cups", Headers: map[string][]string{"x-key": {"k"}, "X-Secret": {"s"}}}
			e.Sandbox = "default"
		}, Client{"http://here:1", tea}, []string{"-H", "Host: API.tea.example:443", "-g", "http://here:1/cups", "-H", "X-Secret: it's secret", "-H", "x-key: the key"}},
		"basic, nothing to quote": {func(e *journal.Shown) {
			e.Request.Query, e.Request.Body, e.Sandbox = "", "name=Tea", ""
			e.Request.Headers = map[string][]string{"Authorization": {"<secret>"}, "User-Agent": {"curl/8.5"}, "Accept": {"*/*"}, "X-Session-Id": {"<secret>"}}
		}, Client{"http://here:1", &dialect.Dialect{Auth: access.Auth{Scheme: "basic", Schemes: []string{"basic"}}}},
			[]string{"-X", "PUT", "-g", "http://localhost:12121/tea/cups/1", "-u", "the key:", "-H", "X-Session-Id: s1", "--data-raw", "name=Tea"}},
		"another's host": {func(e *journal.Shown) {
			e.Request = journal.ShownRequest{Method: "HEAD", Scheme: "https", Host: "elsewhere", Path: "/~worker7/tea/cups"}
		}, Client{"http://here:1", tea}, []string{"--head", "-g", "https://elsewhere/~worker7/tea/cups"}},
	} {
		e := entry()
		c.change(&e)
		if diff := cmp.Diff(c.want, words(t, Curl(e, c.client))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
