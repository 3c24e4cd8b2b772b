package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// Webhook endpoints are hook records that belong to no account, in a list of
// their own beside those that the dialects' own operations make: dispatch.Control.

// Bounds of webhook endpoints.
const (
	maxHooks  = 1000 // in one sandbox
	maxURL    = 2048
	maxSecret = 500
	maxOlder  = 10 // secrets of one endpoint
	maxEvents = 100
)

var (
	hookID      = ids.Spec{Prefix: "whk_", Alphabet: "0123456789abcdefghijklmnopqrstuvwxyz", Length: 20}
	hookURL     = record.Hooks.MustSlot("url")
	hookSecret  = record.Hooks.MustSlot("secret")
	hookSecrets = record.Hooks.MustSlot("secrets")
	hookEvents  = record.Hooks.MustSlot("events")
)

// WebhookInfo is a webhook endpoint as it is shown.
type WebhookInfo struct {
	ID        string    `json:"id"`
	Dialect   string    `json:"dialect"`
	URL       string    `json:"url" doc:"without passwords and other secrets"`
	Events    []string  `json:"events" doc:"names of the events it hears; none is all"`
	Active    bool      `json:"active"`
	HasSecret bool      `json:"hasSecret" doc:"whether there is a signing secret, which is never shown"`
	Created   time.Time `json:"created"`
	Updated   time.Time `json:"updated"`
}

func showWebhook(rec *record.Record, looks *journal.Secrets) WebhookInfo {
	out := WebhookInfo{ID: rec.ID(), Dialect: rec.Dialect, URL: looks.Address(rec.Text(hookURL)), Events: []string{},
		Active: rec.Text(record.SlotStatus) == record.Active, HasSecret: rec.Has(hookSecret)}
	_ = json.Unmarshal([]byte(rec.Get(hookEvents)), &out.Events)
	out.Created, _ = rec.Time(record.SlotCreated)
	out.Updated, _ = rec.Time(record.SlotUpdated)
	return out
}

// WebhookList is the webhook endpoints of a sandbox.
type WebhookList struct {
	Webhooks []WebhookInfo `json:"webhooks" doc:"oldest first"`
}

// Webhooks lists the webhook endpoints, oldest first.
func (a *API) Webhooks(ctx context.Context, _ None) (WebhookList, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return WebhookList{}, err
	}
	out, looks := WebhookList{[]WebhookInfo{}}, a.looks()
	for _, row := range sb.DB.Read(ctx).Scan(record.Hooks.Kind, dispatch.Control, store.Page{Ascending: true}) {
		out.Webhooks = append(out.Webhooks, showWebhook(row.Record, looks))
	}
	return out, nil
}

// Bodies that could be sent.
const (
	webhookExample       = `{"dialect":"…","url":"http://localhost:9000/hook","secret":"…","events":["…"],"active":true}`
	webhookChangeExample = `{"active":false}, or url, secret or events`
)

// WebhookFields is what can be said of an endpoint.
type WebhookFields struct {
	URL     *string   `json:"url,omitempty" doc:"where events are sent: an absolute http or https URL"`
	Secret  *string   `json:"secret,omitempty" doc:"signing secret; an empty one takes it away"`
	Secrets *[]string `json:"secrets,omitempty" doc:"in place of secret: several that sign, the current one first; an empty list takes them away"`
	Events  *[]string `json:"events,omitempty" doc:"names of the events it hears; none is all"`
	Active  *bool     `json:"active,omitempty" doc:"true when left out"`
}

// NewWebhook is an endpoint to be registered.
type NewWebhook struct {
	Dialect string `json:"dialect" need:"true"`
	WebhookFields
}

// CreateWebhook registers a webhook endpoint.
func (a *API) CreateWebhook(ctx context.Context, in NewWebhook) (WebhookInfo, error) {
	none := WebhookInfo{}
	if in.Dialect == "" || in.URL == nil {
		return none, bad("dialect and url are needed; send %s", webhookExample)
	}
	if err := a.checkDialect(in.Dialect); err != nil {
		return none, err
	}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return none, err
	}
	rec := record.New(record.Hooks, in.Dialect)
	rec.Set(record.SlotID, record.Quote(hookID.New(now(sb), a.o.Random)))
	rec.Set(record.SlotStatus, record.Quote(record.Active))
	rec.Set(record.SlotCreated, record.FormatTime(now(sb)))
	rec.Set(hookEvents, "[]")
	if err := in.apply(rec, sb, a.o.Set().Dialect(rec.Dialect)); err != nil {
		return none, err
	}
	if len(sb.DB.Read(ctx).Scan(record.Hooks.Kind, dispatch.Control, store.Page{Limit: maxHooks})) == maxHooks {
		return none, conflict("there are %d webhook endpoints already; delete some", maxHooks)
	}
	row := dialect.NewRow(nil, rec)
	row.Key, row.Scope = dispatch.ControlKey(rec.ID()), dispatch.Control
	if err := sb.DB.Commit(ctx, store.Batch{Expect: []store.Expect{{Table: row.Table, Key: row.Key}}, Put: []*store.Row{row}}); err != nil {
		return none, err
	}
	return showWebhook(rec, a.looks()), nil
}

