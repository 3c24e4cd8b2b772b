package routing

import (
	"net/url"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
)

// AbsentAt returns the route of not_served that a method and an escaped path
// are, or nil. HEAD is where GET is.
func AbsentAt(d *dialect.Dialect, method, path string) *dialect.Absent {
	if method == "HEAD" {
		method = "GET"
	}
	for i := range d.NotServed {
		if a := &d.NotServed[i]; a.Method == method && leads(a.Path, path) {
			return a
		}
	}
	return nil
}

// leads tells whether a path is one of a route, whose variables take any
// segment.
func leads(route, path string) bool {
	for {
		want, restOfRoute, more := strings.Cut(route, "/")
		have, restOfPath, further := strings.Cut(path, "/")
		if plain, err := url.PathUnescape(have); err == nil {
			have = plain
		}
		if more != further || want != have && (have == "" || !strings.HasPrefix(want, "{")) {
			return false
		}
		if !more {
			return true
		}
		route, path = restOfRoute, restOfPath
	}
}
