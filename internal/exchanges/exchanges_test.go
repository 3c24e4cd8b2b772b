package exchanges_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/internal/exchanges"
)

// counter is a world that counts what it is asked.
type counter struct {
	hits   int
	now    time.Duration
	broken string
	given  string
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.hits++
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header()["X-RateLimit-Left"] = []string{fmt.Sprint(9 - c.hits)}
	w.Header().Set("Date", "today")
	w.Header().Set("Content-Length", "1")
	if r.Method == http.MethodDelete {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Add("Via", "b")
	w.Header().Add("Via", "a")
	echo, _ := json.Marshal(map[string]any{"hit": c.hits, "host": r.Host, "path": r.URL.Path, "n": len(body), "head": string(body[:min(12, len(body))]), "later": c.now.String()})
	_, _ = w.Write(echo)
	w.Header().Set("Too-Late", "yes")
}

func (c *counter) Advance(by time.Duration) { c.now += by }

func (c *counter) Given(doc []byte) error { c.given += string(doc); return nil }

func (c *counter) Break(kind, id string) error { c.broken = kind + " " + id; return nil }

func (c *counter) Document(kind, id string) ([]byte, error) {
	if id == "none" {
		return nil, nil
	}
	return []byte(`{"kind":"` + kind + `","id":"` + id + `"}`), nil
}

// story uses everything that a file can have; its answers are missing.
const story = `Shows it all.
class: conflict
class: not_found
behaviour: 7

-- override auth.strict --
true
-- given --
{"id":7}
-- request --
POST /things?x=1
Content-Type: application/json

{"a":"{{3*ab}}","b":[{{2*%d,}}0]}
-- canonical thing/{{hit}} --
-- repeat 2 --
-- advance 90s --
-- request --
GET /things/{{hit}}
Host: a.example
X-Left: {{header x-ratelimit-left}}
-- canonical thing/none --
-- break thing/{{hit}} --
-- request --
DELETE /things/{{n}}
-- response --
`

// played is the story with its answers.
const played = `Shows it all.
class: conflict
class: not_found
behaviour: 7

-- override auth.strict --
true
-- given --
{"id":7}
-- request --
POST /things?x=1
Content-Type: application/json

{"a":"{{3*ab}}","b":[{{2*%d,}}0]}
-- canonical thing/{{hit}} --
{
  "kind": "thing",
  "id": "1"
}
-- response --
200
Via: b
Via: a
X-RateLimit-Left: 8

{
  "head": "{\"a\":\"ababab",
  "hit": 1,
  "host": "localhost:12121",
  "later": "0s",
  "n": 26,
  "path": "/things"
}
-- repeat 2 --
-- advance 90s --
-- request --
GET /things/{{hit}}
Host: a.example
X-Left: {{header x-ratelimit-left}}
-- canonical thing/none --
none
-- response --
200
Via: b
Via: a
X-RateLimit-Left: 5

{
  "head": "",
  "hit": 4,
  "host": "a.example",
  "later": "1m30s",
  "n": 0,
  "path": "/things/1"
}
-- break thing/{{hit}} --
-- request --
DELETE /things/{{n}}
-- response --
204
X-RateLimit-Left: 4
`

func TestPlayWritesTheAnswersDown(t *testing.T) {
	t.Parallel()
	x, err := exchanges.Parse("story.txtar", []byte(story))
	if err != nil {
		t.Fatal(err)
	}
	w := &counter{}
	got, err := x.Play(w)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(played, string(got.Got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if w.broken != "thing 4" || w.given != "{\"id\":7}\n" {
		t.Errorf("broke %q, want thing 4; was given %q", w.broken, w.given)
	}
	if diff := cmp.Diff([]int{7}, x.Behaviours); diff != "" {
		t.Errorf("behaviours (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"conflict", "not_found"}, x.Classes); diff != "" {
		t.Errorf("classes (-want +got)\n%s", diff)
	}
	if len(x.Overrides) != 1 || x.Overrides[0].Path != "auth.strict" || string(x.Overrides[0].YAML) != "true\n" {
		t.Errorf("overrides are %q", x.Overrides)
	}
	if n := len(got.Replies); n != 3 || got.Replies[2].Status != http.StatusNoContent || got.Replies[1].Request.Header.Get("X-Left") != "8" {
		t.Errorf("%d replies: %+v", n, got.Replies)
	}
}

func TestWhatWasPlayedIsPlayedTheSameAgain(t *testing.T) {
	t.Parallel()
	x, err := exchanges.Parse("story.txtar", []byte(played))
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.Play(&counter{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(played, string(got.Got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestMeanwhileIsSentWhileTheRequestIsAnswered(t *testing.T) {
	t.Parallel()
	x, err := exchanges.Parse("a.txtar", []byte("-- request --\nGET /a\n-- response --\n-- meanwhile --\nGET /b\n-- request --\nGET /{{hit}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	w := &slow{}
	got, err := x.Play(w)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"/a begins", "/b begins", "/b ends", "/a ends", "/2 begins", "/2 ends"}, w.seen); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	const want = "-- request --\nGET /a\n-- response --\n200\n\n{\n  \"hit\": 1\n}\n-- meanwhile --\nGET /b\n-- response --\n200\n\n{\n  \"hit\": 2\n}\n" +
		"-- request --\nGET /{{hit}}\n-- response --\n200\n\n{\n  \"hit\": 3\n}\n"
	if diff := cmp.Diff(want, string(got.Got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// slow notes when answers begin and end.
type slow struct {
	counter
	seen []string
}

func (s *slow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.seen = append(s.seen, r.URL.Path+" begins")
	s.hits++
	hit := s.hits
	w.WriteHeader(http.StatusOK)
	_, _ = fmt.Fprintf(w, `{"hit":%d}`, hit)
	s.seen = append(s.seen, r.URL.Path+" ends")
}

func TestParseRefusesWhatCannotBePlayed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"nothing":              {"comment\n", "there is no request"},
		"a behaviour's words":  {"behaviour: seven\n", "behaviour: takes one number"},
		"a strange section":    {"-- reqest --\n", `section "reqest": no such section`},
		"a named request":      {"-- request a --\n", "a request has no name"},
		"a named response":     {"-- request --\nGET /\n-- response 200 --\n", "a response has no name"},
		"a response first":     {"-- response --\n", "no request before"},
		"a meanwhile first":    {"-- meanwhile --\nGET /\n", "no request before"},
		"a repeat first":       {"-- repeat 2 --\n", "no request before"},
		"a canonical first":    {"-- canonical link/1 --\n", "no request before"},
		"a canonical, no id":   {"-- request --\nGET /\n-- canonical link --\n", "kind/id"},
		"a break, no kind":     {"-- break /x --\n", "kind/id"},
		"no number of repeats": {"-- request --\nGET /\n-- repeat often --\n", "invalid syntax"},
		"repeats below one":    {"-- request --\nGET /\n-- repeat 0 --\n", "at least once"},
		"no duration":          {"-- advance soon --\n", "invalid duration"},
		"a nameless receiver":  {"-- receiver --\n", "give the receiver a name"},
		"a strange answer":     {"-- receiver a slowly --\n", "is no status"},
		"a receiver's body":    {"-- receiver a --\n[]\n", "events and active"},
		"a delivery first":     {"-- delivery --\n", "no request before"},
		"a late override":      {"-- request --\nGET /\n-- override a --\n1\n", "before everything else"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exchanges.Parse("a.txtar", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "a.txtar: ") {
				t.Errorf("err = %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestPlayRefusesWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"no request line":   {"GET", "no request line"},
		"no path":           {"GET things", "no request line"},
		"no header line":    {"GET /\nHost", "no header line"},
		"no such value":     {"GET /{{data.id}}", "{{data.id}}: the latest answer has no such value"},
		"no such header":    {"GET /{{header A}}", "no such header"},
		"far too much":      {"GET /{{99999999999*x}}", "larger than"},
		"two answers":       {"GET /\n-- response --\n-- response --", "has its response already"},
		"a broken path":     {"GET /%zz", "invalid URL escape"},
		"two meanwhiles":    {"GET /\n-- meanwhile --\nGET /\n-- meanwhile --\nGET /", "one meanwhile already"},
		"no meanwhile path": {"GET /\n-- meanwhile --\nGET", "no request line"},
		"nothing for break": {"GET /\n-- break link/{{x}} --", "no such value"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x, err := exchanges.Parse("a.txtar", []byte("-- request --\n"+c.text+"\n"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := x.Play(&counter{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestBodiesCanBeLarge(t *testing.T) {
	t.Parallel()
	x, err := exchanges.Parse("a.txtar", []byte("-- request --\nPOST /\n\n{{1048577*x}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := x.Play(&counter{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Replies[0].Sent); n != 1<<20+1 || got.Replies[0].Request.ContentLength != int64(n) {
		t.Errorf("%d bytes were sent", n)
	}
}

func TestLoadReadsFoldersInOrder(t *testing.T) {
	t.Parallel()
	one := &fstest.MapFile{Data: []byte("-- request --\nGET /\n")}
	list, err := exchanges.Load(fstest.MapFS{"a/z.txtar": one, "a/b/c.txtar": one, "a/world.yaml": {}, "b/d.txtar": one}, "a")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range list {
		names = append(names, x.File)
	}
	if diff := cmp.Diff([]string{"a/b/c.txtar", "a/z.txtar"}, names); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if _, err := exchanges.Load(fstest.MapFS{"a/bad.txtar": {}}, "."); err == nil {
		t.Error("a file without a request was loaded")
	}
	if _, err := exchanges.Load(fstest.MapFS{"a/b.txtar": one, "a/headers.txt": {Data: []byte("Via\n")}}, "."); err == nil || !strings.Contains(err.Error(), "a/headers.txt:1") {
		t.Errorf("ordinary headers that are none: %v", err)
	}
	if _, err := exchanges.Load(fstest.MapFS{}, "none"); err == nil {
		t.Error("a folder that is not there was read")
	}
}
