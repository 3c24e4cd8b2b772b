package dialect

import (
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

func (l *line) bounds() bounds {
	b := bounds{min: l.numberWord("min"), max: l.numberWord("max"), above: l.numberWord("above")}
	low := b.min
	why := "must be at least " + low
	if b.above != "" {
		why = "must be greater than " + b.above
	}
	for _, least := range []string{b.min, b.above} {
		if o, ok := record.CompareNumbers(least, b.max); ok && o > 0 {
			l.Report(l.at, "the smallest number %s is above the largest %s; write the smaller one as the smallest", least, b.max)
		}
	}
	b.low = valueTrouble("low", why)
	b.high = valueTrouble("high", "must be at most "+b.max)
	return b
}

func (l *line) currency() codec {
	c := &currencyCodec{kind: typeTrouble("must be a string"), known: valueTrouble("one_of", "must be a currency code")}
	if w := l.has("case"); w != nil {
		c.lower = l.oneOf(w, "case", "lower", "upper") == "lower"
	}
	if w := l.has("match"); w != nil {
		c.match = l.pattern(w)
	}
	return c
}

func (l *line) money() codec {
	c := &moneyCodec{bounds: l.bounds(), major: l.as != "money.minor", quoted: l.as == "money.text"}
	c.digits = valueTrouble("digits", "has more decimals than its currency")
	c.large = valueTrouble("high", "is too large")
	c.kind = typeTrouble("must be a number")
	if c.quoted {
		c.kind = typeTrouble("must be a decimal number in a string")
	} else if !c.major {
		c.kind = typeTrouble("must be a whole number of the smallest currency unit")
	}
	if l.inner && c.major {
		l.Report(l.at, "inside a list amounts are as: money.minor; those in major units need the record's currency")
	}
	if w := l.has("decimals"); w != nil {
		if c.all = l.oneOf(w, "number of decimals", "all", "needed") == "all"; !c.major {
			l.Report(w, "minor units have no decimals; remove decimals:, or write as: money.major or money.text")
		}
	}
	c.code = l.currencyPlace()
	return c
}

// currencyPlace reads where the currency of an amount is.
func (l *line) currencyPlace() func(*record.Record) string {
	name, at := "currency", l.at
	if w := l.has("currency"); w != nil {
		name, at = l.str(w), w
	}
	if path, ok := strings.CutPrefix(name, "ext."); ok && path != "" {
		key := l.d.Name + "." + path
		return func(rec *record.Record) string { return record.Unquote(rec.Ext(key)) }
	}
	slot, ok := l.schema().Slot(name)
	if !ok && !l.inner {
		l.Report(at, "no canonical slot %q for the currency of %s%s; name one with currency:, or write ext. and the name of a place of your own", name, l.f.Path, yml.DidYouMean(name, l.schema().Names()))
	}
	return func(rec *record.Record) string { return rec.Text(slot) }
}

func (l *line) time() codec {
	c := &timeCodec{ahead: l.within(), form: strings.TrimPrefix(l.as, "time."), digits: -1, unit: time.Second, bounds: l.bounds()}
	if w := l.has("digits"); w != nil {
		if c.digits = l.integer(w); c.digits < 0 || c.digits >= len(layouts) {
			l.Report(w, "digits is a number from 0 to %d", len(layouts)-1)
			c.digits = 0
		}
	}
	if w := l.has("unit"); w != nil {
		if c.unit = l.duration(w); c.unit <= 0 {
			l.Report(w, "the unit must be above zero")
			c.unit = time.Second
		}
	}
	switch c.form {
	case "rfc3339":
		c.kind = typeTrouble("must be a date and time in ISO 8601 format")
		c.format = valueTrouble("format", "must be a date and time in ISO 8601 format")
	default:
		c.kind = typeTrouble("must be a whole number")
		c.format = valueTrouble("format", "is out of range")
	}
	return c
}

// within reads how far ahead of now a time may be, as in 15m..720h.
func (l *line) within() *ahead {
	w := l.has("within")
	if w == nil {
		return nil
	}
	from, to, ok := strings.Cut(w.Value, "..")
	a := &ahead{most: -1}
	var err1, err2 error
	if from != "" {
		a.least, err1 = time.ParseDuration(from)
	}
	if to != "" {
		a.most, err2 = time.ParseDuration(to)
	}
	if w.Kind != yml.Scalar || !ok || from+to == "" || err1 != nil || err2 != nil || to != "" && a.most < a.least {
		l.Report(w, "write a range of durations such as 15m..720h, 1h.. or ..24h here")
		return nil
	}
	a.early = valueTrouble("early", "must be at least "+from+" from now")
	a.late = valueTrouble("late", "must be at most "+to+" from now")
	return a
}
