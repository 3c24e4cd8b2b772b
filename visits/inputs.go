package visits

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/record"
)

// Typed is what a person has typed.
type Typed struct {
	Email    string            `json:"email,omitempty"`
	Name     string            `json:"name,omitempty"`
	Phone    string            `json:"phone,omitempty"`
	Quantity int               `json:"quantity,omitempty" doc:"how many"`
	TaxID    string            `json:"tax_id,omitempty"`
	Billing  *Address          `json:"billing_address,omitempty"`
	Shipping *Address          `json:"shipping_address,omitempty"`
	Custom   map[string]string `json:"custom,omitempty" doc:"the link's own fields, by key"`
}

// Address is a postal address.
type Address struct {
	Line1      string `json:"line1,omitempty"`
	Line2      string `json:"line2,omitempty"`
	City       string `json:"city,omitempty"`
	State      string `json:"state,omitempty"`
	PostalCode string `json:"postal_code,omitempty"`
	Country    string `json:"country,omitempty" doc:"two letters"`
}

// parts are the lines of an address, in the order in which people write them.
func (a *Address) parts() []part {
	return []part{{"line1", &a.Line1}, {"line2", &a.Line2}, {"city", &a.City}, {"state", &a.State}, {"postal_code", &a.PostalCode}, {"country", &a.Country}}
}

// part is one line of several, by its name.
type part struct {
	name string
	text *string
}

// Bounds of what is typed.
const (
	maxTyped  = 1000    // characters of one value
	maxCustom = 100     // fields of the link's own
	maxAmount = 999_999 // of a quantity
)

// inputOf reads the fields of a form.
func inputOf(form map[string]string) *Typed {
	in := &Typed{Email: form["email"], Name: form["name"], Phone: form["phone"], TaxID: form["tax_id"]}
	in.Quantity, _ = strconv.Atoi(form["quantity"])
	for name, text := range form {
		group, rest, ok := strings.Cut(name, ".")
		switch {
		case !ok:
		case group == "custom":
			if in.Custom == nil {
				in.Custom = map[string]string{}
			}
			in.Custom[rest] = text
		case group == "billing_address":
			in.Billing = in.Billing.with(rest, text)
		case group == "shipping_address":
			in.Shipping = in.Shipping.with(rest, text)
		}
	}
	return in
}

// with is an address with one line set.
func (a *Address) with(name, text string) *Address {
	if a == nil {
		a = &Address{}
	}
	for _, p := range a.parts() {
		if p.name == name {
			*p.text = text
		}
	}
	return a
}

// JSON is what was typed as one object, "" where nothing was.
func (in *Typed) JSON() string {
	if in == nil {
		return ""
	}
	var b object
	for _, name := range inputNames {
		b.raw(name, in.value(name))
	}
	return b.text()
}

var inputNames = []string{"email", "name", "phone", "quantity", "tax_id", "billing_address", "shipping_address", "custom"}

// value is one input as JSON text, "" where nothing was typed.
func (in *Typed) value(name string) string {
	if in == nil {
		return ""
	}
	switch name {
	case "email":
		return typed(in.Email)
	case "name":
		return typed(in.Name)
	case "phone":
		return typed(in.Phone)
	case "quantity":
		if in.Quantity > 0 {
			return strconv.Itoa(in.Quantity)
		}
	case "tax_id":
		return typed(in.TaxID)
	case "billing_address":
		return in.Billing.json()
	case "shipping_address":
		return in.Shipping.json()
	case "custom":
		var b object
		for _, key := range slices.Sorted(maps.Keys(in.Custom)) {
			b.raw(key, record.Quote(in.Custom[key]))
		}
		return b.text()
	}
	return ""
}

func typed(text string) string {
	if text == "" {
		return ""
	}
	return record.Quote(text)
}

func (a *Address) json() string {
	if a == nil {
		return ""
	}
	var b object
	for _, p := range a.parts() {
		b.raw(p.name, typed(*p.text))
	}
	return b.text()
}

// object is a JSON object that is being written.
type object struct{ b []byte }

func (o *object) raw(name, text string) {
	if text == "" {
		return
	}
	if o.b == nil {
		o.b = append(o.b, '{')
	} else {
		o.b = append(o.b, ',')
	}
	o.b = append(append(record.AppendQuote(o.b, name), ':'), text...)
}

func (o *object) text() string {
	if o.b == nil {
		return ""
	}
	return string(append(o.b, '}'))
}

// fits tells what is wrong with an input that no form has checked.
func (v *visit) fits(in *Typed) error {
	if in == nil {
		return nil
	}
	if len(in.Custom) > maxCustom {
		return invalid("input.custom has more than %d members", maxCustom)
	}
	texts := []part{{"email", &in.Email}, {"name", &in.Name}, {"phone", &in.Phone}, {"tax_id", &in.TaxID}}
	for name, a := range map[string]*Address{"billing_address": in.Billing, "shipping_address": in.Shipping} {
		if a != nil {
			for _, p := range a.parts() {
				texts = append(texts, part{name + "." + p.name, p.text})
			}
		}
	}
	keys := v.customKeys()
	for _, key := range slices.Sorted(maps.Keys(in.Custom)) {
		if !slices.Contains(keys, key) {
			if len(keys) == 0 {
				return invalid("the link asks for no fields of its own, and input.custom has %q", clip(key))
			}
			return invalid("the link has no field %q of its own; there are %s", clip(key), strings.Join(keys, ", "))
		}
		text := in.Custom[key]
		texts = append(texts, part{"custom." + key, &text})
	}
	for _, p := range texts {
		if len([]rune(*p.text)) > maxTyped {
			return invalid("input.%s has more than %d characters", p.name, maxTyped)
		}
	}
	if in.Quantity != 0 {
		least, most, asked := v.quantities()
		if !asked {
			return invalid("the buyer of this link cannot choose a quantity")
		}
		if in.Quantity < least || in.Quantity > most {
			return invalid("input.quantity must be from %d to %d", least, most)
		}
	}
	return nil
}

func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

func invalid(format string, args ...any) error {
	return &record.Error{Code: record.CodeInvalid, Msg: fmt.Sprintf(format, args...)}
}
