package routing_test

import (
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/routing"
)

func TestAbsentRoutesAreFoundByTheirSegments(t *testing.T) {
	t.Parallel()
	d := &dialect.Dialect{NotServed: []dialect.Absent{{Method: "GET", Path: "/v1/links/search"}, {Method: "POST", Path: "/v1/links/{id}/send"}}}
	for at, want := range map[string]string{
		"GET /v1/links/search": "/v1/links/search", "GET /v1/links/%73earch": "/v1/links/search", "HEAD /v1/links/search": "/v1/links/search", "POST /v1/links/a%2Fb/send": "/v1/links/{id}/send",
		"POST /v1/links/search": "", "GET /v1/links/search/": "", "GET /v1/links": "", "GET /v1/links/search/x": "", "POST /v1/links//send": "", "GET v1/links/search": "", "GET ": "", "POST /v1/links/x/sent": "",
	} {
		method, path, _ := strings.Cut(at, " ")
		got := ""
		if a := routing.AbsentAt(d, method, path); a != nil {
			got = a.Path
		}
		if got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
	}
}
