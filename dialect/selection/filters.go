package selection

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Filter is a filter of a list with what it selects.
type Filter struct {
	*dialect.Filter
	Test  string   // equal, or another of grammar.FilterTests
	Texts []string // canonical; any of them counts
	Key   string   // of a map
}

// Plain is the one value that a filter wants a field to be equal to; ok is false
// where it wants something else.
func (f *Filter) Plain() (text string, ok bool) {
	if f.Test != "equal" || len(f.Texts) != 1 || f.Field == nil {
		return "", false
	}
	return f.Texts[0], true
}

// maxValues bounds how many values a filter takes at once.
const maxValues = 100

// readFilters reads what the query selects by.
func readFilters(op *dialect.Op, query url.Values, e *dialect.Env, note func(*dialect.Problem)) (out []Filter) {
	for _, f := range op.Filters {
		switch f.Test {
		case "range":
			for _, test := range []string{"gt", "gte", "lt", "lte"} {
				if values := query[f.Param+"["+test+"]"]; len(values) > 0 {
					out = appendFilter(out, Filter{Filter: f, Test: test}, f.Param+"["+test+"]", values[:1], e, note)
				}
			}
			if values := query[f.Param]; len(values) > 0 {
				out = appendFilter(out, Filter{Filter: f, Test: "equal"}, f.Param, values[:1], e, note)
			}
		case "key":
			for _, name := range keysOf(query, f.Param) {
				key := name[len(f.Param)+1 : len(name)-1]
				out = append(out, Filter{Filter: f, Test: "key", Key: key, Texts: []string{record.Quote(query.Get(name))}})
			}
		default:
			values, sent := valuesOf(query, f)
			if !sent {
				values = f.Default
			}
			if len(values) > 0 {
				out = appendFilter(out, Filter{Filter: f, Test: f.Test}, f.Param, values, e, note)
			}
		}
	}
	return out
}

// keysOf lists the parameters that are one with brackets behind it, in order.
func keysOf(query url.Values, param string) []string {
	var names []string
	for name := range query {
		if strings.HasPrefix(name, param+"[") && strings.HasSuffix(name, "]") && len(names) < maxValues {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// valuesOf are the values that the query has for a filter, and whether it was
// sent at all.
func valuesOf(query url.Values, f *dialect.Filter) (values []string, sent bool) {
	values, sent = query[f.Param]
	switch f.Many {
	case "":
		if len(values) > 1 {
			values = values[:1]
		}
	default:
		values = slices.Concat(values, query[f.Param+"[]"])
		if sent = sent || query.Has(f.Param+"[]"); f.Many == "commas" {
			values = strings.Split(strings.Join(values, ","), ",")
		}
	}
	if f.Blank {
		values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" })
		sent = sent && len(values) > 0
	}
	if len(values) > maxValues {
		values = values[:maxValues]
	}
	return values, sent
}

// appendFilter adds a filter once its values are converted as its field is.
func appendFilter(list []Filter, f Filter, param string, values []string, e *dialect.Env, note func(*dialect.Problem)) []Filter {
	for _, value := range values {
		if f.loose() {
			f.Texts = append(f.Texts, record.Quote(strings.ToLower(value)))
			continue
		}
		field := f.Field
		if c, ok := field.Codec.(*dialect.ListCodec); ok && f.Test == "has" && c.Of != nil {
			field = c.Of
		}
		text, t := field.Decode(field.Codec.FromText(value), e)
		if t != nil {
			note(&dialect.Problem{Path: param, Code: f.Code, Check: t.Check, Why: t.Why, Value: record.Quote(value)})
		}
		f.Texts = append(f.Texts, text)
	}
	return append(list, f)
}

// loose tells whether letters alone count, without their case.
func (f *Filter) loose() bool {
	return f.Test == "part" || f.Test == "start" || f.Test == "same" || len(f.Over) > 0
}

// Matches tells whether a record has what the filter asks for, as the dialect
// would show it. Defaults are made within bounds, which hear of those that are not.
func (f *Filter) Matches(rec *record.Record, bounds *dialect.Bounds) bool {
	if f.Field == nil {
		return slices.ContainsFunc(f.Over, func(field *dialect.Field) bool { return f.holds(field, field.Get(rec), rec) })
	}
	have := f.Field.Get(rec)
	if f.holds(f.Field, have, rec) {
		return true
	}
	if have == "" && f.Field.Default != nil {
		return f.holds(f.Field, f.Field.Initial(&dialect.Env{Env: template.Env{It: rec, Bounds: bounds}}), rec)
	}
	return false
}

// holds tells whether one value passes.
func (f *Filter) holds(field *dialect.Field, have string, rec *record.Record) bool {
	if have == record.Null {
		have = ""
	}
	for _, want := range f.Texts {
		if f.passes(field, have, want, rec) {
			return true
		}
	}
	return false
}

func (f *Filter) passes(field *dialect.Field, have, want string, rec *record.Record) bool {
	if c, ok := field.Codec.(codec.Amount); ok && !f.loose() {
		if minor, t := c.Settle(want, rec); t == nil {
			want = minor
		}
	}
	switch f.Test {
	case "equal":
		return alike(field, have, want, rec)
	case "gt", "gte", "lt", "lte":
		return have != "" && within(f.Test, compare(precise(field, have, rec), want))
	case "has":
		return slices.ContainsFunc(gjson.Parse(have).Array(), func(v gjson.Result) bool { return v.Raw == want })
	case "key":
		got := gjson.Parse(have).Get(gjson.Escape(f.Key))
		return got.Exists() && got.String() == record.Unquote(want)
	}
	have, want = strings.ToLower(plain(have)), record.Unquote(want)
	switch f.Test {
	case "start":
		return strings.HasPrefix(have, want)
	case "same":
		return have == want
	}
	return strings.Contains(have, want)
}

// plain is the letters of a canonical text, those of a list or map as JSON.
func plain(text string) string {
	if strings.HasPrefix(text, `"`) {
		return record.Unquote(text)
	}
	return text
}

// alike tells whether two canonical texts are one to the client.
func alike(field *dialect.Field, have, want string, rec *record.Record) bool {
	if have == want {
		return have != "" || want == ""
	}
	if have == "" || want == "" {
		return false
	}
	if c, ok := field.Codec.(codec.Worded); ok {
		return c.Word(have) == c.Word(want)
	}
	if c, ok := field.Codec.(codec.Blurred); ok {
		return c.Alike(have, want, rec)
	}
	return false
}

// precise is a value as exactly as the wire shows it: a client that reads whole
// seconds compares those.
func precise(field *dialect.Field, have string, rec *record.Record) string {
	if _, ok := field.Codec.(codec.Blurred); !ok {
		return have
	}
	wire := field.Codec.Encode(nil, have, rec)
	if text, t := field.Codec.Decode(jsontext.ValueOf(string(wire)), zero); t == nil {
		return text
	}
	return have
}

// within tells whether an order is one that a test takes.
func within(test string, order int) bool {
	switch test {
	case "gt":
		return order > 0
	case "gte":
		return order >= 0
	case "lt":
		return order < 0
	}
	return order <= 0
}

// compare orders two canonical texts: numbers and times by what they are, and
// texts by their letters.
func compare(a, b string) int {
	if order, ok := record.CompareNumbers(a, b); ok {
		return order
	}
	if x, ok := record.ParseTime(a); ok {
		if y, ok := record.ParseTime(b); ok {
			return x.Compare(y)
		}
	}
	return strings.Compare(plain(a), plain(b))
}
