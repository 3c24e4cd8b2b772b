package dialect

import (
	"strings"
	"sync"

	"github.com/polylink-dev/polylink/record"
)

// secretSlots are the slots of each kind that are never shown.
var secretSlots = sync.OnceValue(func() map[*record.Schema][]record.Slot {
	out := map[*record.Schema][]record.Slot{}
	for _, schema := range record.Schemas() {
		for i, slot := range schema.Slots {
			if secret[slot.Name] {
				out[schema] = append(out[schema], record.Slot(i))
			}
		}
	}
	return out
})

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
		if rec.Has(slot) {
			out = append(out, rec.Text(slot))
		}
	}
	return out
}

// SecretNames lists the names on the wire under which clients send secrets, or
// are sent them.
func (d *Dialect) SecretNames() []string {
	var out []string
	for _, res := range d.Resources {
		for _, f := range res.Fields {
			if f.target == toSlot && secret[res.Schema.Slots[f.slot].Name] {
				out = append(out, f.Path[strings.LastIndexByte(f.Path, '.')+1:])
			}
		}
	}
	return out
}
