package backendtest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect/selection"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
)

const (
	mainShop = "shop_main0000"
	oldLink  = "lnk_old00000"
)

// life makes a link, reads, changes, revokes and deletes it.
func life(t *testing.T, c *client) {
	made := c.passes(t, call{op: "link.create", shop: mainShop, body: `{"title":"One","metadata":{"a":"1"}}`})
	id := made.Env.It.ID()
	if len(made.changes) != 1 || made.changes[0].Before != nil || made.changes[0].After == nil || made.changes[0].ID != id || made.changes[0].Table != record.Links.Kind {
		t.Errorf("the changes are %+v", made.changes)
	}
	if made.encoded == nil || made.encoded.ID() != id || made.encoded.Text(record.SlotStatus) != record.Active || made.encoded.Text(record.SlotAccount) != "a1" || made.encoded.Text(record.SlotParent) != mainShop {
		t.Errorf("what is encoded is %s", document.Of(made.encoded, false))
	}
	one := call{op: "link.get", shop: mainShop, id: id}
	if got := c.passes(t, one); got.title() != "One" || got.Env.Parent == nil || got.Env.Parent.ID() != mainShop || len(got.changes) != 0 {
		t.Errorf("read, it is %q", got.title())
	}
	changed := c.passes(t, call{op: "link.update", shop: mainShop, id: id, body: `{"title":"Two","metadata":{"b":"2"}}`})
	if len(changed.changes) != 1 || changed.Env.Old.Text(record.Links.MustSlot("title")) != "One" || changed.encoded.Get(record.SlotMetadata) != `{"a":"1","b":"2"}` {
		t.Errorf("changed, it is %s", document.Of(changed.encoded, false))
	}
	if got := c.passes(t, one).title(); got != "Two" {
		t.Errorf("read after the change, it is %q", got)
	}
	revoked := c.passes(t, call{op: "link.revoke", shop: mainShop, id: id})
	if got := c.passes(t, one).Env.It.Text(record.SlotStatus); revoked.encoded.Text(record.SlotStatus) != record.Revoked || got != record.Revoked {
		t.Errorf("revoked, it is %s", got)
	}
	if got := c.ask(t, call{op: "link.revoke", shop: mainShop, id: id}); !slices.Equal(got.codes, []record.Code{record.CodeState}) {
		t.Errorf("revoked twice: %v", got.codes)
	}
	gone := c.passes(t, call{op: "link.delete", shop: mainShop, id: id})
	if len(gone.changes) != 1 || gone.changes[0].After != nil || gone.changes[0].Before == nil || gone.title() != "Two" {
		t.Errorf("deleted: %+v", gone.changes)
	}
	if got := c.ask(t, one); !slices.Equal(got.codes, []record.Code{record.CodeNotFound}) {
		t.Errorf("deleted, it is %v", got.codes)
	}
}

// refusals are told by their codes, and change nothing.
func refusals(t *testing.T, c *client) {
	for name, want := range map[string]struct {
		in   call
		code record.Code
	}{
		"no link":         {call{op: "link.get", shop: mainShop, id: "lnk_none0000"}, record.CodeNotFound},
		"strange id":      {call{op: "link.get", shop: mainShop, id: "a/b?c=\x00"}, record.CodeNotFound},
		"no shop":         {call{op: "link.get", shop: "shop_none0000", id: oldLink}, record.CodeParentNotFound},
		"another's shop":  {call{op: "link.create", shop: "shop_other000", body: `{"title":"a"}`}, record.CodeParentNotFound},
		"another's link":  {call{op: "link.update", shop: mainShop, id: "lnk_other000", body: `{"title":"a"}`}, record.CodeNotFound},
		"a missing field": {call{op: "link.create", shop: mainShop, body: `{}`}, record.CodeMissing},
		"a wrong type":    {call{op: "link.update", shop: mainShop, id: oldLink, body: `{"title":1}`}, record.CodeType},
		"no such price":   {call{op: "link.create", shop: mainShop, body: `{"title":"a","price":"price_none0000"}`}, record.CodeReference},
		"another's price": {call{op: "link.create", shop: mainShop, body: `{"title":"a","price":"price_other000"}`}, record.CodeReference},
		"a rule":          {call{op: "link.update", shop: mainShop, id: oldLink, body: `{"title":"forbidden"}`}, record.CodeRule},
		"a slug":          {call{op: "link.create", shop: mainShop, body: `{"title":"a","slug":"old"}`}, record.CodeUnique},
	} {
		got := c.ask(t, want.in)
		if !slices.Equal(got.codes, []record.Code{want.code}) || got.encoded != nil || len(got.changes) != 0 {
			t.Errorf("%s: %v, want %s", name, got.codes, want.code)
		}
	}
	if all := c.ids(t, selection.Paging{Size: 100, Number: 1}); !slices.Equal(all, []string{oldLink}) {
		t.Errorf("after refusals there are %v", all)
	}
	if got := c.passes(t, call{op: "link.get", shop: mainShop, id: oldLink}).title(); got != "Old" {
		t.Errorf("after refusals it is %q", got)
	}
}

