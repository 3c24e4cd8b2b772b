package routes_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/mappings"
)

// fenced is a dialect in which a long text goes past the bounds of a value
// wherever one can be computed.
const fenced = `dialect: fenced
auth: { scheme: none }
idempotency: { header: Idempotency-Key, methods: [POST], keep: 24h, keeps: [2xx, 4xx, 5xx] }
errors:
  body: { error: $code, message: $message }
  classes:
    invalid:  { status: 400, code: bad }
    internal: { status: 500, code: oops, message: Something broke }
    conflict: { status: 409, code: clash, message: '{join(split(query.q, ""), query.q)}' }
resources:
  link:
    id: { prefix: l_, alphabet: base36, length: 8 }
    fields:
      id:     { to: id, dir: out }
      title:  { to: title, need: create }
      start:  { to: ext.start, default: '$(it.title startsWith "default" ? it.title + it.title : "x")' }
      shown:  { value: '$~(it.title startsWith "value" ? join(split(it.title, ""), it.title) : nil)' }
      text:   { text: '{it.title startsWith "text" ? it.title : ""}{it.title startsWith "text" ? it.title : ""}' }
      many:
        to: items
        as: list
        each:
          name: { to: name }
          both: { value: '$(it.title startsWith "each" ? it.title + it.title : "x")' }
    rules:
      - { check: 'not (it.title startsWith "rule") or upper(it.title + it.title) != "X"', field: title }
operations:
  link.create: { at: POST /links, ok: 201, set: { reference: '$(it.title startsWith "set" ? it.title + it.title : "x")' }, headers: { X-Title: '{it.title startsWith "head" ? it.title + it.title : "x"}' } }
  link.list:   { at: GET /links, answer: { data: $items } }
  link.get:    { at: "GET /links/{id}" }
  link.clash:  { at: GET /clash, does: refuse, error: conflict }
  any.get:     { at: GET /any, does: answer, answer: { q: '$(join(split(query.q, ""), query.q))' } }
`

// TestAValuePastItsBoundsFailsTheRequestWhole sends a text that goes past the
// bounds in each place where one can be computed.
func TestAValuePastItsBoundsFailsTheRequestWhole(t *testing.T) {
	t.Parallel()
	srv := newServer(t, of(own(t, "fenced", fenced, "dialect: fenced\nmain: key\naccount: [{ id: a }]\ncredential: [{ id: key, account: a }]\n")))
	post := func(title, key string) answer {
		return do(t, srv, asks("POST /fenced/links", fmt.Sprintf(`{"title":%q,"many":[{"name":"n"}]}`, title), "Content-Type: application/json", "Idempotency-Key: "+key))
	}
	want := `{"error":"oops","message":"Something broke"}`
	places := map[string]string{ // what is past its bounds, as it is written
		"default": `it.title startsWith "default" ?`, "value": `it.title startsWith "value" ?`, "text": `{it.title startsWith "text" ?`, "each": `it.title startsWith "each" ?`,
		"rule": `not (it.title startsWith "rule")`, "set": `it.title startsWith "set" ?`, "head": `it.title startsWith "head" ?`,
	}
	for name, place := range places {
		before := srv.rows(t, "default")
		long := name + strings.Repeat("a", 40_000)
		if got := post(long, name).want(t, 500); got.body != want {
			t.Errorf("%s: answered %s, want %s", name, got.body, want)
		}
		if after := srv.rows(t, "default"); fmt.Sprint(before) != fmt.Sprint(after) {
			t.Errorf("%s: something was stored: %v", name, after)
		}
		above, _, _ := strings.Cut(fenced, place)
		lines := strings.Split(above, "\n")
		at := fmt.Sprintf("mappings/fenced.yaml:%d:%d: ", len(lines), len(lines[len(lines)-1])+1)
		if logged := srv.log.String(); !strings.Contains(logged, at) || !strings.Contains(logged, "is past its bounds: a ") {
			t.Errorf("%s: the log lacks %s:\n%.900s", name, at, logged)
		}
		post(name, name).want(t, 201) // under the same key: a failure is not kept
	}
	query := strings.Repeat("q", 2000)
	for _, path := range []string{"/fenced/any?q=", "/fenced/clash?q="} {
		if got := do(t, srv, asks("GET "+path+query, "")).want(t, 500); got.body != want {
			t.Errorf("%s: answered %s, want %s", path, got.body, want)
		}
	}
	do(t, srv, asks("GET /fenced/clash?q=x", "")).want(t, 409)
	do(t, srv, asks("GET /fenced/links", "")).want(t, 200)
}

// TestNoClassCanBeTakenAwayUnseen takes each class out of each catalogue. Either
// that is a diagnostic, or what showed the class is answered by another.
func TestNoClassCanBeTakenAwayUnseen(t *testing.T) {
	t.Parallel()
	have := goldens(t)
	for _, d := range shipped().set.Dialects {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			refused, played := 0, 0
			for _, name := range d.ErrorCodes() {
				set, err := compile.Compile(fstest.MapFS{d.File: {Data: without(t, d.File, name)}}, nil)
				if err != nil {
					refused++
					continue
				}
				fix, err := seed.Load(fixtures.FS, set)
				if err != nil {
					refused++
					continue
				}
				for _, x := range have[d.Name] {
					if !slices.Contains(x.Classes, name) || len(x.Overrides) > 0 {
						continue
					}
					w := worldOf(t, d.Name, set, seeded, of(files{set, fix}))
					got, err := x.Play(w)
					if err != nil {
						continue // it went another way, and what was to follow is not there
					}
					played++
					for _, r := range got.Replies {
						if r.Status >= 400 && set.Dialects[0].ClassWithStatus(r.Status) == "" {
							t.Errorf("%s without %s: answered %d, which no class has", x.File, name, r.Status)
						}
					}
				}
			}
			if refused < 2 || played == 0 {
				t.Errorf("%d classes were missed by check and %d exchanges played: that tests little", refused, played)
			}
		})
	}
}

// without is a shipped file that lacks a class.
func without(t *testing.T, file, class string) []byte {
	t.Helper()
	data, err := mappings.FS.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	root, found := yml.Parse(file, data)
	if root == nil {
		t.Fatal(found)
	}
	classes := yml.Get(yml.Get(root, "errors"), "classes")
	for i := 0; i+1 < len(classes.Content); i += 2 {
		if classes.Content[i].Value == class {
			classes.Content = slices.Delete(classes.Content, i, i+2)
			break
		}
	}
	out, err := yml.Encode(root)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
