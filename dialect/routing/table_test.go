package routing

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/mappings"
)

var names = regexp.MustCompile(`{([^:}]+)`)

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// dialectOf makes a dialect that has these routes and nothing else.
func dialectOf(routes ...string) *dialect.Dialect {
	d := &dialect.Dialect{Name: "acme"}
	for _, r := range routes {
		method, path, _ := strings.Cut(r, " ")
		op := &dialect.Op{Name: r, Method: method, Path: path, Owner: d}
		for _, v := range names.FindAllStringSubmatch(path, -1) {
			op.Vars = append(op.Vars, v[1])
		}
		d.Operations = append(d.Operations, op)
	}
	return d
}

// agree compares what the index and mux say of a path.
func agree(t interface {
	Helper()
	Errorf(string, ...any)
}, tab *Table, method, path string) {
	t.Helper()
	got, want := tab.index.match(method, path), tab.ask(method, path)
	if got.Op != want.Op || got.Known != want.Known || !slices.Equal(got.Vars, want.Vars) {
		t.Errorf("%s %s: the index says %v, mux %v", method, path, got, want)
	}
}

// TestTheIndexAgreesWithMuxInShippedDialects asks both for every route, and for
// paths near to them, with each method.
func TestTheIndexAgreesWithMuxInShippedDialects(t *testing.T) {
	t.Parallel()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range set.Dialects {
		tab, err := New(d)
		if err != nil {
			t.Fatal(err)
		}
		if tab.index == nil {
			t.Fatalf("%s: the index does not know its routes", d.Name)
		}
		for _, op := range d.Operations {
			segments := strings.Split(op.Path, "/")
			for i := range segments {
				for _, word := range []string{"x", "", "..", segments[max(i-1, 0)], "{id}"} {
					path := slices.Clone(segments)
					path[i] = word
					for _, p := range []string{op.Path, strings.Join(path, "/"), strings.Join(path, "/") + "/", strings.Join(path[:i], "/")} {
						if plain(p) {
							for _, method := range methods[2:] {
								agree(t, tab, method, p)
							}
							agree(t, tab, "GET", p)
						}
					}
				}
			}
		}
	}
}

// TestTheIndexAgreesWithMux makes routes that are hard to tell apart.
func TestTheIndexAgreesWithMux(t *testing.T) {
	t.Parallel()
	segment := rapid.SampledFrom([]string{"a", "b", "{x}", "{y}", "a.b", ""})
	word := rapid.SampledFrom([]string{"a", "b", "c", "a.b", "axb", "", "A", "~"})
	method := rapid.SampledFrom([]string{"GET", "PUT"})
	rapid.Check(t, func(t *rapid.T) {
		var routes []string
		for range rapid.IntRange(1, 8).Draw(t, "routes") {
			segments := rapid.SliceOfN(segment, 1, 4).Draw(t, "segments")
			for i := range segments {
				segments[i] = strings.Replace(segments[i], "}", strconv.Itoa(i)+"}", 1)
			}
			routes = append(routes, method.Draw(t, "method")+" /"+strings.Join(segments, "/"))
		}
		tab, err := New(dialectOf(routes...))
		if err != nil {
			t.Skip(err)
		}
		if tab.index == nil {
			t.Fatalf("no index of %q", routes)
		}
		for range 20 {
			agree(t, tab, method.Draw(t, "asked"), "/"+strings.Join(rapid.SliceOfN(word, 1, 4).Draw(t, "path"), "/"))
		}
	})
}

func TestMatchTakesPathsOfEverySpelling(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		route, method, path string
		found, known        bool
		vars                Vars
	}{
		"plain":            {"GET /v1/links/{id}", "GET", "/v1/links/lnk_1", true, true, Vars{{"id", "lnk_1"}}},
		"head":             {"GET /v1/links/{id}", "HEAD", "/v1/links/lnk_1", true, true, Vars{{"id", "lnk_1"}}},
		"escaped variable": {"GET /v1/links/{id}", "GET", "/v1/links/a%2Fb", true, true, Vars{{"id", "a%2Fb"}}},
		"escaped word":     {"GET /v1/links/{id}", "GET", "/v1/l%69nks/x", false, false, nil},
		"with a colon":     {"GET /v1/links/{id}", "GET", "/v1/links/a:b", true, true, Vars{{"id", "a:b"}}},
		"another method":   {"GET /v1/links/{id}", "PUT", "/v1/links/x", false, true, nil},
		"no path":          {"GET /v1/links/{id}", "GET", "", false, false, nil},
		"a pattern":        {"GET /v1/{id:[0-9]+}", "GET", "/v1/x", false, false, nil},
		"two in a segment": {"GET /v1/{a}-{b}", "GET", "/v1/x-y", true, true, Vars{{"a", "x"}, {"b", "y"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tab, err := New(dialectOf(c.route))
			if err != nil {
				t.Fatal(err)
			}
			m := tab.Match(c.method, c.path)
			if (m.Op != nil) != c.found || m.Known != c.known || c.found && !slices.Equal(m.Vars, c.vars) {
				t.Errorf("%s %s is %v", c.method, c.path, m)
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	tab, err := New(dialectOf("GET /v1/links", "GET /v1/links/{id}", "PUT /v1/links/{id}", "GET /v1/links/{id}/items", "GET /v1/customers/{id}"))
	if err != nil {
		b.Fatal(err)
	}
	for name, match := range map[string]func(string, string) Match{"index": tab.Match, "mux": tab.ask} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				match("GET", "/v1/links/550e8400-e29b-41d4-a716-446655440000")
			}
		})
	}
}
