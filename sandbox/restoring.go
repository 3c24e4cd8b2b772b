package sandbox

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/webhook"
)

// restore makes the sandboxes that were kept. Their events are delivered from
// Resume on.
func (w *Sandboxes) restore() {
	if w.opts.Keeper == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, kept := range w.opts.Keeper.Kept() {
		sb := w.revive(kept)
		sb.keep.space = kept.Resume(sb.keep)
		sb.keep.told.keep = sb.keep.space
		sb.keep.tidy(kept.Parts)
		w.placeLocked(sb)
	}
}

// revive makes a sandbox as it was kept. What cannot be read is told and left
// out: the file was written by another version then.
func (w *Sandboxes) revive(kept store.Kept) *Sandbox {
	sb := &Sandbox{Name: kept.Name}
	sb.Parts, sb.keep = w.parts()
	read := func(key string, into any) {
		if value, there := kept.Parts[key]; there {
			if err := json.Unmarshal(value, into); err != nil {
				w.opts.Log.Warn("a part of a sandbox cannot be read, and is left out", "sandbox", kept.Name, "part", key, "error", err)
			}
		}
	}
	var made keptMade
	var use keptUse
	var now clock.State
	var shown []faults.Shown
	var plays []faults.Play
	read(partMade, &made)
	read(partUse, &use)
	read(partClock, &now)
	read(partFaults, &shown)
	read(partPlays, &plays)
	read(partTold, &sb.keep.told.highest)
	sb.keep.told.first = sb.keep.told.begin()
	sb.Start, sb.Created = made.Start, made.Created
	sb.Journal.Continue(use.Number)
	sb.Clock.Restore(now)
	w.reviveFaults(sb, shown, plays)
	w.furnish(sb, kept.DB)
	var limits []ratelimit.Entry
	var deliveries []webhook.Delivery
	var entries []*journal.Entry
	for key := range kept.Parts {
		switch {
		case strings.HasPrefix(key, limitPart):
			var e ratelimit.Entry
			read(key, &e)
			limits = append(limits, e)
		case strings.HasPrefix(key, deliveryPart):
			var d webhook.Delivery
			read(key, &d)
			deliveries = append(deliveries, d)
		case strings.HasPrefix(key, entryPart) && sb.keep.journal:
			e, err := journal.Decode(kept.Parts[key])
			if err != nil {
				w.opts.Log.Warn("an entry of a journal cannot be read, and is left out", "sandbox", kept.Name, "error", err)
				continue
			}
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b *journal.Entry) int { return cmp.Compare(a.N, b.N) })
	for _, e := range entries {
		sb.Journal.Add(e)
		sb.Journal.Continue(max(sb.Journal.Last(), e.N))
	}
	sb.Limits.Import(limits)
	if sb.Post != nil {
		slices.SortFunc(deliveries, func(a, b webhook.Delivery) int { return cmp.Compare(b.Seq, a.Seq) })
		sb.Post.Outbox().Restore(deliveries)
	}
	sb.seen = use.Used
	sb.used.Store(use.Used)
	return sb
}

// tidy drops parts that had no room, or that are not kept any more.
func (k *keeping) tidy(parts map[string][]byte) {
	for key := range parts {
		many := strings.HasPrefix(key, limitPart) || strings.HasPrefix(key, deliveryPart) && k.sb.Post != nil || strings.HasPrefix(key, entryPart)
		if many && k.member(key) == nil {
			k.mark(key)
		}
	}
}

// reviveFaults puts faults and scenarios back. Those that the program no longer
// has, or that do not fit, are told and left out.
func (w *Sandboxes) reviveFaults(sb *Sandbox, shown []faults.Shown, plays []faults.Play) {
	var list []faults.Fault
	for _, s := range shown {
		f, err := s.Fault()
		if err == nil {
			err = sb.Faults.Import(append(slices.Clip(list), f))
		}
		if err != nil {
			w.opts.Log.Warn("a fault is left out", "sandbox", sb.Name, "fault", s.ID, "error", err)
			continue
		}
		list = append(list, f)
	}
	_ = sb.Faults.Import(list) // it was tried
	var there *faults.Scenarios
	if w.opts.Scenarios != nil {
		there = w.opts.Scenarios()
	}
	var run []faults.Play
	for _, p := range plays {
		if err := sb.Plays.Import(append(slices.Clip(run), p), there); err != nil {
			w.opts.Log.Warn("a scenario is left out", "sandbox", sb.Name, "scenario", p.Name, "error", err)
			continue
		}
		run = append(run, p)
	}
	_ = sb.Plays.Import(run, there) // it was tried
}

// Resume goes on with what was under way in the sandboxes that were kept: their
// rows are read, the default one's first, adopt, which may be nil, is told of
// them, and events are delivered of which nobody may have been told. It returns
// when that is done, or the context ends.
func (w *Sandboxes) Resume(ctx context.Context, adopt func(*Sandbox)) {
	all := w.byUse()
	slices.Reverse(all)
	slices.SortStableFunc(all, func(a, b *Sandbox) int { return cmp.Compare(order(a), order(b)) })
	for _, sb := range all {
		if ctx.Err() != nil {
			return
		}
		if sb.keep != nil && sb.keep.told.first != nil {
			w.resume(ctx, sb, adopt)
		}
	}
}

func order(sb *Sandbox) int {
	if sb.Name == Default {
		return 0
	}
	return 1
}

// resume goes on in one sandbox.
func (w *Sandboxes) resume(ctx context.Context, sb *Sandbox, adopt func(*Sandbox)) {
	t := &sb.keep.told
	view := sb.DB.Read(ctx)
	var list []*store.Row
	for _, row := range view.Scan(record.Events.Kind, "", store.Page{}) {
		if row.Seq > t.first.after {
			list = append(list, row)
		}
	}
	if view.Err() != nil {
		return // it is told by the keeper, and the next start begins here again
	}
	slices.SortFunc(list, func(a, b *store.Row) int { return cmp.Compare(a.Seq, b.Seq) })
	if adopt != nil {
		adopt(sb)
	}
	if sb.Post != nil {
		sb.Post.Resume(list)
	}
	t.end(t.first, list)
}