// gathering has several problems of fields, references and rules at once.
func gathering(t *testing.T, c *client) {
	got := c.ask(t, call{op: "link.create", shop: mainShop, body: `{"title":"forbidden","price":"price_none0000","slug":1}`})
	want := []record.Code{record.CodeRule, record.CodeType, record.CodeReference}
	slices.Sort(got.codes)
	slices.Sort(want)
	if !slices.Equal(got.codes, want) {
		t.Errorf("the problems are %v, want %v", got.codes, want)
	}
}

// ids lists the links of the main shop.
func (c *client) ids(t *testing.T, p selection.Paging) []string {
	t.Helper()
	return idsOf(c.passes(t, call{op: "link.list", shop: mainShop, paging: p}).page)
}

func idsOf(p selection.Found) (ids []string) {
	for _, rec := range p.Records {
		ids = append(ids, rec.ID())
	}
	return ids
}

// lists are newest first, paged both ways without a gap, and filtered.
func lists(t *testing.T, c *client) {
	want := []string{oldLink}
	for i := range 7 {
		made := c.passes(t, call{op: "link.create", shop: mainShop, body: `{"title":"T` + strconv.Itoa(i%2) + `"}`})
		want = append([]string{made.Env.It.ID()}, want...)
	}
	if got := c.ids(t, selection.Paging{Size: 100, Number: 1}); !slices.Equal(got, want) {
		t.Fatalf("the list is %v, want %v", got, want)
	}
	var got []string
	for p := (selection.Paging{Size: 3, Number: 1}); len(got) <= len(want); p.After = got[len(got)-1] {
		a := c.passes(t, call{op: "link.list", shop: mainShop, paging: p})
		got = append(got, idsOf(a.page)...)
		if !a.work.Listed(got[len(got)-1]) {
			t.Errorf("%s is not listed", got[len(got)-1])
		}
		if !a.page.More {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("page by page it is %v, want %v", got, want)
	}
	if got := c.ids(t, selection.Paging{Size: 3, Number: 1, Before: want[5]}); !slices.Equal(got, want[2:5]) {
		t.Errorf("before %s are %v, want %v", want[5], got, want[2:5])
	}
	filter := selection.Filter{Filter: c.w.Set.Dialect("acme").Op("link.list").Filters[0], Test: "equal", Texts: []string{`"T1"`}}
	a := c.passes(t, call{op: "link.list", shop: mainShop, paging: selection.Paging{Size: 2, Number: 1, Filters: []selection.Filter{filter}}})
	if got := idsOf(a.page); !slices.Equal(got, []string{want[1], want[3]}) || !a.page.More {
		t.Errorf("filtered they are %v, more %v; want %v", got, a.page.More, []string{want[1], want[3]})
	}
	if a.work.Listed("lnk_none0000") || a.work.Listed("lnk_other000") {
		t.Error("a link is listed that is not there, or another's")
	}
}

// references are found for whoever asks, and for nobody else.
func references(t *testing.T, c *client) {
	made := c.passes(t, call{op: "link.create", shop: mainShop, body: `{"title":"a","price":"price_main0000"}`})
	prices := made.Dialect.Resources["price"]
	if rec := made.work.Find(prices, "price_main0000"); rec == nil || rec.ID() != "price_main0000" {
		t.Errorf("the price is %v", rec)
	}
	if made.work.Find(prices, "price_other000") != nil || made.work.Find(prices, "price_none0000") != nil {
		t.Error("a price is found that is another's, or is none")
	}
}

// updatesAtOnce lose nothing, and decode each body once.
func updatesAtOnce(t *testing.T, c *client) {
	const n = 20
	list := c.atOnce(t, n, func(i int) call {
		return call{op: "link.update", shop: mainShop, id: oldLink, body: fmt.Sprintf(`{"metadata":{"k%d":"v"}}`, i)}
	})
	for i, a := range list {
		if len(a.codes) > 0 || a.decoded != 1 {
			t.Errorf("update %d is refused with %v, its body was decoded %d times", i, a.codes, a.decoded)
		}
	}
	rec := c.passes(t, call{op: "link.get", shop: mainShop, id: oldLink}).Env.It
	var keys map[string]string
	if err := json.Unmarshal([]byte(rec.Get(record.SlotMetadata)), &keys); err != nil || len(keys) != n {
		t.Errorf("%d of %d changes are there, %v", len(keys), n, err)
	}
}

// createsAtOnce of one slug: one of them wins.
func createsAtOnce(t *testing.T, c *client) {
	const n = 20
	list := c.atOnce(t, n, func(i int) call {
		return call{op: "link.create", shop: mainShop, body: `{"title":"T` + strconv.Itoa(i) + `","slug":"same"}`}
	})
	won := 0
	for _, a := range list {
		switch {
		case len(a.codes) == 0:
			won++
		case !slices.Equal(a.codes, []record.Code{record.CodeUnique}) || a.decoded != 1:
			t.Errorf("one lost with %v, its body was decoded %d times", a.codes, a.decoded)
		}
	}
	if all := c.ids(t, selection.Paging{Size: 100, Number: 1}); won != 1 || len(all) != 2 {
		t.Errorf("%d won, and there are %d links", won, len(all))
	}
}

// overtaken are calls that another one overtakes when all their checks are done.
func overtaken(t *testing.T, c *client) {
	update := call{op: "link.update", shop: mainShop, id: oldLink, body: `{"metadata":{"first":"1"}}`}
	update.meanwhile = func() {
		c.passes(t, call{op: "link.update", shop: mainShop, id: oldLink, body: `{"metadata":{"second":"2"}}`})
	}
	if a := c.passes(t, update); a.decoded != 1 || len(a.changes) != 1 {
		t.Errorf("the body was decoded %d times, and the changes are %+v", a.decoded, a.changes)
	}
	rec := c.passes(t, call{op: "link.get", shop: mainShop, id: oldLink}).Env.It
	var keys map[string]string
	if err := json.Unmarshal([]byte(rec.Get(record.SlotMetadata)), &keys); err != nil || len(keys) != 2 {
		t.Errorf("of two changes there is %s", rec.Get(record.SlotMetadata))
	}

	won := 0
	count := func(a *asked) {
		if len(a.codes) == 0 {
			won++
		} else if !slices.Equal(a.codes, []record.Code{record.CodeUnique}) || len(a.changes) > 0 {
			t.Errorf("one lost with %v and %d changes", a.codes, len(a.changes))
		}
	}
	create := call{op: "link.create", shop: mainShop, body: `{"title":"a","slug":"same"}`}
	late := create
	late.meanwhile = func() { count(c.ask(t, create)) }
	count(c.ask(t, late))
	if won != 1 {
		t.Errorf("%d creates of one slug won", won)
	}

	gone := call{op: "link.update", shop: mainShop, id: oldLink, body: `{"title":"New"}`}
	gone.meanwhile = func() { c.passes(t, call{op: "link.delete", shop: mainShop, id: oldLink}) }
	c.ask(t, gone) // before the deletion it passes, and after it nothing is found
	if got := c.ask(t, call{op: "link.get", shop: mainShop, id: oldLink}); !slices.Equal(got.codes, []record.Code{record.CodeNotFound}) {
		t.Errorf("what was deleted is %v", got.codes)
	}
}

// atOnce makes n calls at the same moment.
func (c *client) atOnce(t *testing.T, n int, of func(i int) call) []*asked {
	t.Helper()
	list, errs := make([]*asked, n), make([]error, n)
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			list[i], errs[i] = c.do(t.Context(), of(i))
		})
	}
	done.Wait()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// expiry of a link whose date is past already, and that comes back.
