// Package drift tells how a provider's real answers differ from what its dialect
// says.
//
// It stands beside the path and is used by the command line alone. What a
// dialect says is its own description: the statuses of an operation, and of each
// the members of the body with their types and words. It promises that an
// answer of the dialect itself never differs, and that each difference is told
// once, however often it occurs in a list. It sends nothing; whoever does brings
// the answers. Start with New, then Checker.Documented and Checker.Alike.
package drift

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/openapi"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

// Kind is what differs.
type Kind string

// The kinds of differences.
const (
	Operation    Kind = "operation"    // the dialect has no such operation
	Status       Kind = "status"       // another status, or one that is not documented
	Missing      Kind = "missing"      // a member that every answer has
	Undocumented Kind = "undocumented" // a member that the dialect does not know
	Type         Kind = "type"         // a value of another type
	Value        Kind = "value"        // a word that is none of those documented
	Code         Kind = "code"         // the same in a refusal, or another one than expected
	Body         Kind = "body"         // no JSON where there was to be some, or the other way round
)

// Difference is one way in which an answer is not as the dialect says.
type Difference struct {
	Operation string `json:"operation"`
	Request   string `json:"request"`
	Kind      Kind   `json:"kind"`
	Where     string `json:"where"` // the member, with [] for any item of a list; "" for the whole
	Want      string `json:"want"`
	Got       string `json:"got"`
}

// Answer is what was answered to a request.
type Answer struct {
	Request string // for people
	Status  int
	Body    []byte
}

// Checker knows what one dialect says.
type Checker struct {
	d    *dialect.Dialect
	root map[string]any
	ops  map[string]map[string]any // responses by operation
}

// New makes a Checker out of the dialect's own description.
func New(d *dialect.Dialect) (*Checker, error) {
	c := &Checker{d: d, ops: map[string]map[string]any{}}
	if err := json.Unmarshal(openapi.Document(d, openapi.Options{Closed: true}), &c.root); err != nil {
		return nil, fmt.Errorf("the description of %s: %w", d.Name, err)
	}
	for _, item := range object(c.root["paths"]) {
		for _, op := range object(item) {
			if name, ok := object(op)["operationId"].(string); ok {
				c.ops[name] = object(object(op)["responses"])
			}
		}
	}
	return c, nil
}

// object is a value as an object; whatever else it is has no members.
func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

// follow goes where a reference leads.
func (c *Checker) follow(v any) map[string]any {
	m := object(v)
	for range 32 {
		ref, ok := m["$ref"].(string)
		if !ok {
			break
		}
		at := c.root
		for part := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
			at = object(at[strings.NewReplacer("~1", "/", "~0", "~").Replace(part)])
		}
		m = at
	}
	return m
}

// Operation finds the operation of a method and a path, nil where there is none:
// literal words win over variables.
func (c *Checker) Operation(method, path string) *dialect.Op {
	path, _, _ = strings.Cut(path, "?")
	have := strings.Split(path, "/")
	var best *dialect.Op
	for _, op := range c.d.Operations {
		want := strings.Split(op.Path, "/")
		if op.Method != method || len(want) != len(have) || best != nil && len(op.Vars) >= len(best.Vars) {
			continue
		}
		fits := true
		for i := range want {
			fits = fits && (want[i] == have[i] || strings.HasPrefix(want[i], "{") && have[i] != "")
		}
		if fits {
			best = op
		}
	}
	return best
}

// Documented compares an answer with all that the dialect documents for an
// operation.
func (c *Checker) Documented(op *dialect.Op, a Answer) []Difference {
	t := &tale{c: c, op: op, a: a, seen: map[Difference]bool{}}
	responses := c.ops[op.Name]
	response, ok := responses[strconv.Itoa(a.Status)]
	if !ok {
		t.tell(Status, "", "one of "+strings.Join(statuses(responses), ", "), strconv.Itoa(a.Status))
		return t.found
	}
	content := object(c.follow(response)["content"])
	if len(content) == 0 {
		if len(bytes.TrimSpace(a.Body)) > 0 {
			t.tell(Body, "", "none", "some")
		}
		return t.found
	}
	value, err := decode(a.Body)
	for kind, media := range content {
		if !strings.Contains(kind, "json") {
			return t.found
		}
		if err != nil {
			t.tell(Body, "", "JSON", "none")
			return t.found
		}
		t.value(object(media)["schema"], value, "")
		break
	}
	return t.found
}

func statuses(responses map[string]any) []string {
	var out []string
	for s := range responses {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// decode reads a body that is one JSON value.
func decode(body []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more behind it")
	}
	return v, nil
}

// Alike compares an answer with that of the dialect to the same request, and
// with all that is documented.
func (c *Checker) Alike(op *dialect.Op, want, got Answer) []Difference {
	if want.Status != got.Status {
		other := []Difference{{op.Name, got.Request, Status, "", strconv.Itoa(want.Status), strconv.Itoa(got.Status)}}
		if want.Status/100 != 2 || got.Status/100 != 2 {
			return other
		}
		got.Status = want.Status // the bodies can be compared all the same
		return append(other, c.Documented(op, got)...)
	}
	found := c.Documented(op, got)
	if got.Status < http.StatusBadRequest {
		return found
	}
	t := &tale{c: c, op: op, a: got, seen: map[Difference]bool{}}
	for _, d := range found {
		t.add(d)
	}
	a, errA := decode(want.Body)
	b, errB := decode(got.Body)
	if errA == nil && errB == nil {
		t.codes(a, b, "")
	}
	return t.found
}

// tale is the differences of one answer.
type tale struct {
	c     *Checker
	op    *dialect.Op
	a     Answer
	found []Difference
	seen  map[Difference]bool
}

func (t *tale) tell(kind Kind, where, want, got string) {
	if kind == Value && t.a.Status >= http.StatusBadRequest {
		kind = Code
	}
	t.add(Difference{t.op.Name, t.a.Request, kind, where, want, got})
}

// add keeps a difference; of several at a place that are of a kind the first.
func (t *tale) add(d Difference) {
	key := Difference{Kind: d.Kind, Where: d.Where}
	if !t.seen[key] {
		t.seen[key] = true
		t.found = append(t.found, d)
	}
}

// codeNames are what members of refusals are called that programs go by.
var codeNames = map[string]bool{"code": true, "type": true, "error": true, "status": true, "statuscode": true, "errorcode": true, "name": true, "key": true, "reason": true}

// codes compares the words of a refusal that programs go by with those of
// another one.
func (t *tale) codes(want, got any, where string) {
	w, ok := want.(map[string]any)
	g, also := got.(map[string]any)
	if !ok || !also {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(w)) {
		at := member(where, name)
		if _, deeper := w[name].(map[string]any); deeper {
			t.codes(w[name], g[name], at)
			continue
		}
		a, b := fmt.Sprint(w[name]), fmt.Sprint(g[name])
		plain := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
		if _, has := g[name]; has && codeNames[plain] && a != b && !strings.Contains(a, " ") {
			t.tell(Code, at, a, clip(b))
		}
	}
}

func member(where, name string) string {
	if where == "" {
		return name
	}
	return where + "." + name
}

func clip(s string) string { return jsontext.Shorten(s, 60) }
