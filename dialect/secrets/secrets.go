package secrets

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record/document"
)

// Names lists the names on the wire under which clients send secrets, or
// are sent them.
func Names(d *dialect.Dialect) []string {
	var out []string
	for _, res := range d.Resources {
		for _, f := range res.Fields {
			if f.Target == dialect.ToSlot && document.IsSecret(res.Schema.Slots[f.Slot].Name) {
				out = append(out, f.Path[strings.LastIndexByte(f.Path, '.')+1:])
			}
		}
	}
	return out
}

// Headers lists the headers that the dialect has a word for: those it
// reads, and those that its answers have. Headers with credentials are not
// among them.
func Headers(d *dialect.Dialect) []string {
	var out []string
	add := func(lists ...access.Headers) {
		for _, list := range lists {
			for _, h := range list {
				out = append(out, h.Name)
			}
		}
	}
	if t := d.Auth.Tenant; t != nil {
		out = append(out, t.Header)
	}
	for _, h := range d.RequestHeaders {
		out = append(out, h.Name)
	}
	add(d.Headers, d.LimitHeaders, d.LimitRefused)
	if i := d.Idempotency; i != nil {
		add(i.First, i.Replay, i.Busy)
		if i.Header != "" {
			out = append(out, i.Header)
		}
	}
	for _, op := range d.Operations {
		add(op.Headers)
	}
	for _, class := range d.Errors.Classes {
		add(class.Headers)
	}
	return out
}

// IDs lists the forms of the ids that the dialect gives out.
func IDs(d *dialect.Dialect) []ids.Spec {
	var out []ids.Spec
	if d.RequestID != nil {
		out = append(out, *d.RequestID)
	}
	for _, res := range d.Resources {
		if res.IDs != nil && (res.IDs.UUID || res.IDs.Length > 0) {
			out = append(out, *res.IDs)
		}
	}
	return out
}

// Keys lists the forms of the dialect's keys, with * for anything.
func Keys(d *dialect.Dialect) []string {
	var out []string
	for _, form := range d.Auth.Keys {
		out = append(out, form.Like)
	}
	return out
}
