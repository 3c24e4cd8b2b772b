package dialect

import (
	"strings"

	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record/document"
)

// SecretNames lists the names on the wire under which clients send secrets, or
// are sent them.
func (d *Dialect) SecretNames() []string {
	var out []string
	for _, res := range d.Resources {
		for _, f := range res.Fields {
			if f.Target == ToSlot && document.IsSecret(res.Schema.Slots[f.Slot].Name) {
				out = append(out, f.Path[strings.LastIndexByte(f.Path, '.')+1:])
			}
		}
	}
	return out
}

// HeaderNames lists the headers that the dialect has a word for: those it
// reads, and those that its answers have. Headers with credentials are not
// among them.
func (d *Dialect) HeaderNames() []string {
	var out []string
	add := func(lists ...Headers) {
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
func (d *Dialect) IDs() []ids.Spec {
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

// KeyForms lists the forms of the dialect's keys, with * for anything.
func (d *Dialect) KeyForms() []string {
	var out []string
	for _, form := range d.Auth.Keys {
		out = append(out, form.Like)
	}
	return out
}