// apply writes a change into a record that is not stored yet.
func (in *WebhookFields) apply(rec *record.Record, sb *sandbox.Sandbox, d *dialect.Dialect) error {
	if in.URL != nil {
		u, err := url.Parse(*in.URL)
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(*in.URL) > maxURL:
			return bad("url must be an absolute http or https URL of at most %d bytes; send %s", maxURL, webhookExample)
		case u.User != nil:
			return bad("url must not hold a user name or a password; use secret to prove who sends")
		}
		rec.Set(hookURL, record.Quote(*in.URL))
	}
	if err := in.applySecrets(rec, d); err != nil {
		return err
	}
	if in.Events != nil {
		if len(*in.Events) > maxEvents || slices.ContainsFunc(*in.Events, func(name string) bool { return !eventName(name) }) {
			return bad("events must be a list of at most %d names of events; send %s", maxEvents, webhookExample)
		}
		if len(d.Events) > 0 {
			if err := dispatch.CheckEvents(d, *in.Events); err != nil {
				return bad("%v", err)
			}
		}
		rec.Set(hookEvents, quotedList(*in.Events))
	}
	if in.Active != nil {
		status := record.Inactive
		if *in.Active {
			status = record.Active
		}
		rec.Set(record.SlotStatus, record.Quote(status))
	}
	rec.Set(record.SlotUpdated, record.FormatTime(now(sb)))
	return nil
}

// quotedList is a list of texts as a slot holds it.
func quotedList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = record.Quote(text)
	}
	return "[" + strings.Join(quoted, ",") + "]"
}

// applySecrets writes the secrets, each of which has to be one that the dialect
// can sign with.
func (in *WebhookFields) applySecrets(rec *record.Record, d *dialect.Dialect) error {
	var list []string
	switch {
	case in.Secret != nil && in.Secrets != nil:
		return bad("send either secret or secrets; as in %s", webhookExample)
	case in.Secret == nil && in.Secrets == nil:
		return nil
	case in.Secrets != nil:
		list = *in.Secrets
	case *in.Secret != "":
		list = []string{*in.Secret}
	}
	if len(list) > maxOlder {
		return bad("secrets must be at most %d", maxOlder)
	}
	for _, secret := range list {
		if secret == "" || len(secret) > maxSecret {
			return bad("a secret must be from 1 to %d bytes long", maxSecret)
		}
		if err := dispatch.CheckSecret(d, secret); err != nil {
			return bad("%v", err)
		}
	}
	rec.Set(hookSecret, "")
	rec.Set(hookSecrets, "")
	if len(list) > 0 {
		rec.Set(hookSecret, record.Quote(list[0]))
	}
	if len(list) > 1 {
		rec.Set(hookSecrets, quotedList(list[1:]))
	}
	return nil
}

// eventName tells whether an event may be called so.
func eventName(name string) bool {
	return name != "" && len(name) <= 100 && utf8.ValidString(name) && !strings.ContainsAny(name, " \t\r\n\x00")
}

// WebhookID names a webhook endpoint.
type WebhookID struct {
	ID string `json:"id" in:"path" need:"true" doc:"of the endpoint"`
}

// WebhookChange says which endpoint to change, and how.
type WebhookChange struct {
	WebhookID
	WebhookFields
}

// UpdateWebhook changes a webhook endpoint.
func (a *API) UpdateWebhook(ctx context.Context, in WebhookChange) (WebhookInfo, error) {
	none := WebhookInfo{}
	if in.WebhookFields == (WebhookFields{}) {
		return none, bad("say what to change; send %s", webhookChangeExample)
	}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return none, err
	}
	for {
		row, err := hook(ctx, sb, in.ID)
		if err != nil {
			return none, err
		}
		if err := a.checkDialect(row.Record.Dialect); err != nil {
			return none, err // it is not served any more
		}
		rec := row.Record.Clone()
		if err := in.apply(rec, sb, a.o.Set().Dialect(rec.Dialect)); err != nil {
			return none, err
		}
		err = sb.DB.Commit(ctx, store.Batch{Expect: []store.Expect{{Table: row.Table, Key: row.Key, Version: row.Version}}, Put: []*store.Row{keep(row, rec)}})
		if err == nil {
			return showWebhook(rec, a.looks()), nil
		}
		if !errors.Is(err, store.ErrConflict) || ctx.Err() != nil {
			return none, err
		}
	}
}

// hook returns an endpoint.
func hook(ctx context.Context, sb *sandbox.Sandbox, id string) (*store.Row, error) {
	row := sb.DB.Read(ctx).Get(record.Hooks.Kind, dispatch.ControlKey(id))
	if row == nil {
		return nil, notFound("there is no webhook endpoint %q in sandbox %s; GET /__admin/webhooks lists them", cut(clean(id)), sb.Name)
	}
	return row, nil
}

// DeleteWebhook forgets a webhook endpoint.
func (a *API) DeleteWebhook(ctx context.Context, in WebhookID) (None, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return None{}, err
	}
	row, err := hook(ctx, sb, in.ID)
	if err != nil {
		return None{}, err
	}
	return None{}, sb.DB.Commit(ctx, store.Batch{Del: []store.Expect{{Table: row.Table, Key: row.Key}}})
}
