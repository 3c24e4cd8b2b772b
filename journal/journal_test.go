package journal_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/polylink-dev/polylink/journal"
)

func TestEntriesAreInTheOrderOfTheirNumbers(t *testing.T) {
	t.Parallel()
	j := journal.New(4)
	for _, n := range []int64{2, 1, 4, 3, 6, 5} {
		j.Number()
		j.Add(&journal.Entry{N: n})
	}
	var got []int64
	for _, e := range j.Entries() {
		got = append(got, e.N)
	}
	if len(got) != 4 || got[0] != 3 || got[3] != 6 || j.Evicted() != 2 || j.Entry(1) != nil || j.Entry(5) == nil {
		t.Errorf("kept %v, evicted %d", got, j.Evicted())
	}
	if j.Clear() != 4 || len(j.Entries()) != 0 || j.Evicted() != 0 || j.Number() != 7 {
		t.Error("the journal was not cleared, or its numbers start again")
	}
}

func TestManyWritersAndReaders(t *testing.T) {
	t.Parallel()
	j := journal.New(50)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				j.Add(&journal.Entry{N: j.Number(), Header: http.Header{"A": {"b"}}})
				for _, e := range j.Entries() {
					e.Render(&journal.Secrets{})
				}
			}
		})
	}
	wg.Wait()
	if n := len(j.Entries()); n != 50 || j.Evicted() != 1550 {
		t.Errorf("%d entries, %d evicted", n, j.Evicted())
	}
}

func TestPathsMatchWithStars(t *testing.T) {
	t.Parallel()
	e := &journal.Entry{N: 1, Path: "/~w/acme/v1/links/1", OwnPath: "/v1/links/1"}
	for pattern, want := range map[string]bool{
		"/v1/links/1": true, "/v1/links/*": true, "*": true, "/~w/*": true, "*/links/*": true, "/v1/*/1": true, "*1": true, "/v1/links/1*": true, "**": true,
		"/v1/links": false, "/v1/links/2": false, "/v1/*/2": false, "v1*": false, "*/links": false, "*1*1*1*1": false,
	} {
		f := journal.Filter{Path: pattern}
		if ok, _ := f.Match(e, &journal.Secrets{}); ok != want {
			t.Errorf("%s matches: %v", pattern, ok)
		}
	}
}

func TestTheClosestEntryIsTheNewestWithTheFewestMisses(t *testing.T) {
	t.Parallel()
	all := []*journal.Entry{
		{N: 1, Dialect: "a", Operation: "x", Status: 200}, {N: 2, Dialect: "a", Operation: "y", Status: 200}, {N: 3, Dialect: "a", Operation: "y", Status: 400}, {N: 4, Dialect: "b"},
	}
	f := journal.Filter{Dialect: "a", Operation: "x", Status: 400}
	hits, closest, misses := f.Select(all, &journal.Secrets{})
	if len(hits) != 0 || closest.N != 3 || len(misses) != 1 || misses[0] != `operation is "y"` {
		t.Errorf("%d hits, closest %d with %q", len(hits), closest.N, misses)
	}
	if _, closest, misses = f.Select(all[3:], &journal.Secrets{}); closest.N != 4 || strings.Join(misses, ", ") != `dialect is "b", operation is not known, status is 0` {
		t.Errorf("closest %d with %q", closest.N, misses)
	}
}

