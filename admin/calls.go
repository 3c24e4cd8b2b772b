package admin

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gorilla/mux"

	"github.com/polylink-dev/polylink/sandbox"
)

// route is one line of the table: what is served, and what the API's own
// document says of it.
type route struct {
	method, path string
	does         string // in one line
	do           func(c *call) (any, error)

	query  []param
	in     any    // what the body is read into, and nil when none is
	answer any    // what a success answers, and nil when it is nothing
	status int    // of a success; 0 is 200
	mime   string // of a success; "" is JSON
	no     []int  // statuses of problems, beside those that every route has
	global bool   // it is not about one sandbox
}

// param is a query parameter.
type param struct {
	name, does string
	of         any      // a value of its type
	oneOf      []string // nil is any
}

// success is the status of a success.
func (r route) success() int {
	switch {
	case r.status != 0:
		return r.status
	case r.answer == nil:
		return http.StatusNoContent
	}
	return http.StatusOK
}

// call is one request to the API.
type call struct {
	*API
	route
	w    http.ResponseWriter
	r    *http.Request
	vars map[string]string
	name string // of the sandbox
}

// handler turns a line of the table into a handler: it finds out what to
// answer and says no in one way.
func (a *API) handler(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c := &call{API: a, route: r, w: w, r: req, vars: mux.Vars(req), name: sandbox.Name(req.Context())}
		for k, v := range c.vars {
			if plain, err := url.PathUnescape(v); err == nil {
				c.vars[k] = plain
			}
		}
		answer, err := c.checked()
		switch {
		case err != nil:
			write(w, asProblem(err, a.o.Log))
		case answer == written{}:
		case r.answer == nil:
			w.WriteHeader(r.success())
		default:
			writeJSON(w, r.success(), answer)
		}
	})
}

// checked does what the line says, if the query has only what it knows.
func (c *call) checked() (any, error) {
	q, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, bad("the query cannot be read; escape its values")
	}
	for name, values := range q {
		if err := c.checkParam(name, values); err != nil {
			return nil, err
		}
	}
	return c.do(c)
}

// written says that the answer is out already.
type written struct{}

// sandbox returns the one that the request is about, making it on first use.
func (c *call) sandbox() (*sandbox.Sandbox, error) {
	return c.o.Sandboxes.Get(c.name)
}

// now is a sandbox's time as requests see it, to the millisecond.
func now(sb *sandbox.Sandbox) time.Time { return sb.Clock.Now().Truncate(time.Millisecond) }
