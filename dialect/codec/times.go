package codec

import (
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A Time carries an instant.
type Time struct {
	Form   string        // rfc3339, unix, unix_ms, in
	Digits int           // of the fraction of a second; -1 as many as needed
	Unit   time.Duration // of a duration from now
	Ahead  *Ahead        // nil for any time
	Zone   bool          // UTC is written +00:00
	Bounds
	kind   *Violation
	format *Violation
}

// Ready returns the codec, made of the words that were given.
func (c *Time) Ready() *Time {
	c.ready()
	if c.Form == "rfc3339" {
		c.kind = OfType("must be a date and time in ISO 8601 format")
		c.format = OfValue("format", "must be a date and time in ISO 8601 format")
	} else {
		c.kind, c.format = notInt, OfValue("format", "is out of range")
	}
	return c
}

// Decode implements Codec.
func (c *Time) Decode(v jsontext.Value, now time.Time) (string, *Violation) {
	if c.Form == "rfc3339" {
		if v.Kind != gjson.String {
			return "", c.kind
		}
		at, ok := ParseTime(v.Str())
		if !ok {
			return "", c.format
		}
		if t := c.Ahead.check(at, now); t != nil {
			return "", t
		}
		if s := v.Str(); len(s) == 20 && s[19] == 'Z' && len(v.Raw) == 22 {
			return v.Raw, nil // canonical already
		}
		return record.FormatTime(at), nil
	}
	if v.Kind != gjson.Number {
		return "", c.kind
	}
	text, ok := record.Integer(v.Raw)
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil {
		return "", c.kind
	}
	if t := c.check(text); t != nil {
		return "", t
	}
	at, ok := c.instant(n, now)
	if !ok {
		return "", c.format
	}
	return record.FormatTime(at), c.Ahead.check(at, now)
}

// Ahead is how far from now a time may be.
type Ahead struct {
	least, most time.Duration // most is -1 where there is no end
	early, late *Violation
}

// NewAhead makes the range between two durations, which are written as from and
// to; most is -1 where there is no end.
func NewAhead(least, most time.Duration, from, to string) *Ahead {
	return &Ahead{least, most, OfValue("early", "must be at least "+from+" from now"), OfValue("late", "must be at most "+to+" from now")}
}

func (a *Ahead) check(at, now time.Time) *Violation {
	switch {
	case a == nil || now.Unix() <= 0: // a default, which is nobody's request
		return nil
	case at.Before(now.Add(a.least)):
		return a.early
	case a.most >= 0 && at.After(now.Add(a.most)):
		return a.late
	}
	return nil
}

// instant converts a whole number; years past 9999 cannot be written down.
func (c *Time) instant(n int64, now time.Time) (time.Time, bool) {
	var at time.Time
	switch c.Form {
	case "unix":
		at = time.Unix(n, 0)
	case "unix_ms":
		at = time.UnixMilli(n)
	default:
		const most = int64(200 * 366 * 24 * time.Hour)
		if n > most/int64(c.Unit) || n < -most/int64(c.Unit) {
			return at, false
		}
		at = now.Truncate(time.Millisecond).Add(time.Duration(n) * c.Unit)
	}
	return at, at.Unix() >= -62135596800 && at.Unix() <= 253402300799
}

// ParseTime reads RFC 3339, and a plain date as its first moment.
func ParseTime(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t, err = time.Parse(time.DateOnly, s)
	}
	return t, err == nil && t.UTC().Year() >= 1 && t.UTC().Year() <= 9999
}

// Encode implements Codec.
func (c *Time) Encode(dst []byte, text string, _ *record.Record) []byte {
	if c.Digits < 0 && (c.Form == "rfc3339" || c.Form == "in") {
		return c.zoned(append(dst, text...))
	}
	at, ok := record.ParseTime(text)
	if !ok {
		return append(dst, record.Null...)
	}
	switch c.Form {
	case "unix":
		return strconv.AppendInt(dst, at.Unix(), 10)
	case "unix_ms":
		return strconv.AppendInt(dst, at.UnixMilli(), 10)
	}
	return c.zoned(append(at.UTC().AppendFormat(append(dst, '"'), layouts[c.Digits]), '"'))
}

// zoned writes UTC as the words say, behind a time that ends in Z".
func (c *Time) zoned(dst []byte) []byte {
	if n := len(dst) - 2; c.Zone && n >= 0 && string(dst[n:]) == `Z"` {
		return append(dst[:n], `+00:00"`...)
	}
	return dst
}

// Request appends what a client sends for a moment: the time itself, or how far
// it is from now, in whole units and never too few.
func (c *Time) Request(dst []byte, text string, now time.Time) []byte {
	at, ok := record.ParseTime(text)
	if c.Form != "in" || !ok {
		return c.Encode(dst, text, nil)
	}
	left := at.Sub(now.Truncate(time.Millisecond))
	return strconv.AppendInt(dst, int64((left+c.Unit-1)/c.Unit), 10)
}

// layouts are RFC 3339 by the digits of the fraction.
var layouts = [...]string{
	"2006-01-02T15:04:05Z", "2006-01-02T15:04:05.0Z", "2006-01-02T15:04:05.00Z", "2006-01-02T15:04:05.000Z",
	"2006-01-02T15:04:05.0000Z", "2006-01-02T15:04:05.00000Z", "2006-01-02T15:04:05.000000Z",
}

// MostDigits is how many digits of a second can be shown.
const MostDigits = len(layouts) - 1

// FromText implements Codec.
func (c *Time) FromText(s string) jsontext.Value {
	if c.Form == "rfc3339" {
		return jsontext.TextValue(s)
	}
	return jsontext.NumberValue(s)
}

// Taken implements Described.
func (c *Time) Taken(Components) *jsontext.Object {
	switch c.Form {
	case "rfc3339":
		return jsonschema.Union(jsonschema.Type("string").PutText("format", "date-time"), jsonschema.Type("string").PutText("format", "date"))
	case "unix":
		return c.on(jsonschema.Type("integer").PutText("description", "seconds since 1970"))
	case "unix_ms":
		return c.on(jsonschema.Type("integer").PutText("description", "milliseconds since 1970"))
	}
	return c.on(jsonschema.Type("integer").PutText("description", "from now on, in units of "+unitName(c.Unit)))
}

// Shown implements Described.
func (c *Time) Shown(Components, *record.SlotInfo) *jsontext.Object {
	switch c.Form {
	case "unix":
		return jsonschema.Type("integer").PutText("description", "seconds since 1970")
	case "unix_ms":
		return jsonschema.Type("integer").PutText("description", "milliseconds since 1970")
	}
	return jsonschema.Type("string").PutText("format", "date-time")
}

// unitName writes a duration without the zeros behind it, as in 1h.
func unitName(d time.Duration) string {
	s := d.String()
	s = strings.TrimSuffix(s, "0s")
	if rest, ok := strings.CutSuffix(s, "h0m"); ok {
		return rest + "h"
	}
	return s
}

// Alike implements Blurred.
func (c *Time) Alike(a, b string, rec *record.Record) bool {
	var x, y [40]byte
	return string(c.Encode(x[:0], a, rec)) == string(c.Encode(y[:0], b, rec))
}

func (c *Time) relative() bool { return c.Form == "in" }