// TestSecretsAreHidden renders one entry per case.
func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	s := journal.NewSecrets(journal.SecretsOf{
		Texts: []string{"sk_test_main", `q"uo\te`, "abc"}, Words: []string{"tok-1234_X"}, Likes: []string{"kdv_live_*", "*"}, Names: []string{"Pin_Code"},
	})
	for in, want := range map[string]string{
		`plain`:                              `plain`,
		`a sk_test_main b`:                   `a <secret> b`,
		`xsk_test_mainy`:                     `x<secret>y`,
		`{"k":"q\"uo\\te"}`:                  `{"k":"<secret>"}`,
		`c2tfdGVzdF9tYWluOg==`:               `<secret>Og==`,
		`abc`:                                `abc`,
		`see tok-1234_X.`:                    `see <secret>.`,
		`tok-1234_Xtra`:                      `tok-1234_Xtra`,
		`/onboard/tok-1234_X?x`:              `/onboard/<secret>?x`,
		`kdv_live_anything-else`:             `<secret>`,
		`{"password":"p"}`:                   `{"password":"<secret>"}`,
		`{"pass\u0077ord" : "p","a":1}`:      `{"pass\u0077ord" : "<secret>","a":1}`,
		`{"pin_code":1234,"a":"b"}`:          `{"pin_code":"<secret>","a":"b"}`,
		`{"secret":{"a":"}","b":[1]},"c":2}`: `{"secret":"<secret>","c":2}`,
		`{"secret":["x"`:                     `{"secret":"<secret>"`,
		`{"secret":"never ends`:              `{"secret":"<secret>"`,
		`{"secret":null,"token":""}`:         `{"secret":null,"token":""}`,
		`{"a.token":"x","secrets":"y"}`:      `{"a.token":"<secret>","secrets":"y"}`,
		`{"a":"secret","b":"c"}`:             `{"a":"secret","b":"c"}`,
		`{"secret":`:                         `{"secret":`,
		`"`:                                  `"`,
		`{"a":"\`:                            `{"a":"\`,
	} {
		e := &journal.Entry{Body: []byte(in), BodySize: int64(len(in)), Answer: []byte(in), AnswerSize: int64(len(in))}
		got := e.Render(s)
		if got.Request.Body != want || got.Response.Body != want {
			t.Errorf("%s is shown as %s and %s, want %s", in, got.Request.Body, got.Response.Body, want)
		}
	}
	for in, want := range map[string]string{
		"a=b&c=d": "a=b&c=d", "api_key=x&a=1": "api_key=<secret>&a=1", "b%5Btoken%5D=x": "b%5Btoken%5D=<secret>", "a=sk%5Ftest%5Fmain": "a=<secret>",
		"a=%zz&token=%zz": "a=%zz&token=<secret>", "token=&token": "token=&token", "": "",
	} {
		e := &journal.Entry{Query: in, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(in), BodySize: int64(len(in))}
		if got := e.Render(s); got.Request.Query != want || got.Request.Body != want {
			t.Errorf("%s is shown as %s and %s, want %s", in, got.Request.Query, got.Request.Body, want)
		}
	}
	e := &journal.Entry{Header: http.Header{"authorization": {"Bearer x"}, "X-Own": {"y"}, "X-Api-Key": {"z"}, "Idempotency-Key": {"k-1"}, "Referer": {"http://a/sk_test_main"}},
		SecretHeaders: []string{"x-own"}, Secrets: []string{"k-1234"}, Path: "/k-1234/x"}
	got := e.Render(s).Request
	for name, want := range map[string]string{"authorization": "<secret>", "X-Own": "<secret>", "X-Api-Key": "<secret>", "Idempotency-Key": "k-1", "Referer": "http://a/<secret>"} {
		if got.Headers[name][0] != want {
			t.Errorf("%s is shown as %s", name, got.Headers[name])
		}
	}
	if got.Path != "/<secret>/x" {
		t.Errorf("the path is shown as %s", got.Path)
	}
}

// FuzzRedaction looks that a secret behind a name of secrets never comes
// through, whatever is around it.
func FuzzRedaction(f *testing.F) {
	for _, s := range []string{`{"a":1,`, `{"x":"\"`, `[{"b":{}},`, `"`, `\`, `{"secret":{"a":`, "\xff"} {
		f.Add(s, s)
	}
	s := journal.NewSecrets(journal.SecretsOf{Texts: []string{"kdv-credential"}})
	f.Fuzz(func(t *testing.T, before, after string) {
		body := before + "kdv-credential" + after
		e := &journal.Entry{Body: []byte(body), BodySize: int64(len(body)), Query: body, Path: body}
		got := e.Render(s).Request
		for _, text := range []string{got.Body, got.Query, got.Path} {
			if strings.Contains(text, "kdv-credential") {
				t.Errorf("%q shows the credential", text)
			}
		}
	})
}
