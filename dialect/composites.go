package dialect

import (
	"time"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Codecs that are part of the program they stand in, because they are made of
// field lines: lists, objects, and records that are made of objects.

// composite is a codec whose members have defaults, which may be made of
// anything that is known about the request.
type composite interface {
	codec.Codec
	decodeWith(v jsontext.Value, e *Env) (text string, broken *codec.Violation)
}

// placed is a codec that notes violations by itself, each with its place.
type placed interface {
	read(in *Input, f *Field, v jsontext.Value, e *Env) (text string, ok bool)
}

// nestable is a codec of lists or objects that can stand in others, at a place of
// its own.
type nestable interface {
	at(p place, f *Field, v jsontext.Value, e *Env) (text string, ok bool)
}

// keyed places the violations of a map's values at their keys.
type keyed struct{ codec.Keyed }

func (k keyed) read(in *Input, f *Field, v jsontext.Value, _ *Env) (string, bool) {
	text, at, broken := k.DecodeKeys(v)
	switch {
	case broken == nil:
		return text, true
	case at != nil:
		in.fail(f, in.paths.member(in.path(f.Path), jsontext.Shorten(at.Key, 100)), broken, at.Val)
	default:
		in.fail(f, in.path(f.Path), broken, v)
	}
	return "", false
}

// PlacedBy is how a codec notes violations by itself, nil when it does not.
func PlacedBy(c codec.Codec) placed {
	switch c := c.(type) {
	case placed:
		return c
	case codec.Keyed:
		return keyed{c}
	}
	return nil
}

// bounded is a codec whose members may be computed on the way out, within
// bounds.
type bounded interface {
	encodeWithin(dst []byte, text string, rec *record.Record, bounds *Bounds) []byte
}

// encode appends the wire form of a canonical text by a codec.
func encode(c codec.Codec, dst []byte, text string, e *template.Env) []byte {
	if c, ok := c.(bounded); ok {
		return c.encodeWithin(dst, text, e.It, e.Bounds)
	}
	return c.Encode(dst, text, e.It)
}

// at is what is known of a request when no more than its time is.
func at(now time.Time) *Env { return &Env{Env: template.Env{Now: now}} }
