package hosts

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/internal/problem"
)

func TestOnlyNamesThatNobodyElseCanPointHereAreAllowed(t *testing.T) {
	t.Parallel()
	names := New([]string{"mocks.internal:12121", "0.0.0.0:80", "[::]:81", ":82"}, []string{"polylink", "*.svc.example", "Ci.Example:9"})
	for host, want := range map[string][2]bool{ // without names, and with these
		"localhost": {true, true}, "localhost:12121": {true, true}, "LOCALHOST.": {true, true}, "acme.localhost:1": {true, true}, "a.b.localhost": {true, true},
		"127.0.0.1": {true, true}, "127.0.0.1:12121": {true, true}, "10.1.2.3": {true, true}, "[::1]:12121": {true, true}, "[::1]": {true, true}, "::1": {true, true}, "[fe80::1%eth0]:1": {true, true},
		"mocks.internal:5": {false, true}, "polylink:12121": {false, true}, "POLYLINK.": {false, true}, "a.svc.example": {false, true}, "a.b.svc.example:1": {false, true}, "ci.example": {false, true},
		"": {}, ":12121": {}, "svc.example": {}, ".svc.example": {}, "xsvc.example": {}, "rebind.example:12121": {}, "localhost.rebind.example": {}, "127.0.0.1.rebind.example": {}, "notlocalhost": {},
		"127.1": {}, "2130706433": {}, "0x7f.1": {}, "localhost:12121.rebind.example": {}, "localhost@rebind.example": {}, "x.mocks.internal": {}, "127.0.0.1:1:2": {},
	} {
		var none *Names
		if got := [2]bool{none.Allow(host), names.Allow(host)}; got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}

func TestARefusalSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"rebind.example:12121", "", "\xff\x00", strings.Repeat("é", 5000)} {
		r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
		r.Host = host
		if new(Names).Guard(w, r, "The control API") {
			t.Fatalf("%q is let in", host)
		}
		var p problem.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 421 || p.Status != 421 || w.Header().Get(problem.Header) != "true" ||
			!strings.Contains(p.Detail, "admin.hosts") || len(p.Detail) > 600 {
			t.Errorf("%q is answered %d %s", host, w.Code, w.Body)
		}
	}
	r, w := httptest.NewRequest("GET", "/", nil), httptest.NewRecorder()
	r.Host = "127.0.0.1:9"
	if !new(Names).Guard(w, r, "It") || w.Body.Len() > 0 {
		t.Error("an address is refused")
	}
}
