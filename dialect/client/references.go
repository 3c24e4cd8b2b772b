package client

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// neighbours are the canonical names that hold the id of a neighbour, and of which
// kind that is: slots, and members of the objects in a list.
var neighbours = map[string]string{
	"customer": record.Customers.Kind, "transaction": record.Transactions.Kind, "product": record.Products.Kind,
	"price": record.Prices.Kind, "default_price": record.Prices.Kind, "link": record.Links.Kind,
}

// Renamed is a canonical value with the ids of neighbours in it replaced; name is
// the slot's.
func Renamed(name, text string, id func(kind, id string) string) string {
	switch kind := neighbours[name]; {
	case text == "" || text == record.Null:
		return text
	case kind != "":
		if text[0] != '"' {
			return text
		}
		return record.Quote(id(kind, record.Unquote(text)))
	case name == "items" && text[0] == '[':
		return string(renamed(nil, jsontext.ValueOf(text), id))
	}
	return text
}

// RenameAll does so with every slot of a record.
func RenameAll(rec *record.Record, id func(kind, id string) string) {
	for i := range rec.Schema.Slots {
		if slot, name := record.Slot(i), rec.Schema.Slots[i].Name; neighbours[name] != "" || name == "items" {
			rec.Set(slot, Renamed(name, rec.Get(slot), id))
		}
	}
}

// renamed appends a value with the ids in its objects replaced.
func renamed(dst []byte, v jsontext.Value, id func(kind, id string) string) []byte {
	switch {
	case v.IsArray():
		dst = append(dst, '[')
		n := 0
		v.ForEach(func(_ string, item jsontext.Value) bool {
			if n++; n > 1 {
				dst = append(dst, ',')
			}
			dst = renamed(dst, item, id)
			return true
		})
		return append(dst, ']')
	case v.IsObject():
		dst = append(dst, '{')
		for i, m := range jsontext.Members(v) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(record.AppendQuote(dst, m.Key), ':')
			if kind := neighbours[m.Key]; kind != "" && m.Val.Kind == gjson.String {
				dst = record.AppendQuote(dst, id(kind, m.Val.Str()))
			} else {
				dst = renamed(dst, m.Val, id)
			}
		}
		return append(dst, '}')
	}
	return append(dst, v.Raw...)
}
