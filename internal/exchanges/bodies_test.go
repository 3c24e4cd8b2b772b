package exchanges_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/internal/exchanges"
)

// mirror answers with the body that it is sent, or with one of its own.
type mirror struct {
	counter
	header http.Header
	body   string
	sent   []string
}

func (m *mirror) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	m.sent = append(m.sent, string(body))
	for name, values := range m.header {
		w.Header()[name] = values
	}
	if m.body != "" {
		body = []byte(m.body)
	}
	_, _ = w.Write(body)
}

// play plays a file and returns it with its answers.
func play(t *testing.T, x *exchanges.Exchange, w exchanges.World) string {
	t.Helper()
	got, err := x.Play(w)
	if err != nil {
		t.Fatal(err)
	}
	return string(got.Got)
}

func parse(t *testing.T, text string) *exchanges.Exchange {
	t.Helper()
	x, err := exchanges.Parse("a.txtar", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestBodiesAreShownIndentedAndSentCompact holds what travels to what is shown:
// order of members, doubled ones and the spelling of numbers and texts stay.
func TestBodiesAreShownIndentedAndSentCompact(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ written, sent, shown string }{
		"compact":      {`{"b":1.50,"a":[1e3,{}],"b":"\u00e9 \/"}`, `{"b":1.50,"a":[1e3,{}],"b":"\u00e9 \/"}`, "{\n  \"b\": 1.50,\n  \"a\": [\n    1e3,\n    {}\n  ],\n  \"b\": \"\\u00e9 \\/\"\n}"},
		"indented":     {"{\n  \"a\": \"x  y\"\n}", `{"a":"x  y"}`, "{\n  \"a\": \"x  y\"\n}"},
		"otherwise":    {"{ \"a\" :\t1 }", `{"a":1}`, "{\n  \"a\": 1\n}"},
		"a line end":   {"{\"a\":1}\n", "{\"a\":1}\n", "{\n  \"a\": 1\n}\n"},
		"a word":       {`{"a":"{{3*ab}}"}`, `{"a":"ababab"}`, "{\n  \"a\": \"{{3*ab}}\"\n}"},
		"no JSON":      {`{"a": 1,}`, `{"a": 1,}`, `{"a": 1,}`},
		"a form":       {"a=1 &b[]=2", "a=1 &b[]=2", "a=1 &b[]=2"},
		"nothing much": {"null", "null", "null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &mirror{}
			x := parse(t, "-- request --\nPOST /\n\n"+c.written+"\n")
			got := play(t, x, m)
			answer := c.shown
			if strings.Contains(answer, "{{") {
				answer = strings.ReplaceAll(answer, "{{3*ab}}", "ababab")
			}
			want := "-- request --\nPOST /\n\n" + c.shown + "\n-- response --\n200\n\n" + answer + "\n"
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff([]string{c.sent}, m.sent); diff != "" {
				t.Errorf("sent (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(got, string(parse(t, got).Format())); diff != "" {
				t.Errorf("written once more (-first +second)\n%s", diff)
			}
			if again := play(t, parse(t, got), &mirror{}); again != got {
				t.Errorf("played once more:\n%s", again)
			}
		})
	}
}

// TestWhiteSpaceThatTravelsIsSeen has two servers whose answers are the same
// JSON with other bytes: the files must differ.
func TestWhiteSpaceThatTravelsIsSeen(t *testing.T) {
	t.Parallel()
	const file = "-- request verbatim --\nPOST /\n\n{ \"a\": 1 }\n-- response verbatim --\n200\n\n{\n  \"a\": 1\n}\n"
	m := &mirror{body: "{\n  \"a\": 1\n}"}
	if diff := cmp.Diff(file, play(t, parse(t, file), m)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{`{ "a": 1 }`}, m.sent); diff != "" {
		t.Errorf("sent (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(file, string(parse(t, file).Format())); diff != "" {
		t.Errorf("written once more (-first +second)\n%s", diff)
	}
	want := strings.Replace(file, "response verbatim", "response", 1)
	if diff := cmp.Diff(want, play(t, parse(t, file), &mirror{body: `{"a":1}`})); diff != "" {
		t.Errorf("a compact answer (-want +got)\n%s", diff)
	}
}

func TestAnswersShowTheHeadersThatTheCaseIsAbout(t *testing.T) {
	t.Parallel()
	header := http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"req_7"}, "X-Left": {"9"}, "Via": {"a", "b"}, "Date": {"today"}}
	const ordinary = "# What every answer has.\nContent-Type: application/json\nX-Request-Id: req_*\nX-Left: *\nVary: Origin\n"
	for name, c := range map[string]struct{ about, ordinary, want string }{
		"all without a list":  {"", "", "Content-Type: application/json\nVia: a\nVia: b\nX-Left: 9\nX-Request-Id: req_7\n"},
		"what is out of line": {"", ordinary, "no Vary\nVia: a\nVia: b\n"},
		"what it is about":    {"headers: X-L*, X-Nothing\n", ordinary, "no Vary\nVia: a\nVia: b\nX-Left: 9\n"},
		"everything":          {"headers: *\n", ordinary, "Content-Type: application/json\nno Vary\nVia: a\nVia: b\nX-Left: 9\nX-Request-Id: req_7\n"},
		"another value":       {"", strings.Replace(ordinary, "req_*", "req_*1", 1), "no Vary\nVia: a\nVia: b\nX-Request-Id: req_7\n"},
		"letters of a name":   {"", strings.Replace(ordinary, "X-Left", "X-left", 1), "no Vary\nVia: a\nVia: b\nX-Left: 9\nno X-left\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := &fstest.MapFile{Data: []byte(c.about + "-- request --\nGET /\n")}
			list, err := exchanges.Load(fstest.MapFS{"d/headers.txt": {Data: []byte(c.ordinary)}, "d/op/a.txtar": file}, ".")
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, list[0], &mirror{header: header, body: "ok"})
			want := c.about + "-- request --\nGET /\n-- response --\n200\n" + c.want + "\nok\n"
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestFormatLeavesOrdinaryHeadersOut takes a file that was written with all
// headers for one that was not.
func TestFormatLeavesOrdinaryHeadersOut(t *testing.T) {
	t.Parallel()
	x := parse(t, "-- request --\nGET /\n-- response --\n200\nVia: a\nX-Left: 9\nno Vary\n\n{\"a\":1}\n")
	var err error
	if x.Ordinary, err = exchanges.ParseHeaders("headers.txt", []byte("X-Left: *\n")); err != nil {
		t.Fatal(err)
	}
	const want = "-- request --\nGET /\n-- response --\n200\nVia: a\nno Vary\n\n{\n  \"a\": 1\n}\n"
	if diff := cmp.Diff(want, string(x.Format())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
