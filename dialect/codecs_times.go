package dialect

import (
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A timeCodec carries an instant.
type timeCodec struct {
	form   string        // rfc3339, unix, unix_ms, in
	digits int           // of the fraction of a second; -1 as many as needed
	unit   time.Duration // of a duration from now
	ahead  *ahead        // nil for any time
	bounds
	kind   *trouble
	format *trouble
}

func (c *timeCodec) decode(v jsontext.Value, e *Env) (string, *trouble) {
	if c.form == "rfc3339" {
		if v.Kind != gjson.String {
			return "", c.kind
		}
		at, ok := parseInstant(v.Str())
		if !ok {
			return "", c.format
		}
		if t := c.ahead.check(at, e); t != nil {
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
	at, ok := c.instant(n, e)
	if !ok {
		return "", c.format
	}
	return record.FormatTime(at), c.ahead.check(at, e)
}

// ahead is how far from now a time may be.
type ahead struct {
	least, most time.Duration // most is -1 where there is no end
	early, late *trouble
}

func (a *ahead) check(at time.Time, e *Env) *trouble {
	switch {
	case a == nil || e.Now.Unix() <= 0: // a default, which is nobody's request
		return nil
	case at.Before(e.Now.Add(a.least)):
		return a.early
	case a.most >= 0 && at.After(e.Now.Add(a.most)):
		return a.late
	}
	return nil
}

// instant converts a whole number; years past 9999 cannot be written down.
func (c *timeCodec) instant(n int64, e *Env) (time.Time, bool) {
	var at time.Time
	switch c.form {
	case "unix":
		at = time.Unix(n, 0)
	case "unix_ms":
		at = time.UnixMilli(n)
	default:
		const most = int64(200 * 366 * 24 * time.Hour)
		if n > most/int64(c.unit) || n < -most/int64(c.unit) {
			return at, false
		}
		at = e.Now.Truncate(time.Millisecond).Add(time.Duration(n) * c.unit)
	}
	return at, at.Unix() >= -62135596800 && at.Unix() <= 253402300799
}

// parseInstant reads RFC 3339, and a plain date as its first moment.
func parseInstant(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t, err = time.Parse(time.DateOnly, s)
	}
	return t, err == nil && t.UTC().Year() >= 1 && t.UTC().Year() <= 9999
}

func (c *timeCodec) encode(dst []byte, text string, _ *record.Record) []byte {
	if c.digits < 0 && (c.form == "rfc3339" || c.form == "in") {
		return append(dst, text...)
	}
	at, ok := record.ParseTime(text)
	if !ok {
		return append(dst, record.Null...)
	}
	switch c.form {
	case "unix":
		return strconv.AppendInt(dst, at.Unix(), 10)
	case "unix_ms":
		return strconv.AppendInt(dst, at.UnixMilli(), 10)
	}
	return append(at.UTC().AppendFormat(append(dst, '"'), layouts[c.digits]), '"')
}

var layouts = [...]string{
	"2006-01-02T15:04:05Z", "2006-01-02T15:04:05.0Z", "2006-01-02T15:04:05.00Z", "2006-01-02T15:04:05.000Z",
	"2006-01-02T15:04:05.0000Z", "2006-01-02T15:04:05.00000Z", "2006-01-02T15:04:05.000000Z",
}

func (c *timeCodec) fromText(s string) jsontext.Value {
	if c.form == "rfc3339" {
		return jsontext.TextValue(s)
	}
	return jsontext.NumberValue(s)
}
