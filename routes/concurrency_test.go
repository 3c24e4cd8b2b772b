package routes_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/store"
)

// atOnce runs f n times at the same moment and returns what each answered.
func atOnce(n int, f func(i int) answer) []answer {
	out := make([]answer, n)
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			out[i] = f(i)
		})
	}
	done.Wait()
	return out
}

// count tells how many answers have a status.
func count(list []answer, status int) int {
	n := 0
	for _, a := range list {
		if a.status == status {
			n++
		}
	}
	return n
}

// version is how often a row was changed, 1 for a fresh one.
func (s *server) version(tb testing.TB, kind, d, id string) uint64 {
	tb.Helper()
	db, err := s.Sandbox("default")
	if err != nil {
		tb.Fatal(err)
	}
	row := db.Read(context.Background()).Get(kind, store.RowKey(d, id))
	if row == nil {
		tb.Fatalf("there is no %s %s", kind, id)
	}
	return row.Version
}

// links counts a dialect's links in the default sandbox.
func (s *server) links(tb testing.TB, d string) int {
	tb.Helper()
	db, err := s.Sandbox("default")
	if err != nil {
		tb.Fatal(err)
	}
	n := 0
	for _, row := range db.Read(context.Background()).Scan("link", "", store.Page{}) {
		if row.Record.Dialect == d {
			n++
		}
	}
	return n
}

func TestFiftyUpdatesAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	const n = 49 // with the key that is there, as many as a link may have
	list := atOnce(n, func(i int) answer {
		k := strconv.Itoa(i)
		return do(t, srv, asks("POST /leanrails"+leanrailsPath, `{"metadata":{"k`+k+`":"v`+k+`"}}`, leanrails, "Idempotency-Key: "+k))
	})
	for i, a := range list {
		k := strconv.Itoa(i)
		if a.status != 200 || gjson.Get(a.body, "metadata.k"+k).Str != "v"+k {
			t.Errorf("update %d answered %d %s", i, a.status, a.body)
		}
	}
	got := gjson.Get(srv.document(t, "link", "leanrails", leanrailsLink), "metadata").Map()
	for i := range n {
		if k := strconv.Itoa(i); got["k"+k].Str != "v"+k {
			t.Errorf("key k%s is %q", k, got["k"+k].Raw)
		}
	}
	if len(got) != n+1 || srv.version(t, "link", "leanrails", leanrailsLink) != n+1 {
		t.Errorf("there are %d keys after %d changes, want %d", len(got), srv.version(t, "link", "leanrails", leanrailsLink)-1, n+1)
	}
}

func TestUpdatesOfDifferentFieldsAtOnceAllCount(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	fields := []string{"collectAddress", "requirePhoneNumber", "allowBusinessTaxId", "allowMobilePayment", "allowCryptoPayment", "createInvoicePdf", "isForAllProduct", "allowQuantityAdjustment"}
	const bundle = "550e8400-e29b-41d4-a716-446655440001"
	before := do(t, srv, asks("GET /devdraft/api/v0/payment-links/"+bundle, "", devdraft...)).want(t, 200)
	list := atOnce(len(fields), func(i int) answer {
		body := `{"` + fields[i] + `":` + strconv.FormatBool(!gjson.Get(before.body, fields[i]).Bool()) + `}`
		return do(t, srv, asks("PUT /devdraft/api/v0/payment-links/"+bundle, body, devdraft...))
	})
	if count(list, 200) != len(fields) {
		t.Fatalf("answered %+v", list)
	}
	after := do(t, srv, asks("GET /devdraft/api/v0/payment-links/"+bundle, "", devdraft...)).want(t, 200)
	for _, f := range fields {
		if gjson.Get(before.body, f).Bool() == gjson.Get(after.body, f).Bool() {
			t.Errorf("the change of %s is lost", f)
		}
	}
}

