package sandbox_test

import (
	"bytes"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// fake is real time that a test moves by hand.
type fake struct{ passed atomic.Int64 }

func (f *fake) now() time.Time       { return start.Add(time.Duration(f.passed.Load())) }
func (f *fake) pass(d time.Duration) { f.passed.Add(int64(d)) }

// linkRows returns n links made an hour before start.
func linkRows(n int) func(time.Time) []*store.Row {
	return func(start time.Time) []*store.Row {
		rows := make([]*store.Row, n)
		for i := range rows {
			rows[i] = row("fixture"+strconv.Itoa(i), start.Add(-time.Hour))
		}
		return rows
	}
}

func row(key string, at time.Time) *store.Row {
	r := &store.Row{Table: record.Links.Kind, Key: key, Scope: "a", Created: at.UnixNano(), Record: record.New(record.Links, "x")}
	r.Record.Set(record.SlotID, record.Quote(key))
	r.Record.Set(record.SlotCreated, record.FormatTime(at))
	return r
}

func make1(tb testing.TB, opts sandbox.Options) *sandbox.Sandboxes {
	tb.Helper()
	opts.Engine = mockstore.Make
	w, err := sandbox.New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

func get(tb testing.TB, w *sandbox.Sandboxes, name string) *sandbox.Sandbox {
	tb.Helper()
	sb, err := w.Get(tb.Context(), name)
	if err != nil {
		tb.Fatal(err)
	}
	return sb
}

func add(tb testing.TB, sb *sandbox.Sandbox, key string) {
	tb.Helper()
	if err := sb.DB.Commit(tb.Context(), store.Batch{
		Expect: []store.Expect{{Table: record.Links.Kind, Key: key}},
		Put:    []*store.Row{row(key, sb.Clock.Now())},
	}); err != nil {
		tb.Error(err)
	}
}

func has(sb *sandbox.Sandbox, key string) bool {
	return sb.DB.Read(context.Background()).Get(record.Links.Kind, key) != nil
}

// links counts the links of a sandbox.
func links(tb testing.TB, sb *sandbox.Sandbox) int {
	tb.Helper()
	n, err := sb.DB.Count(tb.Context(), record.Links.Kind)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// hit leaves a trace in what a sandbox has besides its rows, and hits counts them.
func hit(sb *sandbox.Sandbox) { sb.Journal.Add(&journal.Entry{N: sb.Journal.Number()}) }

func hits(sb *sandbox.Sandbox) int { return len(sb.Journal.Entries()) }

// drop forgets a sandbox.
func drop(tb testing.TB, w *sandbox.Sandboxes, name string) bool {
	tb.Helper()
	dropped, err := w.Drop(tb.Context(), name)
	if err != nil {
		tb.Error(err)
	}
	return dropped
}

func names(w *sandbox.Sandboxes) string {
	var all []string
	for _, sb := range w.All() {
		all = append(all, sb.Name)
	}
	return strings.Join(all, " ")
}

func TestValidName(t *testing.T) {
	t.Parallel()
	cases := map[string]bool{
		"default": true, "a": true, "-": true, "worker-7": true, strings.Repeat("a", 40): true,
		"": false, strings.Repeat("a", 41): false, "A": false, "a_b": false, "a.b": false, "a/b": false, "ä": false, "a\x00": false,
	}
	w := make1(t, sandbox.Options{})
	for name, want := range cases {
		if got := sandbox.ValidName(name); got != want {
			t.Errorf("ValidName(%q) = %v, want %v", name, got, want)
		}
		if _, err := w.Get(t.Context(), name); (err == nil) != want || err != nil && record.CodeOf(err) != record.CodeInvalid {
			t.Errorf("Get(%q) = %v", name, err)
		}
	}
}

func TestThousandSandboxesAreIsolated(t *testing.T) {
	t.Parallel()
	w := make1(t, sandbox.Options{Rows: linkRows(3)})
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			name := "w" + strconv.Itoa(i)
			sb := get(t, w, name)
			add(t, sb, name)
			add(t, sb, "shared")
			sb.Clock.Set(start.Add(time.Duration(i)*time.Hour), true)
			hit(sb)
		})
	}
	wg.Wait()
	for i := range 1000 {
		sb := get(t, w, "w"+strconv.Itoa(i))
		if n := links(t, sb); n != 5 || !has(sb, sb.Name) || hits(sb) != 1 {
			t.Fatalf("%s has %d links and %d hits", sb.Name, n, hits(sb))
		}
		if got, want := sb.Clock.Now(), start.Add(time.Duration(i)*time.Hour); got != want {
			t.Fatalf("%s shows %v, want %v", sb.Name, got, want)
		}
	}
	if sb := get(t, w, sandbox.Default); links(t, sb) != 3 {
		t.Errorf("the default sandbox has %d links, want its fixtures", links(t, sb))
	}
}

