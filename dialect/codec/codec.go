package codec

import (
	"strconv"
	"time"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Codec converts one value between the wire and the canonical text of a slot.
type Codec interface {
	// Decode reads a wire value that is neither absent nor cleared. now is the
	// time of the request, the zero of Unix time for a value that is nobody's.
	Decode(v jsontext.Value, now time.Time) (text string, broken *Violation)
	// Encode appends the wire form of a canonical text that is a value.
	Encode(dst []byte, text string, rec *record.Record) []byte
	// FromText types a text out of a form or a query string.
	FromText(s string) jsontext.Value
}

// Violation is what a codec has against a value: which check failed, as `say:`
// names it, and the same in words that follow the field's name.
type Violation struct {
	Check string
	Why   string
	Code  record.Code
	Bound string // the limit that was passed, "" where there is none
}

// At is the violation with the limit that was passed.
func (v *Violation) At(bound string) *Violation {
	v.Bound = bound
	return v
}

// NewViolation is a violation of any class.
func NewViolation(check, why string, code record.Code) *Violation {
	return &Violation{Check: check, Why: why, Code: code}
}

// OfType is the violation of a value of another type.
func OfType(why string) *Violation { return NewViolation("type", why, record.CodeType) }

// OfValue is the violation of a value that fails a check.
func OfValue(check, why string) *Violation { return NewViolation(check, why, record.CodeValue) }

// What only some codecs can tell; others do not have the method.
type (
	// Described is a codec with schemas.
	Described interface {
		// Taken is the JSON Schema of what Decode takes, as tight as its checks.
		Taken(x Components) *jsontext.Object
		// Shown is that of what Encode gives. It tells type, format and words alone:
		// a record may come from a fixture or from another dialect, whose bounds are
		// others. slot is nil where the value has none.
		Shown(x Components, slot *record.SlotInfo) *jsontext.Object
	}
	// Asked is a codec whose values a client writes otherwise than answers show
	// them.
	Asked interface {
		// Request appends the wire form of a canonical text as a client sends it.
		Request(dst []byte, text string, now time.Time) []byte
	}
	// Sampler is a codec that can make up a value.
	Sampler interface {
		// Sample is a wire value that Decode takes, "" when it knows none.
		Sample() string
	}
	// Former is a codec of objects or lists, which forms write otherwise.
	Former interface {
		// FromForm is the value that brackets in a form stand for.
		FromForm(v jsontext.Value) jsontext.Value
	}
	// Merger is a codec whose canonical text depends on what is there already.
	Merger interface {
		// Merge puts what Decode gave into what is there, "" for nothing.
		Merge(text, old string) (string, *Violation)
	}
	// Keyed is a codec of objects with keys of the client's own.
	Keyed interface {
		// DecodeKeys does what Decode does; at is the member that is to blame, nil
		// for the value as a whole.
		DecodeKeys(v jsontext.Value) (text string, at *jsontext.Member, broken *Violation)
	}
	// Blurred is a codec whose wire form shows less than the canonical text says.
	Blurred interface {
		// Alike tells whether two canonical texts look the same on the wire.
		Alike(a, b string, rec *record.Record) bool
	}
	// Worded is a codec of a table of words.
	Worded interface {
		// Word is the wire form of a canonical text.
		Word(text string) string
	}
	// Amount is a codec of money. What Decode gives is in the unit of the wire
	// until the currency of the record is known.
	Amount interface {
		// Settle converts what Decode gave to minor units of the record's currency.
		Settle(text string, rec *record.Record) (string, *Violation)
		// Unsettle turns an amount of one record back into the unit of the wire, to be
		// settled for another; ok is false where both have the same minor unit.
		Unsettle(text string, from, to *record.Record) (wire string, ok bool)
	}
	// Priced is a codec of money whose currency is told beside it.
	Priced interface {
		// SettleIn converts what Decode gave to minor units of a currency.
		SettleIn(text, currency string) (string, *Violation)
		// EncodeIn appends the wire form of minor units of a currency.
		EncodeIn(dst []byte, text, currency string) []byte
	}
)

// Components keeps the parts of an OpenAPI document that schemas share.
type Components interface {
	// Component refers to a schema by its name; make is called on first use.
	Component(name string, make func() *jsontext.Object) *jsontext.Object
}

// IsPlain tells whether a codec's wire form is its canonical text.
func IsPlain(c Codec) bool {
	_, ok := c.(interface{ plain() })
	return ok
}

// IsRelative tells whether what a codec decodes depends on more than the value:
// on the time or the currency.
func IsRelative(c Codec) bool {
	r, ok := c.(interface{ relative() bool })
	return ok && r.relative()
}

// IsOpen tells whether members can be read out of a codec's canonical text.
func IsOpen(c Codec) bool {
	_, ok := c.(interface{ Open() })
	return ok
}

// Nests tells whether a form writes a codec's values with brackets.
func Nests(c Codec) bool {
	n, ok := c.(interface{ Nests() bool })
	return ok && n.Nests()
}

// IsRecast tells whether what the model says about a slot does not hold for a
// codec's wire form.
func IsRecast(c Codec) bool {
	_, ok := c.(interface{ recast() })
	return ok
}

// Span is a range of whole numbers; Max is -1 when it is open.
type Span struct{ Min, Max int }

// Any is the range of all.
var Any = Span{0, -1}

// on adds a range of characters to a schema.
func (s Span) on(o *jsontext.Object) *jsontext.Object {
	if s.Min > 0 {
		o.PutInt("minLength", s.Min)
	}
	if s.Max >= 0 {
		o.PutInt("maxLength", s.Max)
	}
	return o
}

// Say says a range in words that follow a name.
func (s Span) Say(one, many string) string {
	switch {
	case s.Max < 0:
		return "must have at least " + strconv.Itoa(s.Min) + " " + many
	case s.Min == 0:
		return "must have at most " + strconv.Itoa(s.Max) + " " + many
	case s.Min == s.Max && s.Min == 1:
		return "must have one " + one
	}
	return "must have " + strconv.Itoa(s.Min) + " to " + strconv.Itoa(s.Max) + " " + many
}
