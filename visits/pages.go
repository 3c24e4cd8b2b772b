package visits

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/record"
)

// page is what a person sees.
func (v *visit) page() hosted.Page {
	it := v.link()
	e := v.env()
	s := v.total(0)
	p := hosted.Page{
		Dialect: v.d.Title, Live: it.Get(record.SlotLive) == "true", Title: it.Text(linkTitle), Description: it.Text(linkText),
		Setup: it.Text(linkKind) == "setup", Submit: it.Text(linkSubmit), Lines: linesOf(s), Total: moneyOf(s), Status: v.status(),
	}
	if p.Dialect == "" {
		p.Dialect = v.d.Name
	}
	if v.sb.Name != "default" {
		p.Sandbox = v.sb.Name
	}
	if p.Title == "" && len(p.Lines) > 0 {
		p.Title = p.Lines[0].Name
	}
	if at, ok := it.Time(record.SlotExpires); ok && v.res.Expiry() != "" {
		p.Expires = at
	}
	if every := it.Text(linkEvery); every != "" && every != "none" && len(p.Lines) == 0 && p.Total.Minor != "" {
		p.Lines = []hosted.Line{{Name: either(p.Title, "Subscription"), Every: every, Amount: p.Total}}
	}
	if v.session != nil {
		p.Session = v.session.Record.ID()
	}
	for _, o := range v.d.Failures() {
		p.Outcomes = append(p.Outcomes, hosted.Outcome{Code: o.Code, Label: o.Label})
	}
	h := v.d.Hosted
	if h == nil {
		return p
	}
	p.Message = v.text(p.Status, e)
	p.Card = len(h.Cards) > 0 && !p.Setup
	for _, in := range h.Inputs {
		if in.When == nil || in.When.True(&e.Env) {
			p.Fields = append(p.Fields, v.fields(in, e)...)
		}
	}
	for result := range h.Redirects {
		if to := v.address(result, e); to != "" {
			p.Targets = append(p.Targets, to)
		}
	}
	if p.Open() {
		if id := v.unknown(); id != "" {
			p.Status, p.Message = "unknown_customer", "There is no customer "+id+"."
		}
		return p
	}
	p.Onward = v.address(p.Status, e)
	return p
}

// text is what the dialect's file says about a state or a result.
func (v *visit) text(state string, e *dialect.Env) string {
	if v.d.Hosted == nil {
		return ""
	}
	return record.Unquote(dialect.Value(v.d.Hosted.Texts[state], e))
}

// fields are the fields of an input.
func (v *visit) fields(in *dialect.HostedInput, e *dialect.Env) []hosted.Field {
	f := hosted.Field{Name: in.Name, Label: in.Label, Required: in.Need != nil && in.Need.True(&e.Env)}
	it := v.link()
	switch in.Name {
	case "email":
		f.Kind, f.Autocomplete, f.Value = hosted.KindEmail, "email", it.Text(linkEmail)
		if buyer := v.record(record.Customers, it.Text(linkBuyer)); buyer != nil && f.Value == "" {
			f.Value = buyer.Text(customerEmail)
		}
	case "name":
		f.Autocomplete = "name"
	case "phone":
		f.Kind, f.Autocomplete = hosted.KindTel, "tel"
	case "tax_id":
		f.Label = either(f.Label, "Tax ID")
	case "quantity":
		f.Kind, f.Required = hosted.KindNumber, true
		f.Min, f.Max, _ = v.quantities()
		f.Value = "1"
		if q := gjson.Get(it.Get(linkItems), "0.quantity"); q.Int() > 0 {
			f.Value = q.Raw
		}
	case "custom":
		return v.customFields(in, e)
	default:
		return addressFields(f, record.Unquote(in.Name), dialect.Value(in.Countries, e))
	}
	return []hosted.Field{f}
}

