package document

import (
	"sync"

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
		if rec.Has(slot) {
			out = append(out, rec.Text(slot))
		}
	}
	return out
}

// secret are the names of slots that are never shown.
var secret = map[string]bool{"token": true, "secret": true}
