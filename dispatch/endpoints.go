package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/webhook"
)

// Control is the list of endpoints that belong to no account: they hear their
// dialect's whole sandbox, in every mode and environment.
const Control = "control"

// ControlKey is the primary key of such an endpoint, which keeps it apart from
// the records that dialects find by id.
func ControlKey(id string) string { return Control + "/" + id }

var (
	hookURL     = record.Hooks.MustSlot("url")
	hookSecret  = record.Hooks.MustSlot("secret")
	hookSecrets = record.Hooks.MustSlot("secrets")
	hookEvents  = record.Hooks.MustSlot("events")
)

// every is how an endpoint says that it hears everything.
const every = "*"

// hears tells whether a list of events has one, by the dialect's name or by
// that of the change; an empty list has all.
func hears(events []string, e ledger.Event) bool {
	return len(events) == 0 || slices.Contains(events, every) || slices.Contains(events, e.Name) || slices.Contains(events, e.Change)
}

// texts reads a list of texts.
func texts(list string) (out []string) {
	for _, v := range gjson.Parse(list).Array() {
		out = append(out, v.Str)
	}
	return out
}

// hearing tells whether an endpoint in a sandbox hears an event.
func hearing(row *store.Row, e ledger.Event) bool {
	rec := row.Record
	switch {
	case rec.Dialect != e.Dialect || rec.Text(record.SlotStatus) != record.Active:
		return false
	case !hears(texts(rec.Get(hookEvents)), e):
		return false
	case row.Scope == Control:
		return true
	}
	owner, live := rec.Text(record.SlotAccount), rec.Get(record.SlotLive)
	return (owner == "" || e.Account == "" || owner == e.Account) && (live == "" || e.Live == "" || live == e.Live)
}

// secrets are those that sign at a time, the current one first.
func secrets(rec *record.Record, now time.Time) (out []string) {
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	add(rec.Text(hookSecret))
	for _, v := range gjson.Parse(rec.Get(hookSecrets)).Array() {
		if v.Type == gjson.String {
			add(v.Str)
			continue
		}
		over, err := time.Parse(time.RFC3339Nano, v.Get("expires_at").Str)
		if err != nil || now.Before(over) {
			add(v.Get("secret").Str)
		}
	}
	return out
}

// made is an endpoint of a row, as webhooks call it.
func made(d *dialect.Dialect, rec *record.Record, now time.Time) webhook.Endpoint {
	return webhook.Endpoint{ID: rec.ID(), URL: rec.Text(hookURL), Secrets: secrets(rec, now), Style: d.Webhooks.Style}
}

// configured begins the id of an endpoint that the configuration has.
const configured = "config_"

// endpoint finds an endpoint as it stands now.
func (p *post) endpoint(name, id string) (webhook.Endpoint, bool) {
	d := p.d.o.Set().Dialect(name)
	if d == nil || d.Webhooks == nil {
		return webhook.Endpoint{}, false
	}
	if text, ok := strings.CutPrefix(id, configured); ok {
		if i, err := strconv.Atoi(text); err == nil && i >= 1 && i <= len(p.d.o.Endpoints) && !p.isOff(id) {
			return p.configured(d, i-1), true
		}
	}
	row := p.row(name, id)
	if row == nil || row.Record.Text(record.SlotStatus) != record.Active {
		return webhook.Endpoint{}, false
	}
	return made(d, row.Record, p.sb.Clock.Now()), true
}

// configured is one of the configuration's endpoints.
func (p *post) configured(d *dialect.Dialect, i int) webhook.Endpoint {
	e := &p.d.o.Endpoints[i]
	return webhook.Endpoint{ID: configured + strconv.Itoa(i+1), URL: e.URL, Secrets: e.Secrets, Style: d.Webhooks.Style}
}

// row is the row of an endpoint, or nil.
func (p *post) row(name, id string) *store.Row {
	r := p.sb.DB.Read(context.Background())
	if row := r.Get(record.Hooks.Kind, ControlKey(id)); row != nil && row.Record.Dialect == name {
		return row
	}
	return r.Get(record.Hooks.Kind, store.RowKey(name, id))
}

// disable switches an endpoint off, as its receiver asked.
func (p *post) disable(name, id string) {
	if strings.HasPrefix(id, configured) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.off[id] = true
		return
	}
	for {
		row := p.row(name, id)
		if row == nil {
			return
		}
		next := *row
		next.Record = row.Record.Clone()
		next.Record.Set(record.SlotStatus, record.Quote(record.Inactive))
		err := p.sb.DB.Commit(context.Background(), store.Batch{Expect: []store.Expect{{Table: row.Table, Key: row.Key, Version: row.Version}}, Put: []*store.Row{&next}})
		if err == nil {
			return
		}
		if !errors.Is(err, store.ErrConflict) {
			p.d.o.Log.Warn("a webhook endpoint could not be switched off", "sandbox", p.sb.Name, "endpoint", id, "error", err)
			return
		}
	}
}

func (p *post) isOff(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.off[id]
}

// CheckEvents refuses names of events that a dialect does not have. A change,
// such as link.created, is one, whether the dialect tells of it or not.
func CheckEvents(d *dialect.Dialect, names []string) error {
	known := d.EventNames()
	for _, name := range names {
		if name != every && !ledger.IsChange(name) && !slices.Contains(known, name) {
			return fmt.Errorf("%s has no event %q%s", d.Name, name, yml.Instead(name, known))
		}
	}
	return nil
}

// CheckSecret refuses a secret with which a dialect cannot sign. Its error does
// not show it.
func CheckSecret(d *dialect.Dialect, secret string) error {
	if d.Webhooks == nil || d.Webhooks.Style.Signature == nil {
		return nil
	}
	return d.Webhooks.Style.Signature.CheckSecret(secret)
}
