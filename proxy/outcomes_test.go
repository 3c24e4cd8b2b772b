package proxy_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/snapshot"
	"github.com/polylink-dev/polylink/store"
)

// lost has the upstream do what a create asks for, and loses the answer, once.
func lost() *spoiler {
	once := sync.Once{}
	f := spoiler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		cut := false
		if r.Method == "POST" {
			once.Do(func() { cut = true })
		}
		if !cut {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	return &f
}

// made counts the links of the upstream.
func (p *pair) made(t *testing.T) int {
	t.Helper()
	db, err := p.back.Sandbox("default")
	if err != nil {
		t.Fatal(err)
	}
	n, err := db.Count(t.Context(), record.Links.Kind)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestARetryAfterALostAnswerInEveryPair makes no second link, be it that the
// upstream knows keys or not.
func TestARetryAfterALostAnswerInEveryPair(t *testing.T) {
	t.Parallel()
	set, _ := shipped(t)
	for from, g := range programs {
		if !set.Dialect(from).Op("link.create").Keyed() {
			continue // its clients have no keys
		}
		for to, body := range g.create {
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				p := newPair(t, from, to, nil)
				before := p.made(t)
				p.spoil.Store(lost())
				key := "Idempotency-Key: one"
				first := p.ask(t, "POST", g.path, body, key)
				if keyed := set.Dialect(to).Op("link.create").Keyed(); keyed && first.StatusCode >= 300 || !keyed && first.StatusCode != 502 {
					t.Fatalf("the first attempt is %d: %s", first.StatusCode, text(t, first))
				}
				want := set.Dialect(from).Op("link.create").Status
				if to == "katu9" {
					want = set.Dialect(from).Errors.Class(record.CodeConflict).Status // it lists nothing to find it in
				}
				wants(t, p.ask(t, "POST", g.path, body, key), want)
				wants(t, p.ask(t, "POST", g.path, body, key), want)
				if n := p.made(t) - before; n != 1 {
					t.Errorf("it was made %d times", n)
				}
			})
		}
	}
}

// TestTwoRetriesAtOnceMakeOneLink, and both are answered.
func TestTwoRetriesAtOnceMakeOneLink(t *testing.T) {
	t.Parallel()
	p := newPair(t, "stripe", "priceblocs", nil)
	before := p.made(t)
	p.spoil.Store(lost())
	body, key := programs["stripe"].create["priceblocs"], "Idempotency-Key: one"
	wants(t, p.ask(t, "POST", "/v1/payment_links", body, key), 502)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if resp := p.ask(t, "POST", "/v1/payment_links", body, key); resp.StatusCode != 200 && resp.StatusCode != 409 {
				t.Errorf("a retry is %d: %s", resp.StatusCode, text(t, resp))
			}
		})
	}
	all.Wait()
	if n := p.made(t) - before; n != 1 {
		t.Errorf("it was made %d times", n)
	}
}

// TestUnknownOutcomesAreForgotten once no retry can ask, and the oldest where
// there are too many.
func TestUnknownOutcomesAreForgotten(t *testing.T) {
	t.Parallel()
	p := newPair(t, "leanrails", "priceblocs", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	p.up.Timeout = time.Hour
	body := programs["leanrails"].create["priceblocs"]
	db, err := p.front.Sandbox("default")
	if err != nil {
		t.Fatal(err)
	}
	pending := func() int {
		return len(db.Read(t.Context()).Scan(record.Aliases.Kind, store.ScopeKey("leanrails", "", "", "pending"), store.Page{}))
	}
	for n := range 1010 {
		wants(t, p.ask(t, "POST", "/v1/checkout_links", body, fmt.Sprintf("Idempotency-Key: key %d", n)), 502)
	}
	if n := pending(); n != 1000 {
		t.Errorf("%d are kept", n)
	}
	world, err := p.front.Sandboxes().Get(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	world.Clock.Advance(25 * time.Hour)
	for n := range 70 {
		wants(t, p.ask(t, "POST", "/v1/checkout_links", body, fmt.Sprintf("Idempotency-Key: later %d", n)), 502)
	}
	if n := pending(); n != 70 {
		t.Errorf("%d are kept a day later", n)
	}
}

// TestIDsOutliveARestart: a server that has lost its memory finds a record again,
// and one that is given it back has the map and what is not known yet.
func TestIDsOutliveARestart(t *testing.T) {
	t.Parallel()
	set, fix := shipped(t)
	for from, to := range map[string]string{"leanrails": "stripe", "priceblocs": "stripe", "devdraft": "stripe", "stripe": "leanrails"} {
		t.Run(from+" to "+to, func(t *testing.T) {
			t.Parallel()
			g, p := programs[from], newPair(t, from, to, nil)
			id := wants(t, p.ask(t, "POST", g.path, g.create[to], "Idempotency-Key: one"), set.Dialect(from).Op("link.create").Status).Get("id").String()
			p.front = p.before(t, set, fix)
			if got := wants(t, p.ask(t, "GET", g.path+"/"+id, ""), 200); got.Get("id").String() != id {
				t.Errorf("it is %s", got)
			}
			wants(t, p.ask(t, g.method, g.path+"/"+id, g.update, "Idempotency-Key: two"), 200)
			calls := 0
			count := spoiler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				calls++
				next.ServeHTTP(w, r)
			})
			p.spoil.Store(&count)
			if wants(t, p.ask(t, "GET", g.path+"/"+id, ""), 200); calls != 1 {
				t.Errorf("once found, it takes %d calls", calls)
			}
		})
	}
}

// TestTheMapIsInASnapshot, with what is not known of creates.
func TestTheMapIsInASnapshot(t *testing.T) {
	t.Parallel()
	set, fix := shipped(t)
	p := newPair(t, "leanrails", "priceblocs", nil)
	g := programs["leanrails"]
	id := wants(t, p.ask(t, "POST", g.path, g.create["priceblocs"], "Idempotency-Key: one"), 200).Get("id").String()
	before := p.made(t)
	p.spoil.Store(lost())
	other := strings.Replace(g.create["priceblocs"], "Gold", "Silver", 1)
	wants(t, p.ask(t, "POST", g.path, other, "Idempotency-Key: two"), 502)

	format := snapshot.Format{Set: set, Example: "a sandbox"}
	old, err := p.front.Sandboxes().Get(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := format.Take(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	text, err := doc.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	p.front = p.before(t, set, fix)
	read, err := format.Read(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := format.Restore(t.Context(), read, p.front.Sandboxes(), "default"); err != nil {
		t.Fatal(err)
	}
	lists := 0
	count := spoiler(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, "/payment-links") && r.Method == "GET" {
			lists++
		}
		next.ServeHTTP(w, r)
	})
	p.spoil.Store(&count)
	if wants(t, p.ask(t, "GET", g.path+"/"+id, ""), 200); lists != 0 {
		t.Error("the id was looked for")
	}
	if got := wants(t, p.ask(t, "POST", g.path, other, "Idempotency-Key: two"), 200); got.Get("title").String() != "Silver" {
		t.Errorf("it is %s", got)
	}
	if n := p.made(t) - before; n != 1 {
		t.Errorf("it was made %d times", n)
	}
}