func TestConcurrentFirstUsesMakeOne(t *testing.T) {
	t.Parallel()
	w := make1(t, sandbox.Options{})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { hit(get(t, w, "one")) })
	}
	wg.Wait()
	if n := hits(get(t, w, "one")); n != 50 || w.Len() != 2 {
		t.Errorf("%d sandboxes, and %d hits in the one, want 50", w.Len(), n)
	}
}

func TestLeastRecentlyUsedMakesRoom(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	real := &fake{}
	w := make1(t, sandbox.Options{Real: real.now, Max: 4, Log: slog.New(slog.NewTextHandler(&log, nil))})
	for _, name := range strings.Fields("a b c a b d a e") { // c, then b go
		real.pass(time.Second)
		get(t, w, name)
	}
	if got := names(w); got != "a d default e" {
		t.Errorf("there are %s", got)
	}
	if w.Counts().Sandboxes.Load() != 2 {
		t.Errorf("%d are counted as evicted, want 2", w.Counts().Sandboxes.Load())
	}
	c, b := strings.Index(log.String(), "sandbox=c reason=full"), strings.Index(log.String(), "sandbox=b reason=full")
	if c < 0 || b < c || strings.Count(log.String(), "sandbox evicted") != 2 {
		t.Errorf("the log has not c and then b:\n%s", &log)
	}
	if _, err := w.Fork(t.Context(), "a", "f"); err != nil || names(w) != "a default e f" {
		t.Errorf("after a fork = %v there are %s", err, names(w))
	}
}

func TestDefaultStaysWhereThereIsRoomForOne(t *testing.T) {
	t.Parallel()
	w := make1(t, sandbox.Options{Max: 1})
	get(t, w, "a")
	get(t, w, "b")
	if got := names(w); got != "b default" {
		t.Errorf("there are %s", got)
	}
}

func TestIdleSandboxesGoWhenOneIsMade(t *testing.T) {
	t.Parallel()
	real := &fake{}
	w := make1(t, sandbox.Options{Real: real.now, Idle: time.Hour})
	get(t, w, "old")
	get(t, w, "used")
	real.pass(50 * time.Minute)
	get(t, w, "used")
	real.pass(10 * time.Minute)
	get(t, w, "third")
	if got := names(w); got != "default old third used" {
		t.Errorf("after exactly an hour there are %s", got)
	}
	real.pass(1)
	get(t, w, "fourth")
	if got := names(w); got != "default fourth third used" || w.Counts().Sandboxes.Load() != 1 {
		t.Errorf("after more than an hour there are %s, %d evicted", got, w.Counts().Sandboxes.Load())
	}
	real.pass(3 * time.Hour)
	if _, err := w.Reset(t.Context(), "used"); err != nil {
		t.Fatal(err)
	}
	get(t, w, "fifth")
	if got := names(w); got != "default fifth used" {
		t.Errorf("after a reset there are %s", got)
	}
}

