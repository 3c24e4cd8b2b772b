package document

import (
	"sync"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// secretSlots are the slots of each kind that are never shown.
var secretSlots = sync.OnceValue(func() map[*record.Schema][]record.Slot {
	out := map[*record.Schema][]record.Slot{}
	for _, schema := range record.Schemas() {
		for i, slot := range schema.Slots {
			if IsSecret(slot.Name) {
				out[schema] = append(out[schema], record.Slot(i))
			}
		}
	}
	return out
})

// IsSecret tells whether a slot is never shown.
func IsSecret(slot string) bool { return secret[slot] }

// SecretKinds lists the kinds of records that hold a secret.
func SecretKinds() []string {
	var out []string
	for _, kind := range record.Kinds() {
		if len(secretSlots()[record.Schemas()[kind]]) > 0 {
			out = append(out, kind)
		}
	}
	return out
}

// Secrets returns the values of a record that are never shown.
func Secrets(rec *record.Record) []string {
	var out []string
	for _, slot := range secretSlots()[rec.Schema] {
		switch {
		case !rec.Has(slot):
		case rec.Schema.Slots[slot].Type == record.List:
			out = append(out, listed(rec.Get(slot))...)
		default:
			out = append(out, rec.Text(slot))
		}
	}
	return out
}

// listed are the secrets of a list: its texts, and the members of that name of
// its objects.
func listed(list string) (out []string) {
	for _, v := range gjson.Parse(list).Array() {
		if v.IsObject() {
			v = v.Get("secret")
		}
		if v.Str != "" {
			out = append(out, v.Str)
		}
	}
	return out
}

// secret are the names of slots that are never shown.
var secret = map[string]bool{"token": true, "secret": true, "secrets": true}
