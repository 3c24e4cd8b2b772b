package admin

import (
	"context"
	"encoding/json"
	"time"

	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// AuditEntry is one change of a record, and who made it.
type AuditEntry struct {
	ID          string          `json:"id"`
	At          time.Time       `json:"at"`
	Dialect     string          `json:"dialect"`
	Account     string          `json:"account"`
	Credential  string          `json:"credential" doc:"a hash of it"`
	Operation   string          `json:"operation"`
	Record      string          `json:"record" doc:"id of what was changed"`
	Before      json.RawMessage `json:"before" schema:"any" doc:"the canonical record before"`
	After       json.RawMessage `json:"after" schema:"any" doc:"the canonical record after"`
	Significant bool            `json:"significant" doc:"the change is more than 5 % of what the dialect watches"`
	Request     json.RawMessage `json:"request,omitempty" schema:"any" doc:"method, path, address and user agent of the request to the dialect; left out where there was none"`
}

// AuditTrail is the audit trail of a sandbox.
type AuditTrail struct {
	Audit []AuditEntry `json:"audit" doc:"newest first"`
}

// Audit lists the audit trail, newest first.
func (a *API) Audit(ctx context.Context, _ None) (AuditTrail, error) {
	out := AuditTrail{[]AuditEntry{}}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return out, err
	}
	looks := a.looks()
	for _, row := range sb.DB.Read(ctx).Scan(record.Audits.Kind, record.Audits.Kind, store.Page{}) {
		out.Audit = append(out.Audit, showAudit(row.Record, looks))
	}
	return out, nil
}

// showAudit shows an entry with the names that clients rely on.
func showAudit(rec *record.Record, looks *journal.Secrets) AuditEntry {
	slot := func(name string) record.Slot {
		s, _ := rec.Schema.Slot(name)
		return s
	}
	raw := func(name string) json.RawMessage {
		if v := rec.Get(slot(name)); v != "" {
			return looks.Stored([]byte(v))
		}
		return json.RawMessage(record.Null)
	}
	at, _ := rec.Time(record.SlotCreated)
	var request json.RawMessage
	if rec.Has(slot("request")) {
		request = raw("request")
	}
	return AuditEntry{
		ID: rec.ID(), At: at, Dialect: rec.Dialect, Account: rec.Text(record.SlotAccount), Credential: rec.Text(slot("credential")),
		Operation: rec.Text(slot("operation")), Record: rec.Text(slot("record")), Before: raw("before"), After: raw("after"),
		Significant: rec.Get(slot("significant")) == "true", Request: request,
	}
}
