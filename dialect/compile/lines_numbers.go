package compile

import (
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// bounds reads the limits of a number.
func (l *line) bounds() codec.Bounds {
	b := codec.Bounds{Min: l.numberWord("min"), Max: l.numberWord("max"), Above: l.numberWord("above")}
	for _, least := range []string{b.Min, b.Above} {
		if o, ok := record.CompareNumbers(least, b.Max); ok && o > 0 {
			l.Report(l.at, "the smallest number %s is above the largest %s; write the smaller one as the smallest", least, b.Max)
		}
	}
	return b
}

// currency reads a codec of currency codes.
func (l *line) currency() codec.Codec {
	c := &codec.Currency{}
	if w := l.has("case"); w != nil {
		c.Lower = l.OneOf(w, grammar.CurrencyCases) == "lower"
	}
	if w := l.has("match"); w != nil {
		c.Match = l.Pattern(w)
	}
	return c
}

// money reads a codec of amounts.
func (l *line) money() codec.Codec {
	c := &codec.Money{Bounds: l.bounds(), Major: l.as != "money.minor", Quoted: l.as == "money.text"}
	if w := l.has("decimals"); w != nil {
		word := l.OneOf(w, grammar.DecimalNumbers)
		c.All, c.Exact = word != "needed", word == "exact"
		if !c.Major {
			l.Report(w, "minor units have no decimals; remove decimals:, or write as: money.major or money.text")
		}
	}
	if l.inner && c.Major {
		if l.open(l.f).currency = l.has("currency"); l.open(l.f).currency == nil {
			l.Report(l.at, "inside a list amounts are as: money.minor, or name the member that has their currency, as in currency: cur")
		}
	}
	c.Code = l.currencyPlace()
	return c.Ready()
}

// currencyPlace reads where the currency of an amount is.
func (l *line) currencyPlace() func(*record.Record) string {
	name, at := "currency", l.at
	if w := l.has("currency"); w != nil {
		name, at = l.Text(w), w
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

// time reads a codec of instants.
func (l *line) time() codec.Codec {
	c := &codec.Time{Ahead: l.within(), Form: strings.TrimPrefix(l.as, "time."), Digits: -1, Unit: time.Second, Bounds: l.bounds()}
	if w := l.has("digits"); w != nil {
		if c.Digits = l.Int(w); c.Digits < 0 || c.Digits > codec.MostDigits {
			l.Report(w, "digits is a number from 0 to %d", codec.MostDigits)
			c.Digits = 0
		}
	}
	if w := l.has("zone"); w != nil {
		if c.Zone = l.OneOf(w, grammar.Zones) == "offset"; c.Form != "rfc3339" && c.Form != "in" {
			l.Report(w, "a number of seconds has no zone; remove zone:")
		}
	}
	if w := l.has("unit"); w != nil {
		if c.Unit = l.Duration(w); c.Unit <= 0 {
			l.Report(w, "the unit must be above zero")
			c.Unit = time.Second
		}
	}
	return c.Ready()
}

// within reads how far ahead of now a time may be, as in 15m..720h.
func (l *line) within() *codec.Ahead {
	w := l.has("within")
	if w == nil {
		return nil
	}
	from, to, ok := strings.Cut(w.Value, "..")
	least, most := time.Duration(0), time.Duration(-1)
	var err1, err2 error
	if from != "" {
		least, err1 = durations.Parse(from)
	}
	if to != "" {
		most, err2 = durations.Parse(to)
	}
	if w.Kind != yml.Scalar || !ok || from+to == "" || err1 != nil || err2 != nil || to != "" && most < least {
		l.Report(w, "write a range of durations such as 15m..720h, 1h.. or ..24h here")
		return nil
	}
	return codec.NewAhead(least, most, from, to)
}
