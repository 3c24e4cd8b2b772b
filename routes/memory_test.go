package routes_test

import (
	"log/slog"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
)

// tightServer is a server of the repository's files within the smallest budget.
func tightServer(t *testing.T) (*server, *memory.Budget) {
	t.Helper()
	b := memory.New(memory.Least)
	srv := newServer(t, func(o *routes.Options) {
		worlds, err := sandbox.New(sandbox.Options{Engine: mockstore.Within(b), Memory: b, Rows: routes.Rows(o.Set, o.Fixtures, false),
			Real: o.Real, Log: o.Log})
		if err != nil {
			t.Fatal(err)
		}
		o.Sandboxes, o.NoLimits, o.Log = worlds, true, slog.New(slog.DiscardHandler)
	})
	return srv, b
}

// TestWhatMemoryDoesNotHoldIsRefused takes all memory away and looks what still
// works, and what those are told for whom it does not.
func TestWhatMemoryDoesNotHoldIsRefused(t *testing.T) {
	t.Parallel()
	srv, b := tightServer(t)
	b.Add(memory.Rows, b.Limit())
	for name, line := range map[string]string{"devdraft": "PUT /devdraft" + devdraftPath, "stripe": "POST /stripe/v1/products"} {
		headers, body := append([]string{"idempotency-key: k1"}, devdraft...), `{"title":"A new title"}`
		if name == "stripe" {
			headers, body = []string{"Idempotency-Key: k1", "Authorization: Bearer sk_test_main", "Content-Type: application/x-www-form-urlencoded"}, "name=Tea"
		}
		before := withoutHistory(srv.rows(t, "default"))
		a := do(t, srv, asks(line, body, headers...)).want(t, 500)
		if !same(before, withoutHistory(srv.rows(t, "default"))) {
			t.Errorf("%s: what was refused has changed something", name)
		}
		if a.header.Get("X-Polylink-Refused") != "memory" || a.header.Get("Content-Type") == "application/problem+json" || !gjson.Valid(a.body) {
			t.Errorf("%s: refused with %v %s", name, a.header, a.body)
		}
		b.Add(memory.Rows, -b.Limit())
		if again := do(t, srv, asks(line, body, headers...)); again.status != 200 || again.header.Get("X-Polylink-Refused") != "" {
			t.Errorf("%s: with memory again, and the same key, it is %d %s", name, again.status, again.body)
		}
		b.Add(memory.Rows, b.Limit())
		if read := do(t, srv, asks("GET /devdraft"+devdraftPath, "", devdraft...)); read.status != 200 {
			t.Errorf("a read is %d", read.status)
		}
	}
	a := do(t, srv, asks("GET /~new/devdraft"+devdraftPath, "", devdraft...)).want(t, 507)
	if a.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(gjson.Get(a.body, "detail").Str, "limits.memory") {
		t.Errorf("a sandbox for which there is no room: %s", a.body)
	}
	if n := srv.Sandboxes().Counts().Refused.Load(); n != 3 {
		t.Errorf("%d refusals are counted, want 3", n)
	}
}

// withoutHistory leaves out audit entries: what the request before has left of
// them makes room for this one, though it is refused all the same.
func withoutHistory(rows map[string]uint64) map[string]uint64 {
	maps.DeleteFunc(rows, func(key string, _ uint64) bool { return strings.HasPrefix(key, record.Audits.Kind+" ") })
	return rows
}

// TestManySandboxesStayWithinTheLeastBudget sends small updates to many
// sandboxes. All are taken: history goes, and nothing that anybody works on.
func TestManySandboxesStayWithinTheLeastBudget(t *testing.T) {
	t.Parallel()
	srv, b := tightServer(t)
	const sandboxes, updates = 160, 110
	for n := range updates {
		for i := range sandboxes {
			do(t, srv, asks("PUT /~w"+strconv.Itoa(i)+"/devdraft"+devdraftPath, `{"title":"Title `+strconv.Itoa(n)+`"}`, devdraft...)).want(t, 200)
		}
		if b.Total() > b.Limit() {
			t.Fatalf("%d MiB are in use", b.Total()>>20)
		}
	}
	counts := srv.Sandboxes().Counts()
	if counts.Entries.Load() == 0 || counts.Audits.Load() == 0 || counts.Sandboxes.Load() != 0 || counts.Refused.Load() != 0 {
		t.Errorf("%d entries, %d audit entries and %d sandboxes went, %d requests were refused",
			counts.Entries.Load(), counts.Audits.Load(), counts.Sandboxes.Load(), counts.Refused.Load())
	}
}
