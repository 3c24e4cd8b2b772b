package recordings

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestARecordingIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"JSON": `{"b":1.50,"a":[]}`, "JSON with blanks": "{\n  \"a\": 1\n}\n", "a form": "a=1&b=%20", "none": "", "lines": "one\n\ntwo\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			x := &Exchange{Dialect: "acme", Operation: "link.get", Method: "POST", Path: "/v1/links/7?a=b", Body: body, Status: 201,
				Header: map[string][]string{"Content-Type": {"text/x"}}, AnswerHeader: map[string][]string{"X-A": {"1", "2"}, "Content-Length": {"9"}}, Answer: body}
			if err := r.Write(x); err != nil {
				t.Fatal(err)
			}
			tape, err := Load(os.DirFS(dir))
			if err != nil {
				t.Fatal(err)
			}
			got := tape.Answer(x)
			if got == nil || got.Answer != body || got.Body != body || got.Status != 201 || len(got.AnswerHeader["X-A"]) != 2 || len(got.AnswerHeader) != 1 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestARecorderGoesOnAfterWhatIsThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for range 2 {
		r, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Write(&Exchange{Dialect: "acme", Method: "GET", Path: "/x", Status: 200}); err != nil {
			t.Fatal(err)
		}
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "other", "000[12].txtar")); len(found) != 2 {
		t.Errorf("%v", found)
	}
}

func TestWhatIsNoTextIsNotRecorded(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"a\x00b", "x\n-- response --\n200\n"} {
		if _, err := Format(&Exchange{Dialect: "acme", Method: "GET", Path: "/x", Status: 200, Answer: body}); !errors.Is(err, ErrNoText) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestFaultyRecordingsAreNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"-- request --\nGET /acme/x\n":                       "there is no response",
		"-- request --\nGET /x\n-- response --\n200\n":       "names no dialect",
		"-- request --\nGET /acme/x\n-- response --\nfine\n": "is no status",
		"-- response --\n200\n-- request --\nGET /acme/x\n":  "no request before it",
		"-- recorded --\n":                                   "no such section",
	} {
		_, err := Load(fstest.MapFS{"a/0001.txtar": {Data: []byte(text)}})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "a/0001.txtar") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTheNearestRecordingIsTheOneOfTheSamePlace(t *testing.T) {
	t.Parallel()
	tape := &Replay{}
	for _, at := range []string{"GET /v1/links", "POST /v1/links", "GET /v1/links/7", "GET /v1/customers/7"} {
		method, path, _ := strings.Cut(at, " ")
		tape.all = append(tape.all, &Exchange{Method: method, Path: path})
	}
	for asked, want := range map[string]string{"GET /v1/links?a=1": "GET /v1/links query", "PUT /v1/links/7": "GET /v1/links/7 method", "GET /v1/links/8": "GET /v1/links/7 path"} {
		method, path, _ := strings.Cut(asked, " ")
		x, differs := tape.Nearest(&Exchange{Method: method, Path: path})
		if got := x.Method + " " + x.Path + " " + differs; got != want {
			t.Errorf("%s: %s, want %s", asked, got, want)
		}
	}
}
