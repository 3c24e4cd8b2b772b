package admin

import (
	"cmp"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// canonical is a record as its canonical document.
type canonical json.RawMessage

// MarshalJSON returns the document as it is.
func (d canonical) MarshalJSON() ([]byte, error) { return d, nil }

type linksAnswer struct {
	Links []canonical `json:"links" doc:"newest first"`
	Now   time.Time   `json:"now"`
}

// links lists canonical links, newest first.
func links(c *call) (any, error) {
	q := c.r.URL.Query()
	if d := q.Get("dialect"); d != "" {
		if err := c.checkDialect(d); err != nil {
			return nil, err
		}
	}
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	at := now(sb)
	out := linksAnswer{[]canonical{}, at}
	rows := sb.DB.Read().Scan(record.Links.Kind, "", store.Page{})
	newestFirst(rows)
	for _, row := range rows {
		rec := c.current(row.Record, at)
		if d := q.Get("dialect"); d != "" && rec.Dialect != d || q.Get("status") != "" && rec.Text(record.SlotStatus) != q.Get("status") {
			continue
		}
		out.Links = append(out.Links, dialect.Document(rec, true))
	}
	return out, nil
}

// newestFirst orders rows by when they were made.
func newestFirst(rows []*store.Row) {
	slices.SortFunc(rows, func(a, b *store.Row) int {
		return cmp.Or(cmp.Compare(b.Created, a.Created), cmp.Compare(b.Seq, a.Seq))
	})
}

// current is a record as it is at a time.
func (c *call) current(rec *record.Record, at time.Time) *record.Record {
	if d := c.o.Set().Dialect(rec.Dialect); d != nil {
		if res := d.ResourceFor(rec.Schema.Kind); res != nil {
			return res.Expire(rec, at)
		}
	}
	return rec
}

// find returns the link that the path names.
func (c *call) find(sb *sandbox.Sandbox, reader store.Reader) (*store.Row, *dialect.Resource, error) {
	d, err := c.ofPath()
	if err != nil {
		return nil, nil, err
	}
	row := reader.Get(record.Links.Kind, store.RowKey(d.Name, c.vars["id"]))
	res := d.ResourceFor(record.Links.Kind)
	if row == nil || res == nil {
		return nil, nil, notFound("there is no link %q of %s in sandbox %s; GET /__admin/links lists them", cut(clean(c.vars["id"])), d.Name, sb.Name)
	}
	return row, res, nil
}

func oneLink(c *call) (any, error) {
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	row, _, err := c.find(sb, sb.DB.Read())
	if err != nil {
		return nil, err
	}
	return canonical(dialect.Document(c.current(row.Record, now(sb)), true)), nil
}

// act does what a button of the hosted page does.
func act(what string) func(c *call) (any, error) {
	return func(c *call) (any, error) {
		sb, err := c.sandbox()
		if err != nil {
			return nil, err
		}
		for {
			doc, err := c.try(sb, what)
			if !errors.Is(err, store.ErrConflict) || c.r.Context().Err() != nil {
				return doc, err
			}
		}
	}
}

// try does it once, on the newest state. A payment that fails or is cancelled
// leaves the link as it is.
func (c *call) try(sb *sandbox.Sandbox, what string) (any, error) {
	reader := sb.DB.Read()
	row, res, err := c.find(sb, reader)
	if err != nil {
		return nil, err
	}
	e := &dialect.Env{Now: now(sb), It: c.current(row.Record, now(sb))}
	if status := e.It.Text(record.SlotStatus); status != record.Active {
		return nil, conflict("the link is %s, and only an active one can %s; choose another with GET /__admin/links?status=active", status, what)
	}
	b := store.Batch{Expect: []store.Expect{{Table: row.Table, Key: row.Key, Version: row.Version}}}
	it := e.It
	switch what {
	case "complete":
		if dialect.Spent(it) {
			return nil, conflict("the link was completed as often as it may be; raise its limit or choose another")
		}
		it = complete(&b, reader, row, res, e)
	case "expire":
		if it = res.End(e); it == nil {
			return nil, conflict("links of %s do not expire; there is nothing to wait for", row.Record.Dialect)
		}
		b.Put = append(b.Put, keep(row, it))
	}
	if err := sb.DB.Commit(c.r.Context(), b); err != nil {
		return nil, err
	}
	return canonical(dialect.Document(res.Expire(it, e.Now), true)), nil
}

// complete adds to a batch what completing a link changes: the link, and the
// record above it where that changes, too.
func complete(b *store.Batch, reader store.Reader, row *store.Row, res *dialect.Resource, e *dialect.Env) *record.Record {
	var above *store.Row
	if res.Parent != nil {
		above = reader.Get(res.Parent.Schema.Kind, store.RowKey(row.Record.Dialect, row.Record.Text(record.SlotParent)))
	}
	if above != nil {
		e.Parent = above.Record
	}
	it, parent := res.Complete(e)
	b.Put = append(b.Put, keep(row, it))
	if parent != nil {
		b.Expect = append(b.Expect, store.Expect{Table: above.Table, Key: above.Key, Version: above.Version})
		b.Put = append(b.Put, keep(above, parent))
	}
	return it
}

// keep is a row with another record in it.
func keep(row *store.Row, rec *record.Record) *store.Row {
	next := *row
	next.Record = rec
	return &next
}
