package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/expr-lang/expr/file"
)

// The bounds of one evaluation. What an expression makes is held to them while
// it is being made; what it only reads may be longer, if it is text.
const (
	MaxText  = 64 << 10 // bytes of a text that is made, or given as the result
	MaxItems = 10_000   // items of a list that is made, or gone through
	MaxTotal = 1 << 20  // bytes of all that is made

	valueSize = 16       // bytes that a value counts for besides its text
	maxWork   = 16 << 20 // bytes that are looked at
	maxValues = MaxTotal / valueSize
	maxRead   = 2 << 20 // bytes of JSON of a list or map that is read
	maxSource = 1000    // bytes of a regular expression that is made of values
)

// The ways in which an evaluation goes past its bounds.
var (
	errLongText  = fmt.Errorf("a text is longer than %d bytes", MaxText)
	errManyItems = fmt.Errorf("a list has more than %d items", MaxItems)
	errTooMuch   = fmt.Errorf("the values take more than %d bytes in all", MaxTotal)
	errLongValue = fmt.Errorf("a list or map takes more than %d bytes", maxRead)
	errTooSlow   = errors.New("the evaluation takes too much work")
)

// Overrun is an evaluation that went past its bounds: an error of the mapping,
// for the log. Its place is that of the expression.
type Overrun struct {
	File      string
	Line, Col int
	Source    string // the expression or text, as it is written
	Why       string
}

func (o *Overrun) Error() string {
	what := "the document"
	if o.Source != "" {
		what = strconv.Quote(o.Source)
	}
	return fmt.Sprintf("%s:%d:%d: %s is past its bounds: %s", o.File, o.Line, o.Col, what, o.Why)
}

// Bounds hears of evaluations that went past their bounds while a request is
// answered. Whoever answers asks it before anything is stored or sent. The zero
// value is ready; a nil one hears nothing.
type Bounds struct{ first *Overrun }

// Err returns the first overrun since the last Clear, or nil.
func (b *Bounds) Err() error {
	if b == nil || b.first == nil {
		return nil
	}
	return b.first
}

// Clear forgets what was heard.
func (b *Bounds) Clear() {
	if b != nil {
		b.first = nil
	}
}

func (b *Bounds) note(o *Overrun) {
	if b != nil && b.first == nil {
		b.first = o
	}
}

// Overrun returns the first evaluation that went past its bounds, or nil.
func (e *Env) Overrun() error { return e.Bounds.Err() }

// place is where an expression or a text stands.
type place struct {
	file      string
	line, col int
	source    string
}

// overran notes at a place that a value was refused.
func (p *place) overran(e *Env, why error) {
	e.Bounds.note(&Overrun{File: p.file, Line: p.line, Col: p.col, Source: p.source, Why: why.Error()})
}

// isOverrun tells an error of the bounds from one of the values, such as an
// index that there is not.
func isOverrun(err error) (why error, is bool) {
	for _, why := range []error{errLongText, errManyItems, errTooMuch, errLongValue, errTooSlow} {
		if errors.Is(err, why) {
			return why, true
		}
	}
	if of, ok := errors.AsType[*file.Error](err); ok && of.Message == "memory budget exceeded" {
		return errTooMuch, true
	}
	return nil, false
}

// budget is what one evaluation has left.
type budget struct {
	made, work int
}

// makes takes the room of a text that is about to be made.
func (b *budget) makes(n int) error {
	if n > MaxText {
		return errLongText
	}
	if b.made += n + valueSize; b.made > MaxTotal {
		return errTooMuch
	}
	return b.looks(n)
}

// lists takes the room of a list that is about to be made.
func (b *budget) lists(n int) error {
	if n > MaxItems {
		return errManyItems
	}
	if b.made += n * valueSize; b.made > MaxTotal {
		return errTooMuch
	}
	return nil
}

// looks counts bytes that are looked at.
func (b *budget) looks(n int) error {
	if n < 0 || n > maxWork {
		return errTooSlow
	}
	if b.work += n; b.work > maxWork {
		return errTooSlow
	}
	return nil
}

// weight walks over a value as if it were written out, and spends what each part
// takes. A list that stands in a value twice is written twice.
func weight(v any, spend func(int) error) error {
	each := func(n int, at func(int) any) error {
		if n > MaxItems {
			return errManyItems
		}
		err := spend(valueSize)
		for i := 0; i < n && err == nil; i++ {
			err = weight(at(i), spend)
		}
		return err
	}
	switch v := v.(type) {
	case string:
		return spend(len(v) + valueSize)
	case json.Number:
		return spend(len(v) + valueSize)
	case []any:
		return each(len(v), func(i int) any { return v[i] })
	case []string:
		return each(len(v), func(i int) any { return v[i] })
	case map[string]any:
		err := spend(valueSize)
		for key, member := range v {
			if err == nil {
				err = spend(len(key))
			}
			if err == nil {
				err = weight(member, spend)
			}
		}
		return err
	}
	return spend(valueSize)
}

// looked counts a value as looked at.
func (b *budget) looked(v any) error {
	if s, ok := v.(string); ok {
		return b.looks(1 + len(s)/valueSize) // which goes by words
	}
	return weight(v, b.looks)
}

// result holds the value of an evaluation to the bounds.
func result(v any) error {
	total := 0
	err := weight(v, func(n int) error {
		if total += n; total > MaxTotal {
			return errTooMuch
		}
		return nil
	})
	if err == nil {
		err = shortTexts(v)
	}
	return err
}

// shortTexts refuses a value with a text in it that is too long. The value's
// weight is known to be within bounds.
func shortTexts(v any) error {
	switch v := v.(type) {
	case string:
		if len(v) > MaxText {
			return errLongText
		}
	case []any:
		for _, item := range v {
			if err := shortTexts(item); err != nil {
				return err
			}
		}
	case []string:
		for _, item := range v {
			if err := shortTexts(item); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, member := range v {
			if err := shortTexts(member); err != nil {
				return err
			}
		}
	}
	return nil
}
