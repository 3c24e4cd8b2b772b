package doctest

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadRemembersWhereThingsStand(t *testing.T) {
	t.Parallel()
	got, err := Read("# A\n\n## B\n\n<!-- field -->\n```yaml\n# no heading\na: 1\n```\n\n## C\n\n| word | does |\n|---|---|\n| `x` | a \\| b |\n")
	if err != nil {
		t.Fatal(err)
	}
	want := &Doc{
		Blocks: []Block{{Line: 6, Lang: "yaml", Note: "field", Text: "# no heading\na: 1\n", Headings: []string{"A", "B"}}},
		Rows:   []Row{{Line: 15, Columns: []string{"word", "does"}, Cells: []string{"`x`", "a | b"}, Headings: []string{"A", "C"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if w := got.Rows[0].Word(0) + got.Rows[0].Word(1) + got.Rows[0].Word(9); w != "x" {
		t.Errorf("words %q, want x alone", w)
	}
}

func TestReadRefusesWhatIsBroken(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a block without an end": "```sh\nls\n",
		"a row without an end":   "| a | b\n",
		"a row of another table": "| a | b |\n|---|---|\n| c |\n",
	} {
		if _, err := Read(text); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

func TestCurlMakesTheRequest(t *testing.T) {
	t.Parallel()
	r, err := Curl(`curl -i -X PATCH 'http://h:1/a?b=c' -H "X-A: it's" -u k: -d '{"a":"it'\''s"}'`)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	want := http.Header{"X-A": {"it's"}, "Authorization": {"Basic azo="}, "Content-Type": {"application/x-www-form-urlencoded"}}
	if diff := cmp.Diff(want, r.Header); r.Method != "PATCH" || r.URL.RequestURI() != "/a?b=c" || string(body) != `{"a":"it's"}` || diff != "" {
		t.Errorf("%s %s %s %s", r.Method, r.URL, body, diff)
	}
}

func TestCurlRefusesWhatAShellWouldDoOtherwise(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"", "wget x", "curl -k x", "curl -H", "curl 'x", "curl x?a=b&c=d", "curl -H none http://h", "curl $URL"} {
		if _, err := Curl(line); err == nil {
			t.Errorf("%s was taken", strings.TrimSpace(line))
		}
	}
}
