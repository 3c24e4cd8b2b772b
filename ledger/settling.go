package ledger

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// What time does by itself is written when anyone looks: every request and
// every call of the control API settles its sandbox first, and an advance of
// the clock does so when it has moved on. Each expiry is a change like any
// other, at the time at which it fell due, so the trail is the same whoever
// looked and when.
//
// A clock that is set back undoes nothing of it: what has expired stays so, and
// its entry says when. What has not fallen due yet will, when its time comes. A
// record whose date is moved on comes back, as it does without a clock.

// untold is the key by which the entries of expiries are found that no advance
// of the clock has told of.
const untold = "untold"

// atOnce is how many expiries go into one batch.
const atOnce = 64

// Settle writes what has fallen due in a sandbox by a time, in order. Two that
// settle at once write each expiry once. It returns the error of a context that
// ended, or the store's.
func (l *Ledger) Settle(ctx context.Context, db store.Engine, now time.Time) error {
	_, err := l.settle(ctx, db, now, true)
	return err
}

// Settled returns the state that was read, where nothing in it has fallen due by
// a time; else it settles and reads anew. It returns the errors of Settle.
func (l *Ledger) Settled(ctx context.Context, db store.Engine, r store.Reader, now time.Time) (store.Reader, error) {
	if len(r.Due(now.UnixMilli(), 1)) == 0 {
		return r, r.Err()
	}
	if err := l.Settle(ctx, db, now); err != nil {
		return nil, err
	}
	return db.Read(ctx), nil
}

// settle returns the changes that it has written, marked as told of or not.
func (l *Ledger) settle(ctx context.Context, db store.Engine, now time.Time, mark bool) ([]*Change, error) {
	var done []*Change
	for {
		v := Open(ctx, db)
		rows := v.Due(now.UnixMilli(), atOnce)
		if err := v.Err(); err != nil || len(rows) == 0 {
			return done, err
		}
		changes, b := l.fallen(v, rows, mark)
		switch err := db.Commit(ctx, b); {
		case err == nil:
			done = append(done, changes...)
		case !errors.Is(err, store.ErrConflict): // which somebody who settles as well has caused
			return done, err
		}
	}
}

// fallen makes the changes of rows that are due, and their batch. A row that
// its dialect no longer lets expire is due no more.
func (l *Ledger) fallen(v View, rows []*store.Row, mark bool) ([]*Change, store.Batch) {
	var changes []*Change
	var idle []*store.Row
	for _, row := range rows {
		if c := l.expiry(row); c != nil {
			changes = append(changes, c)
		} else {
			idle = append(idle, row)
		}
	}
	b := l.Batch(v, nil, changes...)
	b.Owed = true
	for _, row := range idle {
		next := *row
		next.Due = 0
		b.Expect = append(b.Expect, store.Expect{Table: row.Table, Key: row.Key, Version: row.Version})
		b.Put = append(b.Put, &next)
	}
	for _, row := range b.Put {
		if mark && row.Table == record.Audits.Kind {
			row.Keys = []string{untold}
		}
	}
	return changes, b
}

// expiry is the change that time makes of a row, nil where it makes none.
func (l *Ledger) expiry(row *store.Row) *Change {
	res := l.Home(row.Record)
	if res == nil {
		return nil
	}
	at, due := res.Due(row.Record)
	if !due {
		return nil
	}
	at = time.UnixMilli(dialect.DueAt(at)).UTC()
	return &Change{Kind: Expire, At: at, Dialect: l.Set.Dialect(row.Record.Dialect), Resource: res, Row: row, Before: row.Record, After: res.Expire(row.Record, at)}
}

// Effect is something that time has done, as it is told of.
type Effect struct {
	At      time.Time
	Kind    string // such as link.expired
	Dialect string
	ID      string
}

// Effects settles a sandbox and returns what time has done and was not told
// before, in order, each once. Of what was settled before it was asked for it
// knows as much as there are audit entries.
func (l *Ledger) Effects(ctx context.Context, db store.Engine, now time.Time) ([]Effect, error) {
	changes, err := l.settle(ctx, db, now, false)
	if err != nil {
		return nil, err
	}
	effects := make([]Effect, 0, len(changes))
	for _, c := range changes {
		effects = append(effects, Effect{c.At, c.Kind.Event(c.After.Schema.Kind), c.After.Dialect, c.After.ID()})
	}
	late, err := tell(ctx, db)
	if err != nil {
		return nil, err
	}
	effects = append(effects, late...)
	slices.SortStableFunc(effects, func(a, b Effect) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Dialect, b.Dialect), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return effects, nil
}

// tell takes the mark off the entries that have it, and returns them as
// effects.
func tell(ctx context.Context, db store.Engine) ([]Effect, error) {
	for {
		r := db.Read(ctx)
		rows := r.Find(record.Audits.Kind, untold)
		if err := r.Err(); err != nil || len(rows) == 0 {
			return nil, err
		}
		var b store.Batch
		var effects []Effect
		for _, row := range rows {
			next := *row
			next.Keys = nil
			b.Expect = append(b.Expect, store.Expect{Table: row.Table, Key: row.Key, Version: row.Version})
			b.Put = append(b.Put, &next)
			effects = append(effects, told(row.Record))
		}
		err := db.Commit(ctx, b)
		if err == nil || !errors.Is(err, store.ErrConflict) {
			return effects, err
		}
	}
}

// told is the effect that an entry is about.
func told(entry *record.Record) Effect {
	at, _ := entry.Time(record.SlotCreated)
	noun, verb, _ := strings.Cut(entry.Text(auditOperation), ".")
	return Effect{at, Kind(verb).Event(noun), entry.Dialect, entry.Text(auditRecord)}
}

// Reschedule lets the rows of a sandbox fall due by the rules of the ledger's
// dialects, where those of the set before had others. It returns the error of a
// context that ended, or the store's.
func (l *Ledger) Reschedule(ctx context.Context, db store.Engine, before *dialect.Set) error {
	for _, kind := range record.Kinds() {
		if l.scheduled(before, kind) {
			continue
		}
		for {
			b := l.rescheduled(db.Read(ctx), kind)
			if len(b.Put) == 0 {
				break
			}
			if err := db.Commit(ctx, b); err != nil && !errors.Is(err, store.ErrConflict) {
				return err
			}
		}
	}
	return nil
}

// scheduled tells whether records of a kind fall due in every dialect as they
// did in another set.
func (l *Ledger) scheduled(before *dialect.Set, kind string) bool {
	for _, d := range l.Set.Dialects {
		now, was := "", ""
		if res := d.ResourceFor(kind); res != nil {
			now = res.Expiry()
		}
		if d := before.Dialect(d.Name); d != nil && d.ResourceFor(kind) != nil {
			was = d.ResourceFor(kind).Expiry()
		}
		if now != was {
			return false
		}
	}
	return true
}

// rescheduled is a batch of rows that fall due otherwise than they say.
func (l *Ledger) rescheduled(r store.Reader, kind string) (b store.Batch) {
	off := func(row *store.Row) bool {
		res := l.Home(row.Record)
		return res != nil && dialect.NewRow(res, row.Record).Due != row.Due
	}
	for _, row := range r.Scan(kind, "", store.Page{Limit: atOnce, Keep: off}) {
		b.Expect = append(b.Expect, store.Expect{Table: row.Table, Key: row.Key, Version: row.Version})
		b.Put = append(b.Put, l.with(row, row.Record))
	}
	return b
}
