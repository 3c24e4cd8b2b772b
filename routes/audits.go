package routes

import (
	"strconv"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

var (
	auditOperation   = mustSlot(record.Audits, "operation")
	auditCredential  = mustSlot(record.Audits, "credential")
	auditRequest     = mustSlot(record.Audits, "request")
	auditRecord      = mustSlot(record.Audits, "record")
	auditBefore      = mustSlot(record.Audits, "before")
	auditAfter       = mustSlot(record.Audits, "after")
	auditSignificant = mustSlot(record.Audits, "significant")
)

var auditID = ids.Spec{Prefix: "aud_", Alphabet: "0123456789abcdefghijklmnopqrstuvwxyz", Length: 20}

// maxAudits bounds the audit entries of a sandbox; the oldest go first.
const maxAudits = 1_000

// audit adds an entry to the batch where the dialect keeps an audit trail of
// what the operation changes.
func (x *exchange) audit(b *store.Batch) {
	rule := x.d.Audit(x.op.Resource)
	if rule == nil || x.op.Does != dialect.Update || x.old == nil {
		return
	}
	rec := record.New(record.Audits, x.d.Name)
	id := auditID.New(x.now(), x.srv.opts.Random)
	rec.Set(record.SlotID, record.Quote(id))
	rec.Set(record.SlotStatus, record.Quote(record.Active))
	rec.Set(record.SlotAccount, x.env.It.Get(record.SlotAccount))
	rec.Set(record.SlotCreated, record.FormatTime(x.now()))
	rec.Set(auditOperation, record.Quote(x.op.Name))
	rec.Set(auditCredential, record.Quote(digest(x.cred.key)[:12]))
	rec.Set(auditRecord, x.env.It.Get(record.SlotID))
	rec.Set(auditRequest, `{"method":`+record.Quote(x.r.Method)+`,"path":`+record.Quote(x.env.Path)+`,"address":`+record.Quote(address(x.r))+
		`,"user_agent":`+record.Quote(clip(x.r.UserAgent(), 200))+`}`)
	after := x.op.Resource.Expire(x.env.It, x.now()) // both as they are seen
	rec.Set(auditBefore, string(dialect.Document(x.env.Old, true)))
	rec.Set(auditAfter, string(dialect.Document(after, true)))
	rec.Set(auditSignificant, strconv.FormatBool(rule.Significant(x.env.Old, after)))
	row := dialect.NewRow(nil, rec)
	row.Scope = record.Audits.Kind
	b.Put = append(b.Put, row)
	if n, _ := x.sb.DB.Count(x.r.Context(), record.Audits.Kind); n >= maxAudits {
		for _, old := range x.reader.Scan(record.Audits.Kind, record.Audits.Kind, store.Page{Ascending: true, Limit: 2}) {
			b.Del = append(b.Del, store.Expect{Table: old.Table, Key: old.Key})
		}
	}
}

// clip cuts a text to so many bytes, and never inside a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// named returns a record that the account may name, or nil.
func (x *exchange) named(res *dialect.Resource, id string) *record.Record {
	for _, m := range x.env.Made {
		if m.Resource.Schema == res.Schema && m.Record.ID() == id {
			return m.Record
		}
	}
	row := x.find(res, id)
	if row == nil || !x.mine(row) {
		return nil
	}
	return row.Record
}
