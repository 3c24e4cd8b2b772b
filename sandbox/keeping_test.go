package sandbox_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/store/filestore"
	"github.com/polylink-dev/polylink/webhook"
)

// keptPost delivers nothing, and notes what it is asked to.
type keptPost struct {
	box     *webhook.Outbox
	taken   []string // keys of events
	resumed []string
}

func (p *keptPost) Taken(b store.Batch)     { p.taken = append(p.taken, eventKeys(b.Put)...) }
func (p *keptPost) Moved()                  {}
func (p *keptPost) Outbox() *webhook.Outbox { return p.box }
func (p *keptPost) Resume(e []*store.Row)   { p.resumed = append(p.resumed, eventKeys(e)...) }
func (p *keptPost) Close()                  { p.box.Abandon() }

func eventKeys(rows []*store.Row) (keys []string) {
	for _, r := range rows {
		if r.Table == record.Events.Kind {
			keys = append(keys, r.Key)
		}
	}
	return keys
}

// house is sandboxes in a file, from one start to the next.
type house struct {
	*sandbox.Sandboxes
	file  *filestore.File
	posts map[string]*keptPost
	real  *fake
}

var declined = &faults.Scenario{Name: "declined", Steps: []faults.Step{{Times: 3, Outcome: "declined"}, {Times: 1, Outcome: "declined"}}}