func TestResetGoesBackToFixtures(t *testing.T) {
	t.Parallel()
	for _, name := range []string{sandbox.Default, "a"} {
		w := make1(t, sandbox.Options{Rows: linkRows(2)})
		old := get(t, w, name)
		add(t, old, "mine")
		old.Clock.Set(start, true)
		hit(old)
		sb, err := w.Reset(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if sb == old || sb != get(t, w, name) || links(t, sb) != 2 || !sb.Clock.Real() || hits(sb) != 0 {
			t.Errorf("%s is not as new: %d links", name, links(t, sb))
		}
		if !has(old, "mine") {
			t.Errorf("a request that held %s lost its rows", name)
		}
		add(t, old, "late")
		if has(sb, "late") {
			t.Errorf("a late write shows in the new %s", name)
		}
	}
}

func TestDropForgets(t *testing.T) {
	t.Parallel()
	w := make1(t, sandbox.Options{Rows: linkRows(1)})
	add(t, get(t, w, "a"), "mine")
	add(t, get(t, w, sandbox.Default), "mine")
	if drop(t, w, "b") || drop(t, w, "B") {
		t.Error("dropped what is not there")
	}
	if !drop(t, w, "a") || w.Peek("a") != nil || has(get(t, w, "a"), "mine") {
		t.Error("a is still there")
	}
	if !drop(t, w, sandbox.Default) || w.Peek(sandbox.Default) == nil || has(get(t, w, sandbox.Default), "mine") {
		t.Error("the default one was not reset")
	}
}

func TestForkIsIsolatedBothWays(t *testing.T) {
	t.Parallel()
	real := &fake{}
	w := make1(t, sandbox.Options{Rows: linkRows(1), Real: real.now})
	a := get(t, w, "a")
	add(t, a, "before")
	a.Clock.Set(start.AddDate(1, 0, 0), true)
	real.pass(time.Minute)
	for from, tc := range map[string]struct {
		to   string
		want record.Code
	}{
		"none":          {"b", record.CodeNotFound},
		"a":             {"a", record.CodeConflict},
		sandbox.Default: {"B", record.CodeInvalid},
	} {
		if _, err := w.Fork(t.Context(), from, tc.to); err == nil || record.CodeOf(err) != tc.want {
			t.Errorf("Fork(%q, %q) = %v, want %s", from, tc.to, err, tc.want)
		}
	}
	if _, err := w.Fork(t.Context(), "a", "b"); err != nil {
		t.Fatal(err)
	}
	b := get(t, w, "b")
	if !has(b, "before") || b.Clock.Now() != a.Clock.Now() || b.Start != a.Start || b.Created == a.Created || b.Journal == a.Journal {
		t.Errorf("the fork is %+v of %+v", b, a)
	}
	add(t, a, "in a")
	add(t, b, "in b")
	b.Clock.Advance(time.Hour)
	if has(b, "in a") || has(a, "in b") || a.Clock.Now() != start.AddDate(1, 0, 0) {
		t.Error("what happened in one shows in the other")
	}
}

func TestFixturesAreAsOldAsTheirSandbox(t *testing.T) {
	t.Parallel()
	real := &fake{}
	built := 0
	w := make1(t, sandbox.Options{Real: real.now, Rows: func(start time.Time) []*store.Row {
		built++
		return linkRows(1)(start)
	}})
	for i, tc := range []struct {
		pass  time.Duration
		start time.Duration // of the sandbox made then
		built int
	}{{0, 0, 1}, {time.Second, 0, 1}, {1, time.Second + 1, 2}, {time.Hour, time.Hour + time.Second + 1, 3}, {-time.Minute, 59*time.Minute + time.Second + 1, 4}} {
		real.pass(tc.pass)
		sb := get(t, w, strconv.Itoa(i))
		made, _ := sb.DB.Read(t.Context()).Get(record.Links.Kind, "fixture0").Record.Time(record.SlotCreated)
		if want := start.Add(tc.start); sb.Start != want || made != want.Add(-time.Hour) || built != tc.built {
			t.Errorf("%d: start %v, fixture of %v, built %d times; want %v and %d", i, sb.Start, made, built, want, tc.built)
		}
	}
}

func TestReloadServesNewSandboxes(t *testing.T) {
	t.Parallel()
	w := make1(t, sandbox.Options{Rows: linkRows(1)})
	get(t, w, "old")
	if err := w.Reload(t.Context(), linkRows(2)); err != nil {
		t.Fatal(err)
	}
	bad := func(time.Time) []*store.Row { return []*store.Row{{Table: "x", Key: "y"}} }
	if err := w.Reload(t.Context(), bad); err == nil {
		t.Error("bad fixtures were taken")
	}
	get(t, w, "new")
	for _, sb := range w.All() {
		info := sb.Info(t.Context())
		if want := map[string]int{"old": 1, sandbox.Default: 1, "new": 2}[info.Name]; info.Links != want {
			t.Errorf("%s has %d links, want %d", info.Name, info.Links, want)
		}
	}
	if _, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: bad}); err == nil {
		t.Error("New took bad fixtures")
	}
	if _, err := sandbox.New(sandbox.Options{}); err == nil {
		t.Error("New took no engine")
	}
}

func TestEverythingAtOnce(t *testing.T) {
	t.Parallel()
	w := make1(t, sandbox.Options{Rows: linkRows(2), Max: 5, Idle: time.Nanosecond})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			name := string(rune('a' + i%8))
			for range 50 {
				hit(get(t, w, name))
				w.All()
				_, _ = w.Fork(t.Context(), name, name+"-fork") // may be there, or name gone again
				if _, err := w.Reset(t.Context(), name); err != nil {
					t.Error(err)
				}
				drop(t, w, name+"-fork")
				if err := w.Reload(t.Context(), linkRows(2)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := len(w.All()); n > 5 || w.Peek(sandbox.Default) == nil {
		t.Errorf("%d sandboxes are left: %s", n, names(w))
	}
}