func expiry(t *testing.T, c *client) {
	at := func(d time.Duration) string { return `"` + start.Add(d).Format(time.RFC3339) + `"` }
	made := c.passes(t, call{op: "link.create", shop: mainShop, body: `{"title":"a","until":` + at(-time.Hour) + `}`})
	if got := made.encoded.Text(record.SlotStatus); got != record.Expired {
		t.Errorf("made too late it is %s", got)
	}
	id := made.Env.It.ID()
	for _, step := range []struct{ until, want string }{{at(time.Hour), record.Active}, {at(0), record.Expired}, {"null", record.Active}} {
		c.passes(t, call{op: "link.update", shop: mainShop, id: id, body: `{"until":` + step.until + `}`})
		if got := c.passes(t, call{op: "link.get", shop: mainShop, id: id}).Env.It.Text(record.SlotStatus); got != step.want {
			t.Errorf("until %s it is %s, want %s", step.until, got, step.want)
		}
	}
}

// hangUps are clients that have gone before the change is made.
func hangUps(t *testing.T, c *client) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.do(ctx, call{op: "link.update", shop: mainShop, id: oldLink, body: `{"title":"New"}`}); err == nil {
		t.Error("a change for nobody was made")
	}
	if got := c.passes(t, call{op: "link.get", shop: mainShop, id: oldLink}).title(); got != "Old" {
		t.Errorf("it is %q", got)
	}
}

// others see what is theirs.
func others(t *testing.T, c *client) {
	c.key = "tok_other"
	if got := c.ask(t, call{op: "link.get", shop: mainShop, id: oldLink}); !slices.Equal(got.codes, []record.Code{record.CodeParentNotFound}) {
		t.Errorf("another's link is %v", got.codes)
	}
	if got := idsOf(c.passes(t, call{op: "link.list", shop: "shop_other000", paging: selection.Paging{Size: 100, Number: 1}}).page); !slices.Equal(got, []string{"lnk_other000"}) {
		t.Errorf("the other account lists %v", got)
	}
}
