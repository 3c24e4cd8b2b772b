package routes_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/exchanges"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/routes"
)

// refused is a request that a dialect refused, and how.
type refused struct {
	method, target string
	header         http.Header
	body           []byte
	code           string // class of the error
	operation      string
	looks          looks
}

// looks is what a client tells refusals by.
type looks struct {
	Status  int
	Headers []string // their names
	Shape   string   // of the body: its members, and what sort of value each has
}

func looksOf(status int, h http.Header, body []byte) looks {
	l := looks{Status: status, Headers: slices.Sorted(maps.Keys(h))}
	if len(body) > 0 {
		var v any
		if json.Unmarshal(body, &v) != nil {
			l.Shape = "no JSON"
		} else {
			l.Shape = shape(v)
		}
	}
	return l
}

func shape(v any) string {
	switch v := v.(type) {
	case map[string]any:
		var out []string
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if fields, ok := v[k].(map[string]any); ok && k == "details" && len(fields) > 0 {
				out = append(out, k+": texts by field") // of whichever fields
				continue
			}
			out = append(out, k+": "+shape(v[k]))
		}
		return "{" + strings.Join(out, ", ") + "}"
	case []any:
		if len(v) == 0 {
			return "[]"
		}
		return "[" + shape(v[0]) + "]"
	}
	return fmt.Sprintf("%T", v)
}

// overheard is a world that notes what is refused in it.
type overheard struct {
	*world
	refused []refused
}

func (w *overheard) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	rec := httptest.NewRecorder()
	w.world.ServeHTTP(rec, r)
	maps.Copy(rw.Header(), rec.Header())
	rw.WriteHeader(rec.Code)
	_, _ = rw.Write(rec.Body.Bytes())
	if n, err := strconv.ParseInt(rec.Header().Get("X-Polylink-Request"), 10, 64); err == nil && rec.Code >= 400 {
		sb, err := w.Sandboxes().Get(r.Context(), "default")
		if err != nil {
			w.tb.Fatal(err)
		}
		if e := sb.Journal.Entry(n); e.Operation != "" && !slices.Contains(journal.Besides(), e.Operation) && !e.Replayed && r.Method != http.MethodHead && r.Header.Get("Prefer") == "" {
			w.refused = append(w.refused, refused{r.Method, r.RequestURI, r.Header.Clone(), body, e.Rule.Code, e.Operation, looksOf(rec.Code, rec.Header(), rec.Body.Bytes())})
		}
	}
}

// TestInjectedRefusalsAreLikeRealOnes plays every golden exchange, and injects
// each refusal in it into the same request elsewhere.
func TestInjectedRefusalsAreLikeRealOnes(t *testing.T) {
	t.Parallel()
	for d, list := range goldens(t) {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			seen := map[string]bool{}
			for _, x := range list {
				if len(x.Overrides) > 0 {
					continue
				}
				injectAll(t, d, x, seen)
			}
			if len(seen) < 5 {
				t.Errorf("only %d refusals were tried", len(seen))
			}
			limited := slices.ContainsFunc(slices.Collect(maps.Keys(seen)), func(key string) bool { return strings.HasSuffix(key, " rate_limited") })
			if has := len(shipped().set.Dialect(d).Limits) > 0; has != limited {
				t.Errorf("it has limits: %v, and a refusal for them was tried: %v", has, limited)
			}
		})
	}
}

func injectAll(t *testing.T, d string, x *exchanges.Exchange, seen map[string]bool) {
	w := &overheard{world: newWorld(t, d, x)}
	if _, err := x.Play(w); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.refused {
		if key := r.operation + " " + r.code; seen[key] {
			continue
		} else {
			seen[key] = true
		}
		if r.code == "rate_limited" {
			injectLimit(t, d, r)
		}
		got := injected(t, d, faults.Fault{Times: 1, Code: r.code}, r)
		if diff := cmp.Diff(r.looks, got); diff != "" {
			t.Errorf("%s: %s %s refused with %s looks otherwise when it is injected (-real +injected)\n%s", x.File, r.method, r.target, r.code, diff)
		}
	}
}

// injectLimit asks for the refusal of a limit in every way there is, where
// limits are in force and where they are not.
func injectLimit(t *testing.T, d string, r refused) {
	t.Helper()
	asking := r
	asking.header = r.header.Clone()
	asking.header.Set("Prefer", "code=429")
	for _, off := range []bool{false, true} {
		limits := func(o *routes.Options) { o.NoLimits = off }
		for how, got := range map[string]looks{
			"status": injected(t, d, faults.Fault{Times: 1, Status: http.StatusTooManyRequests}, r, limits),
			"code":   injected(t, d, faults.Fault{Times: 1, Code: r.code}, r, limits),
			"Prefer": injected(t, d, faults.Fault{Times: 1, Delay: 1}, asking, limits),
		} {
			if diff := cmp.Diff(r.looks, got); diff != "" {
				t.Errorf("%s, limits off %v: a 429 by %s looks otherwise (-real +injected)\n%s", r.target, off, how, diff)
			}
		}
	}
}

// injected sends a request that was refused to a world of its own, where a
// fault refuses it.
func injected(t *testing.T, d string, f faults.Fault, r refused, change ...func(*routes.Options)) looks {
	t.Helper()
	s := newServer(t, append([]func(*routes.Options){seeded}, change...)...)
	sb, err := s.Sandboxes().Get(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	f.Dialect = d
	if _, err := sb.Faults.Add(f); err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(r.method, r.target, bytes.NewReader(r.body))
	req.Header = r.header.Clone()
	rec := httptest.NewRecorder()
	s.ServeHTTP(rec, req)
	return looksOf(rec.Code, rec.Header(), rec.Body.Bytes())
}
