package routing

import (
	"regexp"
	"strings"

	"github.com/gorilla/mux"

	"github.com/polylink-dev/polylink/dialect"
)

// index answers what mux would of plain paths: it looks a path up by its
// segments instead of asking one route after the other.
type index struct {
	methods map[string]*node
}

// node is the routes that begin alike: those of one method, up to a slash.
type node struct {
	words    map[string]*node
	variable *node
	leaf     *leaf // of the path that ends here
}

// leaf is a route. Of several that a path suits mux takes the first.
type leaf struct {
	op    *dialect.Op
	place int      // among all routes
	names []string // of its variables
}

// indexOf walks a router. It returns nil where a route is of a kind that the
// index does not know.
func indexOf(r *mux.Router) *index {
	x := &index{methods: map[string]*node{}}
	place := 0
	err := r.Walk(func(route *mux.Route, _ *mux.Router, _ []*mux.Route) error {
		path, err := route.GetPathTemplate()
		if err != nil {
			return err
		}
		pattern, err := route.GetPathRegexp()
		if err != nil {
			return err
		}
		methods, err := route.GetMethods()
		if err != nil {
			return err
		}
		segments := strings.Split(path, "/")
		if pattern != patternOf(segments) || strings.Contains(path, ":") { // which gives a variable a pattern
			return mux.ErrNotFound
		}
		for _, method := range methods {
			x.add(method, segments, &leaf{op: route.GetHandler().(target).op, place: place})
		}
		place++
		return nil
	})
	if err != nil {
		return nil
	}
	return x
}

// patternOf is how mux writes down a path whose segments are words and variables
// for any text.
func patternOf(segments []string) string {
	names := 0
	parts := make([]string, len(segments))
	for i, s := range segments {
		if parts[i] = regexp.QuoteMeta(s); variable(s) {
			parts[i] = "(?P<v" + string(rune('0'+names)) + ">[^/]+)"
			names++
		}
	}
	if names > 9 {
		return ""
	}
	return "^" + strings.Join(parts, "/") + "$"
}

// variable tells whether a segment of a route is one.
func variable(segment string) bool { return strings.HasPrefix(segment, "{") }

func (x *index) add(method string, segments []string, l *leaf) {
	n := x.methods[method]
	if n == nil {
		n = &node{}
		x.methods[method] = n
	}
	for _, s := range segments {
		next := n.words[s]
		if variable(s) {
			l.names = append(l.names, strings.Trim(s, "{}"))
			next = n.variable
		}
		if next == nil {
			next = &node{}
		}
		switch {
		case variable(s):
			n.variable = next
		case n.words == nil:
			n.words = map[string]*node{s: next}
		default:
			n.words[s] = next
		}
		n = next
	}
	if n.leaf == nil {
		n.leaf = l
	}
}

// maxVars is how many variables a route of the index has at most.
const maxVars = 10

// walk is a search for a path.
type walk struct {
	vars  [maxVars]string // on the way here
	found *leaf
	held  [maxVars]string // of found
}

func (x *index) match(method, path string) Match {
	var w walk
	if n := x.methods[method]; n != nil {
		w.to(n, path, 0)
	}
	if w.found == nil {
		return Match{Known: x.elsewhere(method, path)}
	}
	m := Match{Op: w.found.op, Known: true}
	if len(w.found.names) > 0 {
		m.Vars = make(Vars, len(w.found.names))
	}
	for i, name := range w.found.names {
		m.Vars[i] = Var{name, w.held[i]}
	}
	return m
}

// elsewhere tells whether another method has the path.
func (x *index) elsewhere(method, path string) bool {
	for other, n := range x.methods {
		var w walk
		if other != method {
			if w.to(n, path, 0); w.found != nil {
				return true
			}
		}
	}
	return false
}

// to looks for the rest of a path below a node; n variables stand before it.
func (w *walk) to(at *node, path string, n int) {
	segment, rest, more := strings.Cut(path, "/")
	if next := at.words[segment]; next != nil {
		w.on(next, rest, more, n)
	}
	if at.variable != nil && segment != "" {
		w.vars[n] = segment
		w.on(at.variable, rest, more, n+1)
	}
}

// on goes on behind a segment.
func (w *walk) on(next *node, rest string, more bool, n int) {
	switch {
	case more:
		w.to(next, rest, n)
	case next.leaf != nil && (w.found == nil || next.leaf.place < w.found.place):
		w.found, w.held = next.leaf, w.vars
	}
}

// plain tells whether a path is spelt in one way only: then what is written in
// it is what it means, and no other spelling has to be looked for.
func plain(path string) bool {
	for i := range len(path) {
		switch c := path[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '/', c == '-', c == '_', c == '.', c == '~':
		default:
			return false
		}
	}
	return path != ""
}
