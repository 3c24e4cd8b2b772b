// Package routing finds the operation at a method and a path.
//
// It stands between a compiled dialect and routes, which asks it once for every
// request. A Table is the paths of one dialect. gorilla/mux is the router of
// record: what it says of a path is what holds. An index made by walking it
// answers first, where a path is as plain as nearly all are, and a test shows
// that both always agree. It knows no HTTP beyond methods and escaped paths, and
// nothing of hosts, prefixes and sandboxes, which the caller has cut off. Start
// with Table.Match, then index.go.
package routing

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"github.com/polylink-dev/polylink/dialect"
)

// Table is the paths of one dialect. It never changes.
type Table struct {
	mux   *mux.Router
	index *index // nil where it cannot tell what mux would
}

// New makes the table of a dialect. It returns an error for a path that mux does
// not take.
func New(d *dialect.Dialect) (*Table, error) {
	t := &Table{mux: mux.NewRouter().SkipClean(true).UseEncodedPath()}
	for _, op := range literalsFirst(d.Operations) {
		if err := t.mux.Handle(op.Path, target{op}).Methods(op.Method).Name(op.Name).GetError(); err != nil {
			return nil, fmt.Errorf("%s: path of %s: %w", d.Name, op.Name, err)
		}
	}
	t.index = indexOf(t.mux)
	return t, nil
}

// target is what a path leads to; mux wants a handler and is given one, but
// only its Match is used.
type target struct{ op *dialect.Op }

func (target) ServeHTTP(http.ResponseWriter, *http.Request) {}

// literalsFirst orders operations so that a path with fewer variables wins
// over one whose variable would swallow it.
func literalsFirst(ops []*dialect.Op) []*dialect.Op {
	var out []*dialect.Op
	for vars := 0; len(out) < len(ops); vars++ {
		for _, op := range ops {
			if len(op.Vars) == vars {
				out = append(out, op)
			}
		}
	}
	return out
}

// Match is what a method and a path lead to.
type Match struct {
	Op    *dialect.Op // nil where they lead nowhere
	Vars  Vars        // of the path, as they are written in it
	Known bool        // the path is one, be it with another method
}

// Vars are the variables of a path, in its order.
type Vars []Var

// Var is one of them.
type Var struct{ Name, Value string }

// Get returns the value of a variable, "" where there is none of that name.
func (v Vars) Get(name string) string {
	for i := range v {
		if v[i].Name == name {
			return v[i].Value
		}
	}
	return ""
}

// Match finds the operation at a method and an escaped path. HEAD is served
// where GET is.
func (t *Table) Match(method, path string) Match {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if t.index != nil && plain(path) {
		return t.index.match(method, path)
	}
	return t.ask(method, path)
}

// ask has mux find the operation.
func (t *Table) ask(method, path string) Match {
	u := url.URL{Path: path, RawPath: path}
	if p, err := url.PathUnescape(path); err == nil {
		u.Path = p
	}
	var m mux.RouteMatch
	if t.mux.Match(&http.Request{Method: method, URL: &u}, &m) && m.MatchErr == nil {
		op := m.Handler.(target).op
		var vars Vars
		for _, name := range op.Vars {
			vars = append(vars, Var{name, m.Vars[name]})
		}
		return Match{op, vars, true}
	}
	return Match{Known: m.MatchErr == mux.ErrMethodMismatch}
}

// Methods lists what a path can be called with, for the Allow header.
func (t *Table) Methods(path string) string {
	var allowed []string
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		if t.Match(method, path).Op != nil {
			if allowed = append(allowed, method); method == "GET" {
				allowed = append(allowed, "HEAD")
			}
		}
	}
	return strings.Join(allowed, ", ")
}

// Each calls f for every operation, in the order in which they are looked through.
func (t *Table) Each(f func(op *dialect.Op)) {
	_ = t.mux.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		f(route.GetHandler().(target).op)
		return nil
	})
}