func moveIn(t *testing.T, path string, real *fake) *house {
	t.Helper()
	file, err := filestore.Open(path, filestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{file: file, posts: map[string]*keptPost{}, real: real}
	pool := webhook.NewPool(nil)
	h.Sandboxes, err = sandbox.New(sandbox.Options{Keeper: file, KeepJournal: true, Journal: 3, Real: real.now, Rows: linkRows(3),
		Scenarios: func() *faults.Scenarios { return faults.NewScenarios([]*faults.Scenario{declined}) },
		Post: func(sb *sandbox.Sandbox) sandbox.Post {
			p := &keptPost{box: webhook.New(webhook.Options{Pool: pool, Clock: sb.Clock, Changed: sb.DeliveryChanged})}
			h.posts[sb.Name] = p
			return p
		}})
	if err != nil {
		t.Fatal(err)
	}
	h.Resume(t.Context(), nil)
	return h
}

func (h *house) moveOut(t *testing.T) {
	t.Helper()
	if err := h.file.Close(); err != nil {
		t.Error(err)
	}
}

func TestASandboxOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	real := &fake{}
	h := moveIn(t, path, real)
	sb := get(t, h.Sandboxes, "one")
	add(t, sb, "mine")
	sb.Clock.Run(start.AddDate(1, 0, 0), 60)
	policy, err := ratelimit.NewPolicy("writes", ratelimit.Bucket, 5, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		sb.Limits.Take(t.Context(), policy, 0, "a\x00key")
	}
	if _, err := sb.Faults.Add(faults.Fault{Times: 3, Status: 503}); err != nil {
		t.Fatal(err)
	}
	sb.Faults.Take(faults.Call{Dialect: "x", Operation: "y"})
	sb.Plays.Start(declined)
	sb.Plays.TakeOutcome("x")
	h.posts["one"].box.Restore([]webhook.Delivery{{ID: "dlv_1", Seq: 1, Status: webhook.Delivered, Event: webhook.Event{Body: []byte("{}")}, Attempts: []webhook.Attempt{{Error: "none"}}}})
	sb.DeliveryChanged("dlv_1")
	for range 4 {
		sb.Journal.Add(&journal.Entry{N: sb.Journal.Number(), Dialect: "x", Path: "/a?secret", Secrets: []string{"secret"}})
	}
	if _, err := h.Fork(t.Context(), "one", "two"); err != nil {
		t.Fatal(err)
	}
	get(t, h.Sandboxes, "gone")
	if _, err := h.Drop(t.Context(), "gone"); err != nil {
		t.Fatal(err)
	}
	add(t, get(t, h.Sandboxes, "again"), "mine")
	if _, err := h.Reset(t.Context(), "again"); err != nil {
		t.Fatal(err)
	}
	h.moveOut(t)

	real.pass(time.Minute)
	h = moveIn(t, path, real)
	defer h.moveOut(t)
	var names []string
	for _, sb := range h.All() {
		names = append(names, sb.Name)
	}
	if diff := cmp.Diff([]string{"again", "default", "one", "two"}, names); diff != "" {
		t.Errorf("the sandboxes (-want +got)\n%s", diff)
	}
	was := sb
	sb = get(t, h.Sandboxes, "one")
	if !has(sb, "mine") || links(t, sb) != 4 || has(get(t, h.Sandboxes, "again"), "mine") || !has(get(t, h.Sandboxes, "two"), "mine") {
		t.Error("rows are not what they were")
	}
	if want := start.AddDate(1, 0, 0).Add(time.Hour); !sb.Clock.Now().Equal(want) || sb.Clock.Rate() != 60 {
		t.Errorf("the clock shows %s, want %s", sb.Clock.Now(), want)
	}
	if !sb.Start.Equal(was.Start) || !sb.Created.Equal(was.Created) || sb.Journal.Last() != 4 {
		t.Errorf("it is %+v", sb)
	}
	if list := sb.Journal.Entries(); len(list) != 3 || list[0].N != 2 || list[2].Path != "/a?<secret>" {
		t.Errorf("the journal is %+v", list)
	}
	if diff := cmp.Diff(was.Limits.Export(), sb.Limits.Export()); diff != "" || len(sb.Limits.Export()) != 1 {
		t.Errorf("limits (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(was.Faults.List(), sb.Faults.List()); diff != "" {
		t.Errorf("faults (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]faults.Play{{Name: "declined", State: faults.Running, Step: 1, Left: 2}}, sb.Plays.List()); diff != "" {
		t.Errorf("scenarios (-want +got)\n%s", diff)
	}
	if d, ok := h.posts["one"].box.Get("dlv_1"); !ok || d.Attempts[0].Error != "none" {
		t.Errorf("the delivery is %+v, %v", d, ok)
	}
}

func event(key string) *store.Row {
	return &store.Row{Table: record.Events.Kind, Key: key, Scope: record.Events.Kind, Record: record.New(record.Events, "x")}
}

func TestEventsThatNobodyWasToldOfAreToldOfLater(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	h := moveIn(t, path, &fake{})
	sb := get(t, h.Sandboxes, "default")
	if err := sb.DB.Commit(t.Context(), store.Batch{Put: []*store.Row{event("told")}}); err != nil {
		t.Fatal(err)
	}
	if err := h.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"told"}, h.posts["default"].taken); diff != "" {
		t.Errorf("taken (-want +got)\n%s", diff)
	}
	h.moveOut(t)

	// A process that ends between a batch and what comes of it.
	file, err := filestore.Open(path, filestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	kept := file.Kept()[0]
	kept.Resume(nil)
	if err := errors.Join(kept.DB.Commit(t.Context(), store.Batch{Put: []*store.Row{event("untold")}}), file.Close()); err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{{"untold"}, nil} {
		h = moveIn(t, path, &fake{})
		if diff := cmp.Diff(want, h.posts["default"].resumed); diff != "" {
			t.Errorf("resumed (-want +got)\n%s", diff)
		}
		h.moveOut(t)
	}
}

func TestEventsThatASandboxWasMadeWithAreNotToldOfAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	h := moveIn(t, path, &fake{})
	if _, err := h.Put(t.Context(), "restored", []*store.Row{event("past")}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Fork(t.Context(), "restored", "forked"); err != nil {
		t.Fatal(err)
	}
	if err := h.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.moveOut(t)

	h = moveIn(t, path, &fake{})
	defer h.moveOut(t)
	for _, name := range []string{"restored", "forked"} {
		if n := len(get(t, h.Sandboxes, name).DB.Read(t.Context()).Scan(record.Events.Kind, "", store.Page{})); n != 1 {
			t.Errorf("%s has %d events, want 1", name, n)
		}
		if p := h.posts[name]; p == nil || len(p.resumed) > 0 {
			t.Errorf("%s is told of the past again: %+v", name, p)
		}
	}
}

func TestWhatCannotBeGoneOnWithIsLeftOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	h := moveIn(t, path, &fake{})
	sb := get(t, h.Sandboxes, "default")
	sb.Plays.Start(&faults.Scenario{Name: "of yesterday", Steps: []faults.Step{{Times: 1, Outcome: "declined"}}})
	sb.Plays.Start(declined)
	h.moveOut(t)
	h = moveIn(t, path, &fake{})
	defer h.moveOut(t)
	if list := get(t, h.Sandboxes, "default").Plays.List(); len(list) != 1 || list[0].Name != "declined" {
		t.Errorf("scenarios are %+v", list)
	}
}
