package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// direct asks the upstream itself, as its own clients do.
func (p *pair) direct(t *testing.T, method, path, body string) gjson.Result {
	t.Helper()
	own := &pair{front: p.back, from: p.to}
	return wants2xx(t, own.ask(t, method, path, body, "Idempotency-Key: "+method+path+body))
}

func wants2xx(t *testing.T, r *http.Response) gjson.Result {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode >= 300 {
		t.Fatalf("the status is %d: %s", r.StatusCode, body)
	}
	return gjson.ParseBytes(body)
}

// lister is how clients of a dialect make a link, put it out of service and go
// through a list.
type lister struct {
	path, create, method, off string
	all, active, inactive     string // parameters
	page                      func(n int, last string) string
	more                      func(page gjson.Result, size int) bool
	items                     string
}

func hasMore(page gjson.Result, _ int) bool { return page.Get("has_more").Bool() }

func cursors(_ int, last string) string {
	if last == "" {
		return "limit=4"
	}
	return "limit=4&starting_after=" + last
}

var listers = map[string]lister{
	"leanrails": {"/v1/checkout_links", `{"title":"L%[1]d","line_items":[{"price":"price_3fg6hj9km1np"}]}`, "POST", `{"active":false}`, "limit=100", "active=true", "active=false", cursors, hasMore, "data"},
	"stripe":    {"/v1/payment_links", "line_items[0][price]=price_0PolylinkShirtOneTime00&line_items[0][quantity]=1&metadata[n]=%[1]d", "POST", "active=false", "limit=100", "active=true", "active=false", cursors, hasMore, "data"},
	"priceblocs": {"/v1/payment-links", `{"title":"L%[1]d","line_items":[{"price":"p_A_1"}]}`, "PUT", `{"status":"inactive"}`, "", "", "", func(n int, _ string) string { return fmt.Sprintf("page=%d", n+1) },
		hasMore, "data"},
	"devdraft": {"/api/v0/payment-links", `{"title":"Link %[1]d","url":"l%[1]d","linkType":"PRODUCT"}`, "", "", "take=100", "", "", func(n int, _ string) string { return fmt.Sprintf("take=4&skip=%d", 4*n) },
		func(page gjson.Result, size int) bool { return len(page.Array()) == size }, "@this"},
}

// walk goes through a list by its pages.
func (l lister) walk(t *testing.T, p *pair, filter string) (ids []string) {
	t.Helper()
	for n := 0; n < 30; n++ {
		last := ""
		if len(ids) > 0 {
			last = ids[len(ids)-1]
		}
		page := wants2xx(t, p.ask(t, "GET", l.path+"?"+strings.Trim(l.page(n, last)+"&"+filter, "&"), ""))
		for _, x := range page.Get(l.items).Array() {
			ids = append(ids, x.Get("id").String())
		}
		if !l.more(page, 4) {
			return ids
		}
	}
	t.Fatal("the pages have no end")
	return nil
}

// TestPagesOfOneAreMadeOfPagesOfAnother: whoever goes through a list by pages of
// its own sees every link of the upstream once, in its order.
func TestPagesOfOneAreMadeOfPagesOfAnother(t *testing.T) {
	t.Parallel()
	for from, ours := range listers {
		for to, theirs := range listers {
			if from == to {
				continue
			}
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				p := newPair(t, from, to, nil)
				for n := range 23 {
					made := p.direct(t, "POST", theirs.path, fmt.Sprintf(theirs.create, n))
					if n%3 == 0 && theirs.off != "" {
						p.direct(t, theirs.method, theirs.path+"/"+made.Get("id").String(), theirs.off)
					}
				}
				want := len(theirs.walk(t, &pair{front: p.back, from: to}, ""))
				got := ours.walk(t, p, "")
				if distinct := len(slices.Compact(slices.Sorted(slices.Values(got)))); len(got) != want || distinct != want {
					t.Fatalf("%d links are seen, %d of them distinct; there are %d", len(got), distinct, want)
				}
				if ours.all != "" {
					var whole []string
					for _, x := range wants2xx(t, p.ask(t, "GET", ours.path+"?"+ours.all, "")).Get(ours.items).Array() {
						whole = append(whole, x.Get("id").String())
					}
					if !slices.Equal(got, whole) {
						t.Errorf("page by page it is %v, at once %v", got, whole)
					}
				}
				if ours.active == "" {
					return
				}
				on, off := ours.walk(t, p, ours.active), ours.walk(t, p, ours.inactive)
				if theirs.off != "" && (len(off) < 8 || len(on) < 15) || len(on)+len(off) != want {
					t.Errorf("%d are active and %d are not, of %d", len(on), len(off), want)
				}
				back := wants2xx(t, p.ask(t, "GET", ours.path+"?limit=3&ending_before="+got[10], ""))
				var before []string
				for _, x := range back.Get("data").Array() {
					before = append(before, x.Get("id").String())
				}
				if !slices.Equal(before, got[7:10]) {
					t.Errorf("before the eleventh there is %v, want %v", before, got[7:10])
				}
			})
		}
	}
}

