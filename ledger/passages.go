package ledger

import (
	"fmt"
	"strconv"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Pass makes the changes by which a link is completed, fails, is cancelled or
// expires before its time, at a moment and on the rows as they are: the link's
// own first, then that of the record above it where that changes, too. A
// payment that fails or is cancelled leaves the link as it is. It returns
// record.CodeState where the link is in no state for it or has no expiry, and a
// dialect.Overrun where what it becomes is past the bounds of a value. told
// fills in what a person has done; nil is nothing.
func (l *Ledger) Pass(r store.Reader, row *store.Row, turn Turn, now time.Time, told func(e *dialect.Env)) ([]*Change, error) {
	kind := turn.Kind
	it := row.Record
	d, res := l.Set.Dialect(it.Dialect), l.Home(it)
	if res == nil {
		return nil, refused("the dialect %s has no %s", it.Dialect, it.Schema.Kind)
	}
	if status := it.Text(record.SlotStatus); status != record.Active && !turn.Anyway {
		return nil, refused("the %s is %s, and only an active one can %s", it.Schema.Kind, status, kind)
	}
	c := &Change{Kind: kind, At: now, Dialect: d, Resource: res, Row: row, Before: it, After: it}
	e := &dialect.Env{}
	e.Now, e.It, e.Link, e.Bounds = now, it, it, new(dialect.Bounds)
	e.Random = ids.Derived(string(kind), it.Dialect, it.ID(), strconv.FormatUint(row.Version, 10), record.FormatTime(now))
	if told != nil {
		told(e)
	}
	switch kind {
	case Complete:
		if lifecycle.Spent(it) && !turn.Anyway {
			return nil, refused("the %s was completed as often as it may be", it.Schema.Kind)
		}
		changes := l.complete(r, c, e)
		return changes, e.Overrun()
	case Expire:
		if c.After = lifecycle.End(res, e); c.After == nil {
			return nil, refused("%ss of %s do not expire", it.Schema.Kind, it.Dialect)
		}
	}
	return []*Change{c}, nil
}

// complete fills in what completing a link makes of it, and adds the change of
// the record above it.
func (l *Ledger) complete(r store.Reader, c *Change, e *dialect.Env) []*Change {
	res := c.Resource
	var above *store.Row
	if res.Parent != nil {
		above = r.Get(res.Parent.Schema.Kind, store.RowKey(c.Before.Dialect, c.Before.Text(record.SlotParent)))
	}
	if above != nil {
		e.Parent = above.Record
	}
	it, parent := lifecycle.Complete(res, e)
	c.After = it
	l.Lapse(c)
	if parent == nil {
		return []*Change{c}
	}
	return []*Change{c, {Kind: Update, At: c.At, Along: true, Dialect: c.Dialect, Resource: res.Parent, Row: above, Before: above.Record, After: parent}}
}

func refused(format string, args ...any) error {
	return &record.Error{Code: record.CodeState, Msg: fmt.Sprintf(format, args...)}
}