// addressFields are the lines of an address.
func addressFields(of hosted.Field, name, countries string) []hosted.Field {
	kind, _, _ := strings.Cut(name, "_")
	heading := of.Label
	if heading == "" {
		heading = strings.ToUpper(kind[:1]) + kind[1:] + " address"
	}
	labels := map[string]string{"line1": "Street and number", "line2": "Flat, floor, company", "city": "City", "state": "State or region", "postal_code": "Postal code", "country": "Country"}
	complete := map[string]string{"line1": "address-line1", "line2": "address-line2", "city": "address-level2", "state": "address-level1", "postal_code": "postal-code", "country": "country"}
	var out []hosted.Field
	for _, p := range new(Address).parts() {
		f := hosted.Field{Name: name + "." + p.name, Label: labels[p.name], Group: heading, Autocomplete: kind + " " + complete[p.name],
			Required: of.Required && (p.name == "line1" || p.name == "city" || p.name == "country")}
		if p.name == "country" {
			f.Min, f.Max = 2, 2
			if list := gjson.Parse(countries).Array(); len(list) > 0 {
				f.Kind, f.Min, f.Max = hosted.KindChoice, 0, 0
				for _, c := range list {
					f.Options = append(f.Options, hosted.Option{Value: c.String(), Label: c.String()})
				}
				if len(list) == 1 {
					f.Value = list[0].String()
				}
			}
		}
		out = append(out, f)
	}
	return out
}

// quantities are the bounds of the quantity, and whether a person may choose it.
func (v *visit) quantities() (least, most int, asked bool) {
	least, most = 1, maxAmount
	h := v.d.Hosted
	if h == nil {
		return least, most, false
	}
	e := v.env()
	for _, in := range h.Inputs {
		if in.Name != "quantity" || in.When != nil && !in.When.True(&e.Env) {
			continue
		}
		if n, err := strconv.Atoi(dialect.Value(in.Min, e)); err == nil && n > 0 {
			least = n
		}
		if n, err := strconv.Atoi(dialect.Value(in.Max, e)); err == nil && n > 0 && n < most {
			most = n
		}
		return least, max(least, most), true
	}
	return least, most, false
}

// customKeys are the keys of the fields of the link's own.
func (v *visit) customKeys() (keys []string) {
	if v.d.Hosted == nil {
		return nil
	}
	e := v.env()
	for _, in := range v.d.Hosted.Inputs {
		if in.Name == "custom" && (in.When == nil || in.When.True(&e.Env)) {
			for _, f := range v.customFields(in, e) {
				keys = append(keys, strings.TrimPrefix(f.Name, "custom."))
			}
		}
	}
	return keys
}

// customFields are the fields of the link's own: of a list each with key, label,
// type and bounds, of an object each member.
func (v *visit) customFields(in *dialect.HostedInput, e *dialect.Env) (out []hosted.Field) {
	doc := gjson.Parse(dialect.Value(in.Members, e))
	if doc.IsObject() {
		doc.ForEach(func(key, of gjson.Result) bool {
			if len(out) < maxCustom {
				out = append(out, customField(key.Str, of))
			}
			return true
		})
		return out
	}
	for _, of := range doc.Array() {
		if key := of.Get("key").Str; key != "" && len(out) < maxCustom {
			out = append(out, customField(key, of))
		}
	}
	return out
}

// reserved are the names that a field of the link's own does not take from the
// page's.
var reserved = map[string]bool{"email": true, "name": true, "phone": true, "quantity": true, "tax_id": true, "card": true}

func customField(key string, of gjson.Result) hosted.Field {
	f := hosted.Field{Name: "custom." + key, TestID: key, Label: key}
	if reserved[key] {
		f.TestID = f.Name
	}
	if of.Type == gjson.String && of.Str != "" {
		f.Label = of.Str
	}
	if !of.IsObject() {
		return f
	}
	for _, path := range []string{"label.custom", "label", "name", "title"} {
		if text := of.Get(path); text.Type == gjson.String && text.Str != "" {
			f.Label = text.Str
			break
		}
	}
	optional, required := of.Get("optional"), of.Get("required")
	f.Required = required.Type == gjson.True || optional.Type == gjson.False
	kind := of.Get("type").Str
	options := of.Get("options")
	if kind == "dropdown" {
		options = of.Get("dropdown.options")
	}
	if f.Options = optionsOf(options); len(f.Options) > 0 {
		f.Kind = hosted.KindChoice
		return f
	}
	f.Min, f.Max = int(of.Get(kind+".minimum_length").Int()), int(of.Get(kind+".maximum_length").Int())
	return f
}

// optionsOf are what can be chosen: values, or objects with value and label.
func optionsOf(list gjson.Result) (out []hosted.Option) {
	for _, o := range list.Array() {
		value, label := o.String(), o.String()
		if o.IsObject() {
			value, label = o.Get("value").String(), o.Get("label").String()
		}
		if value != "" && len(out) < maxCustom {
			out = append(out, hosted.Option{Value: value, Label: either(label, value)})
		}
	}
	return out
}
