package ledger

import (
	"strconv"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/store"
)

var (
	auditOperation   = record.Audits.MustSlot("operation")
	auditCredential  = record.Audits.MustSlot("credential")
	auditRequest     = record.Audits.MustSlot("request")
	auditRecord      = record.Audits.MustSlot("record")
	auditBefore      = record.Audits.MustSlot("before")
	auditAfter       = record.Audits.MustSlot("after")
	auditSignificant = record.Audits.MustSlot("significant")
)

var auditID = ids.Spec{Prefix: "aud_", Alphabet: "0123456789abcdefghijklmnopqrstuvwxyz", Length: 20}

// MaxAudits bounds the audit entries of a sandbox; the oldest go first.
const MaxAudits = 1_000

// entry is the audit entry of a change, nil where it leaves none: those that
// move a record on in its life leave one in every dialect, and updates where
// the dialect keeps a trail of them.
func (l *Ledger) entry(v View, c *Change) *store.Row {
	var rule *dialect.AuditRule
	if c.Dialect != nil {
		rule = c.Dialect.Audit(c.Resource)
	}
	if !c.Kind.passage() && c.Kind != Revoke && (rule == nil || c.Kind != Update) {
		return nil
	}
	rec := record.New(record.Audits, c.dialect())
	rec.Set(record.SlotID, record.Quote(l.entryID(v, c)))
	rec.Set(record.SlotStatus, record.Quote(record.Active))
	rec.Set(record.SlotAccount, c.After.Get(record.SlotAccount))
	rec.Set(record.SlotCreated, record.FormatTime(c.At))
	rec.Set(auditOperation, record.Quote(c.operation()))
	rec.Set(auditRecord, c.After.Get(record.SlotID))
	if c.By != nil {
		by := c.By()
		rec.Set(auditCredential, record.Quote(by.Credential))
		if by.Request != nil {
			rec.SetLater(auditRequest, by.Request)
		}
	}
	rec.SetLater(auditBefore, shown{c.Before})
	rec.SetLater(auditAfter, shown{c.After})
	rec.Set(auditSignificant, strconv.FormatBool(rule != nil && rule.Significant(c.Before, c.After)))
	row := dialect.NewRow(nil, rec)
	row.Scope = record.Audits.Kind
	return row
}

// shown is a record as an audit entry has it.
type shown struct{ rec *record.Record }

func (s shown) Text() string { return string(document.Of(s.rec, true)) }
func (s shown) Size() int    { return s.rec.Size() }

// entryID is the id of a change's entry.
func (l *Ledger) entryID(v View, c *Change) string {
	if c.By != nil {
		return auditID.New(c.At, l.Random)
	}
	return derived(v, c, record.Audits.Kind, c.dialect(), &auditID)
}

// dialect is the dialect that an entry is filed under.
func (c *Change) dialect() string {
	if c.Dialect != nil {
		return c.Dialect.Name
	}
	return c.After.Dialect
}

// keepLatest adds rows of a bounded table to a batch, and lets the oldest go
// when there are more than may be.
func keepLatest(b *store.Batch, v View, table string, rows []*store.Row, most int) {
	if len(rows) == 0 {
		return
	}
	b.Put = append(b.Put, rows...)
	over := v.Count(table) + len(rows) - most
	if over <= 0 {
		return
	}
	for _, old := range v.Scan(table, table, store.Page{Ascending: true, Limit: over}) {
		b.Del = append(b.Del, store.Expect{Table: old.Table, Key: old.Key})
	}
}
