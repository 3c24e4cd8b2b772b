package ledger

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Batch makes one batch of changes that happen together, on the rows that they
// were made for; no two of them are about the same record. answer is what is
// kept under an idempotency key, nil where nothing is. A record of the changes
// belongs to the batch afterwards.
func (l *Ledger) Batch(v View, answer *Answer, changes ...*Change) store.Batch {
	var b store.Batch
	var entries, told []*store.Row
	for _, c := range changes {
		l.rows(&b, v, c)
		for _, c := range c.steps() {
			if row := l.entry(v, c); row != nil {
				entries = append(entries, row)
			}
			told = append(told, l.tell(v, c, changes)...)
		}
	}
	keepLatest(&b, v, record.Audits.Kind, entries, MaxAudits)
	keepLatest(&b, v, record.Events.Kind, told, MaxEvents)
	if answer != nil {
		answer.keep(&b, v)
	}
	return b
}

// steps are the changes that one comes to: itself, and what follows at once.
func (c *Change) steps() []*Change {
	if c.Lapsed == nil {
		return []*Change{c}
	}
	return []*Change{c, c.next()}
}

// rows adds what a change does to the record's own row, to its unique keys and
// to the ids that it has elsewhere.
func (l *Ledger) rows(b *store.Batch, v View, c *Change) {
	if c.Kind == Create {
		row := l.row(c)
		b.Expect = append(b.Expect, store.Expect{Table: row.Table, Key: row.Key})
		b.Put = append(b.Put, row)
		l.claim(b, v, c, row.Key)
	} else {
		b.Expect = append(b.Expect, store.Expect{Table: c.Row.Table, Key: c.Row.Key, Version: c.Row.Version})
		switch {
		case c.After == nil:
			b.Del = append(b.Del, store.Expect{Table: c.Row.Table, Key: c.Row.Key})
		case c.Final() == c.Before:
		case c.Kind.passage():
			b.Put = append(b.Put, l.with(c.Row, c.Final()))
		default:
			b.Put = append(b.Put, l.row(c))
			l.claim(b, v, c, c.Row.Key)
		}
	}
	l.aliases(b, c)
}

// row is the row of a record that was made, or changed in what it says. One
// that belongs to another dialect goes back under its own id, with the keys
// that its own dialect gives it.
func (l *Ledger) row(c *Change) *store.Row {
	it := c.Final()
	if c.foreign() {
		it = it.Clone()
		it.Set(record.SlotID, record.Quote(strings.TrimPrefix(c.Row.Key, it.Dialect+"/")))
		row := dialect.NewRow(l.Home(it), it)
		row.Scope = c.Row.Scope
		return row
	}
	row := c.Resource.Row(it)
	if l.Shared {
		if scope := sharing.Scope(c.Dialect, c.Resource); scope != "" {
			row.Scope = scope
		}
	}
	return row
}

// with is a row with another record in it that says the same of what it claims.
func (l *Ledger) with(row *store.Row, rec *record.Record) *store.Row {
	next := *row
	next.Record, next.Due = rec, dialect.NewRow(l.Home(rec), rec).Due
	return &next
}

// claim guards the unique keys of a record, and takes over those of records
// whose claims have ended.
func (l *Ledger) claim(b *store.Batch, v View, c *Change, own string) {
	if c.foreign() {
		return
	}
	for i, key := range c.Resource.Claims(c.Dialect.Name, c.Final()) {
		if key == "" {
			continue
		}
		table := c.Resource.Schema.Kind
		b.Absent = append(b.Absent, store.Lookup{Table: table, Key: key, Row: own})
		for _, row := range v.Find(table, key) {
			if row.Key == own || !c.Resource.ClaimEnds(i, row.Record, c.At) {
				continue
			}
			next := *row
			next.Keys = slices.DeleteFunc(slices.Clone(row.Keys), func(k string) bool { return k == key })
			b.Expect = append(b.Expect, store.Expect{Table: row.Table, Key: row.Key, Version: row.Version})
			b.Put = append(b.Put, &next)
		}
	}
}

// aliases keeps the rows of a link's other ids in step with it.
func (l *Ledger) aliases(b *store.Batch, c *Change) {
	if !l.Shared || c.subject().Schema != record.Links {
		return
	}
	switch c.Kind {
	case Create:
		b.Put = append(b.Put, sharing.Aliases(l.Set, c.After)...)
	case Delete:
		for _, row := range sharing.Aliases(l.Set, l.stored(c)) {
			b.Del = append(b.Del, store.Expect{Table: row.Table, Key: row.Key})
		}
	}
}

// stored is the record that is deleted, under the id that it is kept by.
func (l *Ledger) stored(c *Change) *record.Record {
	if !c.foreign() {
		return c.Before
	}
	it := c.Before.Clone()
	it.Set(record.SlotID, record.Quote(strings.TrimPrefix(c.Row.Key, it.Dialect+"/")))
	return it
}
