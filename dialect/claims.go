package dialect

import (
	"strings"
	"time"

	"github.com/polylink-dev/polylink/record"
)

// Claim is a combination of slots that one live record of an account may hold.
type Claim struct {
	Over  []Place
	Until record.Slot // the claim ends at this time; -1 never
	Code  record.Code
	Field *Field
	Move  *Field // a request that sends it as true takes the claim over from whoever holds it
}

// Place is a slot of a record, or a place of the dialect's own.
type Place struct {
	Slot record.Slot
	Ext  string // "<dialect>.<path>" instead of a slot
}

// Get reads the place's canonical text.
func (p Place) Get(rec *record.Record) string {
	if p.Ext != "" {
		return rec.Ext(p.Ext)
	}
	return rec.Get(p.Slot)
}

// Clear empties the place.
func (p Place) Clear(rec *record.Record) {
	if p.Ext != "" {
		rec.SetExt(p.Ext, record.Null)
	} else {
		rec.Set(p.Slot, record.Null)
	}
}

// Moves tells whether a request takes the claim over from another record.
func (u *Claim) Moves(in *Input) bool { return u.Move != nil && in.Text(u.Move) == "true" }

// claimed begins the look-up keys of claims.
const claimed = "unique\x00"

// IsClaim tells whether a look-up key is one that one row alone may hold.
func IsClaim(key string) bool { return strings.HasPrefix(key, claimed) }

// Claims returns the look-up keys that a record holds because of `unique:`
// lines, in the order of the lines; "" where it holds none.
func (res *Resource) Claims(dialect string, rec *record.Record) []string {
	if len(res.Unique) == 0 {
		return nil
	}
	keys := make([]string, len(res.Unique))
	for i, u := range res.Unique {
		var b strings.Builder
		b.WriteString(claimed + dialect + "\x00" + res.Name + "\x00" + rec.Get(record.SlotAccount))
		for _, s := range u.Over {
			text := s.Get(rec)
			if text == "" || text == record.Null {
				b.Reset()
				break
			}
			b.WriteString("\x00" + text)
		}
		keys[i] = b.String()
	}
	return keys
}

// ClaimEnds tells whether a record's claim by line i has ended at a moment: its
// time has come, be it by its date or before.
func (res *Resource) ClaimEnds(i int, rec *record.Record, now time.Time) bool {
	u := res.Unique[i]
	if u.Until < 0 {
		return false
	}
	if x := res.Expires; x != nil && x.At == u.Until && rec.Get(record.SlotStatus) == x.To {
		return true
	}
	at, ok := rec.Time(u.Until)
	return ok && !now.Before(at)
}

// TakenID returns the problem of an id that the client gave and another record
// has, nil if the client gave none.
func (op *Op) TakenID(in *Input) *Problem {
	f := op.Resource.Given
	if f == nil || op.Does != Create || in.vals[f.Index].state != given {
		return nil
	}
	p := op.Resource.taken(in, f, record.CodeUnique)
	if code, ok := f.Classes["unique"]; ok {
		p.Code = code
	}
	return &p
}

// Taken returns the problem of a claim that another record holds.
func (res *Resource) Taken(i int, in *Input, other *record.Record) Problem {
	p := res.taken(in, res.Unique[i].Field, res.Unique[i].Code)
	p.Other = other.ID()
	return p
}

func (res *Resource) taken(in *Input, f *Field, code record.Code) Problem {
	p := Problem{Field: f, Code: code, Check: "unique", Why: "is taken already"}
	if f != nil {
		p.Path, p.Value = in.path(f.Path), in.Text(f)
		p.Say = f.Say["unique"]
	}
	return p
}
