package routes

import (
	"strconv"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/link"
)

var (
	auditOperation   = mustSlot(link.Audits, "operation")
	auditCredential  = mustSlot(link.Audits, "credential")
	auditRequest     = mustSlot(link.Audits, "request")
	auditRecord      = mustSlot(link.Audits, "record")
	auditBefore      = mustSlot(link.Audits, "before")
	auditAfter       = mustSlot(link.Audits, "after")
	auditSignificant = mustSlot(link.Audits, "significant")
)

var auditID = ids.Spec{Prefix: "aud_", Alphabet: "0123456789abcdefghijklmnopqrstuvwxyz", Length: 20}

// maxAudits bounds the audit entries of a sandbox; the oldest go first.
const maxAudits = 1_000

// audit adds an entry to the batch where the dialect keeps an audit trail of
// what the operation changes.
func (x *exchange) audit(b *link.Batch) {
	rule := x.d.Audit(x.op.Resource)
	if rule == nil || x.op.Does != dialect.Update || x.old == nil {
		return
	}
	rec := link.New(link.Audits, x.d.Name)
	id := auditID.New(x.now(), x.srv.opts.Random)
	rec.Set(link.SlotID, link.Quote(id))
	rec.Set(link.SlotStatus, link.Quote(link.Active))
	rec.Set(link.SlotAccount, x.env.It.Get(link.SlotAccount))
	rec.Set(link.SlotCreated, link.FormatTime(x.now()))
	rec.Set(auditOperation, link.Quote(x.op.Name))
	rec.Set(auditCredential, link.Quote(digest(x.cred.key)[:12]))
	rec.Set(auditRecord, x.env.It.Get(link.SlotID))
	rec.Set(auditRequest, `{"method":`+link.Quote(x.r.Method)+`,"path":`+link.Quote(x.env.Path)+`,"address":`+link.Quote(address(x.r))+
		`,"user_agent":`+link.Quote(clip(x.r.UserAgent(), 200))+`}`)
	after := x.op.Resource.Expire(x.env.It, x.now()) // both as they are seen
	rec.Set(auditBefore, string(dialect.Document(x.env.Old, true)))
	rec.Set(auditAfter, string(dialect.Document(after, true)))
	rec.Set(auditSignificant, strconv.FormatBool(rule.Significant(x.env.Old, after)))
	row := dialect.NewRow(nil, rec)
	row.Scope = link.Audits.Kind
	b.Put = append(b.Put, row)
	if x.sb.DB.Len(link.Audits.Kind) >= maxAudits {
		for _, old := range x.reader.Scan(link.Audits.Kind, link.Audits.Kind, link.Page{Ascending: true, Limit: 2}) {
			b.Del = append(b.Del, link.Expect{Table: old.Table, Key: old.Key})
		}
	}
}

func clip(s string, most int) string {
	if len(s) > most {
		return s[:most]
	}
	return s
}

// named returns a record that the account may name, or nil.
func (x *exchange) named(res *dialect.Resource, id string) *link.Record {
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
