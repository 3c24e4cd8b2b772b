package sharing

import (
	"crypto/sha256"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

var (
	aliasRecord = record.Aliases.MustSlot("record")
	linkKind    = record.Links.MustSlot("kind")
)

// sharedBy returns the resource by which the dialect shows others' links, nil
// when it shows none: its links have a parent, or no ids are made for them.
func sharedBy(d *dialect.Dialect) *dialect.Resource {
	res := d.ResourceFor(record.Links.Kind)
	if res == nil || res.Parent != nil || res.IDs == nil {
		return nil
	}
	return res
}

// SetsUp tells whether links of the resource set something up instead of
// asking for money.
func SetsUp(res *dialect.Resource) bool {
	for _, a := range res.Start {
		if a.Slot == linkKind && a.Ext == "" && a.Doc != nil {
			return string(a.Doc.Lit) == `"setup"`
		}
	}
	return false
}

// Shows tells whether a dialect shows a link of another one.
func Shows(d *dialect.Dialect, rec *record.Record) bool {
	res := sharedBy(d)
	return res != nil && rec.Schema == record.Links && rec.Dialect != d.Name && SetsUp(res) == (rec.Get(linkKind) == `"setup"`)
}

// Scope is the list that a link is in where links are shared, "" where
// it keeps its own.
func Scope(d *dialect.Dialect, res *dialect.Resource) string {
	switch {
	case res == nil || res != sharedBy(d):
		return ""
	case SetsUp(res):
		return store.ScopeKey("*", "", "setup", "")
	}
	return store.ScopeKey("*", "", "pay", "")
}

// Alias is the id of another dialect's link in d.
func Alias(d *dialect.Dialect, rec *record.Record) string {
	made, _ := rec.Time(record.SlotCreated)
	return sharedBy(d).IDs.New(made, ids.Seeded(sha256.Sum256([]byte(d.Name+"\x00"+rec.Dialect+"\x00"+rec.ID()))))
}

// View is another dialect's link as d sees it: with the id it has here.
func View(d *dialect.Dialect, rec *record.Record) *record.Record {
	rec = rec.Clone()
	rec.Set(record.SlotID, record.Quote(Alias(d, rec)))
	return rec
}

// AliasOf is the primary key of the link that an alias stands for.
func AliasOf(alias *store.Row) string { return alias.Record.Text(aliasRecord) }

// Aliases are the rows that lead from a link's other ids to it.
func Aliases(s *dialect.Set, rec *record.Record) (rows []*store.Row) {
	for _, d := range s.Dialects {
		if !Shows(d, rec) {
			continue
		}
		alias := record.New(record.Aliases, d.Name)
		alias.Set(record.SlotID, record.Quote(Alias(d, rec)))
		alias.Set(record.SlotStatus, record.Quote(record.Active))
		alias.Set(record.SlotCreated, rec.Get(record.SlotCreated))
		alias.Set(aliasRecord, record.Quote(store.RowKey(rec.Dialect, rec.ID())))
		rows = append(rows, dialect.NewRow(nil, alias))
	}
	return rows
}

// Rows makes the rows of a world whose links are shared.
func Rows(s *dialect.Set, rows []*store.Row) []*store.Row {
	out := rows
	for _, row := range rows {
		if d := s.Dialect(row.Record.Dialect); d != nil && row.Record.Schema == record.Links {
			if scope := Scope(d, d.ResourceFor(record.Links.Kind)); scope != "" {
				row.Scope = scope
			}
			out = append(out, Aliases(s, row.Record)...)
		}
	}
	return out
}