// TestCountsOfNeighbours: where the client's list tells how many there
// are, it counts the upstream's.
func TestCountsOfNeighbours(t *testing.T) {
	t.Parallel()
	p := newPair(t, "devdraft", "stripe", nil)
	for n := range 13 {
		p.direct(t, "POST", "/v1/products", fmt.Sprintf("name=P%d", n))
	}
	all := p.direct(t, "GET", "/v1/products?limit=100", "")
	want := int64(len(all.Get("data").Array()))
	for _, skip := range []int{0, 5, 10, 100} {
		got := wants2xx(t, p.ask(t, "GET", fmt.Sprintf("/api/v0/products?take=5&skip=%d", skip), ""))
		if n := got.Get("total").Int(); n != want {
			t.Errorf("behind %d the total is %d, want %d", skip, n, want)
		}
	}
}

// TestPagesOfCustomers go through the upstream's by cursors that are opaque, by
// offsets and by ids, and count them where the client's do.
func TestPagesOfCustomers(t *testing.T) {
	t.Parallel()
	type customers struct {
		path, create string
		next         func(n int, page gjson.Result) string // "" for none
	}
	size := func(page gjson.Result) int { return len(page.Get("data").Array()) }
	all := map[string]customers{
		"devdraft": {"/api/v0/customers", `{"first_name":"A","last_name":"B","phone_number":"+12025550%03d"}`, func(n int, page gjson.Result) string {
			if size(page) < 4 {
				return ""
			}
			return fmt.Sprintf("take=4&skip=%d", 4*(n+1))
		}},
		"stripe": {"/v1/customers", "name=C%d", func(_ int, page gjson.Result) string {
			if !page.Get("has_more").Bool() {
				return ""
			}
			return "limit=4&starting_after=" + page.Get("data.@reverse.0.id").String()
		}},
		"kirimdev": {"/v1/customers", `{"name":"C %d"}`, func(_ int, page gjson.Result) string {
			if !page.Get("has_more").Bool() {
				return ""
			}
			return "limit=4&cursor=" + page.Get("next_cursor").String()
		}},
	}
	first := map[string]string{"devdraft": "take=4", "stripe": "limit=4", "kirimdev": "limit=4"}
	walk := func(t *testing.T, p *pair, c customers, query string) (ids []string) {
		t.Helper()
		for n := 0; query != "" && n < 40; n++ {
			page := wants2xx(t, p.ask(t, "GET", c.path+"?"+query, ""))
			for _, x := range page.Get("data").Array() {
				ids = append(ids, x.Get("id").String())
			}
			if total := page.Get("total"); total.Exists() && total.Int() < 13 {
				t.Errorf("the total is %d", total.Int())
			}
			query = c.next(n, page)
		}
		return ids
	}
	for from, ours := range all {
		for to, theirs := range all {
			if from == to {
				continue
			}
			t.Run(from+" to "+to, func(t *testing.T) {
				t.Parallel()
				p := newPair(t, from, to, nil)
				for n := range 13 {
					p.direct(t, "POST", theirs.path, fmt.Sprintf(theirs.create, n))
				}
				want := walk(t, &pair{front: p.back, from: to}, theirs, first[to])
				got := walk(t, p, ours, first[from])
				if distinct := len(slices.Compact(slices.Sorted(slices.Values(got)))); len(got) != len(want) || distinct != len(want) {
					t.Errorf("%d are seen, %d of them distinct; there are %d", len(got), distinct, len(want))
				}
			})
		}
	}
}