func TestOneIdempotencyKeyMakesOneLink(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		d, line, body string
		headers       []string
	}{
		"waits": {"kirimdev", "POST /kirimdev/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX/setup_links", `{"expires_in_hours":3}`, []string{kirimdev, "Idempotency-Key: one"}},
		"waits, another": {"devdraft", "POST /devdraft/api/v0/payment-links", `{"title":"Alpha","url":"alpha","linkType":"PRODUCT"}`,
			append([]string{"idempotency-key: one"}, devdraft...)},
		"does not wait": {"leanrails", "POST /leanrails/v1/checkout_links", `{"title":"One","line_items":[{"price":"price_3fg6hj9km1np"}]}`,
			[]string{leanrails, "Idempotency-Key: one"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t)
			before := srv.links(t, c.d)
			list := atOnce(30, func(int) answer { return do(t, srv, asks(c.line, c.body, c.headers...)) })
			list = append(list, do(t, srv, asks(c.line, c.body, c.headers...)))
			body, first := "", 0
			for _, a := range list {
				switch {
				case a.status == 409 && name == "does not wait":
					if a.header.Get("Retry-After") != "1" || gjson.Get(a.body, "error.code").Str != "idempotency_key_in_use" {
						t.Errorf("a busy answer is %v %s", a.header, a.body)
					}
				case a.status != 200 && a.status != 201:
					t.Errorf("answered %d %s", a.status, a.body)
				case body == "":
					body = a.body
				case body != a.body:
					t.Errorf("one answer is %s and another %s", body, a.body)
				}
				if a.status < 300 && a.header.Get("Idempotent-Replayed") != "true" {
					first++
				}
			}
			if n := srv.links(t, c.d) - before; n != 1 {
				t.Errorf("%d links were made, want one", n)
			}
			if c.d != "devdraft" && first != 1 { // devdraft marks nothing
				t.Errorf("%d answers say that they are the first, want one", first)
			}
		})
	}
}

func TestOneIdempotencyKeyMakesOneChange(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	atOnce(30, func(int) answer {
		return do(t, srv, asks("PUT /devdraft"+devdraftPath, `{"title":"Once"}`, append([]string{"idempotency-key: k"}, devdraft...)...))
	})
	if v := srv.version(t, "link", "devdraft", devdraftLink); v != 2 {
		t.Errorf("the link was changed %d times, want once", v-1)
	}
	db, err := srv.Sandbox("default")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(db.Read(context.Background()).Scan(record.Audits.Kind, "", store.Page{})); n != 1 {
		t.Errorf("there are %d audit entries, want one", n)
	}
}

func TestManyKeysAtOnceAreManyChanges(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	before := srv.links(t, "kirimdev")
	list := atOnce(30, func(i int) answer {
		return do(t, srv, asks("POST /kirimdev/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX/setup_links", "", kirimdev, "Idempotency-Key: "+strconv.Itoa(i%10)))
	})
	if count(list, 201) != 30 || srv.links(t, "kirimdev")-before != 10 {
		t.Errorf("%d were answered and %d links made, want 30 and 10", count(list, 201), srv.links(t, "kirimdev")-before)
	}
}

func TestOneOfTheLinksMadeAtOnceForATransactionWins(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	before := srv.links(t, "katu9")
	list := atOnce(30, func(int) answer { return do(t, srv, asks("POST /katu9"+katu9Path, katu9Free, katu9)) })
	if count(list, 201) != 1 || count(list, 409) != 29 || srv.links(t, "katu9")-before != 1 {
		t.Errorf("%d won and %d lost, and %d links were made", count(list, 201), count(list, 409), srv.links(t, "katu9")-before)
	}
	for _, a := range list {
		if a.status == 409 && a.body != `{"error":{"message":"A non-expired payment link already exists for this transaction in this environment."}}` {
			t.Errorf("answered %s", a.body)
		}
	}
}

func TestOneOfTheLinksMadeAtOnceWithAURLWins(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	list := atOnce(20, func(i int) answer {
		return do(t, srv, asks("POST /devdraft/api/v0/payment-links", `{"title":"Link `+strconv.Itoa(i)+`","url":"the-same","linkType":"PRODUCT"}`, devdraft...))
	})
	if count(list, 201) != 1 || count(list, 409) != 19 {
		t.Errorf("%d won and %d lost", count(list, 201), count(list, 409))
	}
}

func TestLimitsCountRequestsAtOnce(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	list := atOnce(130, func(int) answer { return do(t, srv, asks("GET /devdraft"+devdraftPath, "", devdraft...)) })
	if count(list, 200) != 100 || count(list, 429) != 30 {
		t.Errorf("%d passed and %d were refused, want 100 and 30", count(list, 200), count(list, 429))
	}
}

func TestReloadsAndRequestsAtOnce(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(o *routes.Options) { o.NoLimits = true })
	strict := with(t, override(t, "devdraft", "unknown", "refuse"))
	list := atOnce(60, func(i int) answer {
		switch i % 10 {
		case 0:
			if err := srv.Reload(strict.set, strict.fixtures); err != nil {
				t.Error(err)
			}
		case 5:
			if err := srv.Reload(shipped().set, shipped().fixtures); err != nil {
				t.Error(err)
			}
		}
		return do(t, srv, asks("PUT /~w"+strconv.Itoa(i%3)+"/devdraft"+devdraftPath, `{"title":"Link `+strconv.Itoa(i)+`"}`, devdraft...))
	})
	if count(list, 200) != 60 || strings.Contains(srv.log.String(), "panic") {
		t.Errorf("%d of 60 were answered; the log is\n%s", count(list, 200), &srv.log)
	}
}
