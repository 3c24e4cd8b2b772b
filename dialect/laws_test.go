package dialect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"pgregory.net/rapid"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/record"
)

// The lens laws hold field by field and are checked for every shipped dialect
// on records and bodies that are made from the compiled program itself.
//
//   - Get-Put: what a client reads, it may send back: no slot of a written
//     field that has a value changes, and the wire shows the same.
//   - Put-Get: what is written is read back, in the codec's normal form: text
//     squeezed, numbers of money at their shortest, times in UTC with the
//     digits the wire shows, maps with what was there and without removed keys,
//     lists with their items' defaults.
//   - Put-Put: of two writes, the second counts, but for maps that merge.
//   - Isolation: nothing but the slots of fields that were sent changes, and
//     the old record never does.

// drawText draws a text that the codec takes.
func drawText(t *rapid.T, f *dialect.Field, c *codec.Text) string {
	switch {
	case len(c.OneOf) > 0:
		return record.Quote(rapid.SampledFrom(c.OneOf).Draw(t, f.Path))
	case c.As == "email":
		return record.Quote(rapid.StringMatching(`[a-z]{1,9}@[a-z]{1,9}\.example`).Draw(t, f.Path))
	case c.Match != nil:
		return record.Quote(rapid.StringMatching(c.Match.String()).Filter(func(s string) bool {
			n := len([]rune(s))
			return n >= c.Len.Min && (c.Len.Max < 0 || n <= c.Len.Max)
		}).Draw(t, f.Path))
	case c.As == "uuid":
		return record.Quote(rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`).Draw(t, f.Path))
	case c.As == "url":
		return record.Quote(rapid.StringMatching(`https://[a-z]{1,9}\.example/[a-z0-9/?=]{0,20}`).Draw(t, f.Path))
	}
	most := c.Len.Max
	if most < 0 || most > 40 {
		most = 40
	}
	s := rapid.StringOfN(rapid.RuneFrom([]rune("aZ9 é😀\"\\\n<&\u2028")), min(c.Len.Min, most), most, -1).Draw(t, f.Path)
	if c.Squeeze {
		s = strings.Join(strings.Fields(s), " ")
		s += dialecttest.Repeat("x", max(0, c.Len.Min-len([]rune(s))))
	}
	return record.Quote(s)
}

// drawNumber draws a number that a codec takes, with so many decimals at most.
func drawNumber(t *rapid.T, f *dialect.Field, decimals int) string {
	return rapid.Custom(func(t *rapid.T) string {
		s := fmt.Sprint(rapid.Int64Range(-1000, 1_000_000).Draw(t, "whole"))
		if d := rapid.IntRange(0, decimals).Draw(t, "decimals"); d > 0 {
			s += "." + rapid.StringMatching(fmt.Sprintf("[0-9]{%d}", d)).Draw(t, "fraction")
		}
		return s
	}).Filter(func(s string) bool { return takes(f, s) }).Draw(t, f.Path)
}

// takes tells whether a field's codec decodes a number, in a text or not.
func takes(f *dialect.Field, number string) bool {
	v := jsontext.ValueOf(number)
	if c, ok := f.Codec.(*codec.Money); ok && c.Quoted {
		v = jsontext.TextValue(number)
	}
	_, broken := f.Codec.Decode(v, dialecttest.Noon)
	return broken == nil
}

// drawWire draws a wire value that the field takes, "" when this test cannot
// make one.
func drawWire(t *rapid.T, f *dialect.Field) string {
	switch c := f.Codec.(type) {
	case *codec.Text:
		return drawText(t, f, c)
	case *codec.Bool:
		return fmt.Sprint(rapid.Bool().Draw(t, f.Path))
	case *codec.Int:
		return drawNumber(t, f, 0)
	case *codec.Number:
		return drawNumber(t, f, 5)
	case *codec.Money:
		n := drawNumber(t, f, map[bool]int{true: 2}[c.Major])
		if c.Quoted {
			return record.Quote(n)
		}
		return n
	case *codec.Currency:
		var codes []string
		for _, code := range []string{"USD", "eur", "GBP", "usdc"} {
			if c.Match == nil || c.Match.MatchString(code) {
				codes = append(codes, record.Quote(code))
			}
		}
		return rapid.SampledFrom(codes).Draw(t, f.Path)
	case *codec.Enum:
		var words []string
		for w := range c.In {
			if !c.Refuse[w] {
				words = append(words, w)
			}
		}
		slices.Sort(words)
		if len(words) == 0 {
			return ""
		}
		return rapid.SampledFrom(words).Draw(t, f.Path)
	case *codec.Time:
		if c.Form == "rfc3339" {
			return record.FormatTime(drawTime(t, f.Path))
		}
		if c.Form == "in" {
			return drawNumber(t, f, 0)
		}
		at := drawTime(t, f.Path)
		return fmt.Sprint(map[string]int64{"unix": at.Unix(), "unix_ms": at.UnixMilli()}[c.Form])
	case *codec.JSON:
		return drawJSON(t, f.Path, c.Only)
	case *codec.Map:
		most := min(5, map[bool]int{true: 5, false: c.Items.Max}[c.Items.Max < 0])
		var b []string
		for i := range rapid.IntRange(0, most).Draw(t, f.Path) {
			key := rapid.StringOfN(rapid.RuneFrom([]rune("ab.*#@\\\"é0")), max(1, c.Keys.Min), 5, -1).Draw(t, "key")
			b = append(b, fmt.Sprintf(`%s:%q`, record.Quote(fmt.Sprint(i%2, key)), rapid.StringMatching(`[a-z]{0,5}`).Draw(t, "value")))
		}
		return "{" + strings.Join(b, ",") + "}"
	case *dialect.TypedMap:
		keys := []string{"usd", "eur", "gbp"}[:rapid.IntRange(0, 3).Draw(t, f.Path)]
		for i, key := range keys {
			keys[i] = record.Quote(key) + ":" + drawWire(t, c.Of)
		}
		return "{" + strings.Join(keys, ",") + "}"
	case *dialect.ListCodec:
		return drawList(t, f, c)
	case *dialect.ObjectCodec:
		return drawObject(t, c.List)
	}
	return ""
}

func drawList(t *rapid.T, f *dialect.Field, c *dialect.ListCodec) string {
	most := c.Items.Max
	if most < 0 || most > 3 {
		most = 3
	}
	var items []string
	for range rapid.IntRange(c.Items.Min, most).Draw(t, f.Path) {
		if c.Of != nil {
			items = append(items, drawWire(t, c.Of))
			continue
		}
		items = append(items, drawObject(t, c))
	}
	return "[" + strings.Join(items, ",") + "]"
}

func drawObject(t *rapid.T, c *dialect.ListCodec) string {
	var ms []string
	for _, m := range c.Each {
		if m.In && (m.Need != dialect.NeedNever || rapid.Bool().Draw(t, "has "+m.Path)) {
			ms = append(ms, record.Quote(m.Path)+":"+drawWire(t, m))
		}
	}
	return "{" + strings.Join(ms, ",") + "}"
}

// withoutNulls is a value less the members that are null: inside an object
// those are no values to send back.
func withoutNulls(v gjson.Result) string {
	if !v.IsArray() && !v.IsObject() {
		return v.Raw
	}
	var out []string
	v.ForEach(func(k, m gjson.Result) bool {
		if v.IsArray() {
			out = append(out, withoutNulls(m))
		} else if m.Type != gjson.Null {
			out = append(out, k.Raw+":"+withoutNulls(m))
		}
		return true
	})
	if v.IsArray() {
		return "[" + strings.Join(out, ",") + "]"
	}
	return "{" + strings.Join(out, ",") + "}"
}

func drawJSON(t *rapid.T, label, only string) string {
	leaf := rapid.SampledFrom([]string{`1.50`, `"x"`, `null`, `{"a.b":[1e2]}`, `[]`, `-0`, `true`})
	switch a, b := leaf.Draw(t, label), leaf.Draw(t, label); only {
	case "array":
		return "[" + a + "," + b + "]"
	case "object":
		return `{"x":` + a + `,"":` + b + "}"
	}
	return rapid.SampledFrom([]string{`{"y":1}`, `[1.0]`, `"s"`}).Draw(t, label)
}

func drawTime(t *rapid.T, label string) time.Time {
	return time.Unix(rapid.Int64Range(0, 4e9).Draw(t, label), rapid.Int64Range(0, 999).Draw(t, label+" ms")*1e6).UTC()
}

// drawRecord draws a record that the dialect could have made: canonical values
// of every slot that one of its fields writes or shows.
func drawRecord(t *rapid.T, d *dialect.Dialect, res *dialect.Resource) *record.Record {
	rec := record.New(res.Schema, d.Name)
	rec.Set(record.SlotID, `"one"`)
	rec.Set(record.SlotAccount, `"acc"`)
	rec.Set(record.SlotLive, "false")
	rec.Set(record.SlotStatus, record.Quote(rapid.SampledFrom(res.Schema.Slots[record.SlotStatus].Values).Draw(t, "status")))
	e := dialecttest.Env()
	for _, f := range res.Fields {
		if f.Codec == nil || f.Get(rec) != "" {
			continue
		}
		switch rapid.IntRange(0, 4).Draw(t, "state of "+f.Path) {
		case 0: // never said
		case 1:
			f.Set(rec, record.Null)
		default:
			f.Set(rec, canonical(t, f, e, rec))
		}
	}
	if s, ok := res.Schema.Slot("currency"); ok && !rec.Has(s) {
		rec.Set(s, `"USD"`)
	}
	return rec
}

// canonical draws a text that the field's slot may hold, also one that the
// field itself would not take.
func canonical(t *rapid.T, f *dialect.Field, e *dialect.Env, rec *record.Record) string {
	if _, ok := f.Codec.(*codec.Enum); ok && f.Target == dialect.ToSlot && rec.Schema.Slots[f.Slot].Values != nil {
		return record.Quote(rapid.SampledFrom(rec.Schema.Slots[f.Slot].Values).Draw(t, "slot of "+f.Path))
	}
	if _, ok := f.Codec.(*codec.Time); ok {
		return record.FormatTime(drawTime(t, "slot of "+f.Path))
	}
	if _, ok := f.Codec.(*codec.Money); ok {
		return fmt.Sprint(rapid.Int64Range(0, 1e15).Draw(t, "slot of "+f.Path))
	}
	raw := jsontext.ValueOf(drawWire(t, f))
	if slices.Contains(f.Clear, raw.Raw) {
		return record.Null
	}
	text, _ := f.Decode(raw, e)
	if c, ok := f.Codec.(codec.Merger); ok {
		text, _ = c.Merge(text, "")
	}
	return text
}

// update is the operation of the resource that updates, with an answer of the
// record alone.
func update(d *dialect.Dialect, res *dialect.Resource) *dialect.Op {
	for _, op := range d.Operations {
		if op.Resource == res && op.Does == dialect.Update {
			return op
		}
	}
	return &dialect.Op{Name: res.Name + ".test", Does: dialect.Update, Resource: res, Owner: d}
}

// put sends a body as an update and returns the new record.
func put(t *rapid.T, op *dialect.Op, old *record.Record, body string) (*record.Record, []dialect.Problem) {
	for i := len(op.Unwrap) - 1; i >= 0; i-- {
		body = "{" + record.Quote(op.Unwrap[i]) + ":" + body + "}"
	}
	before := dialecttest.Slots(old)
	e := dialecttest.Env()
	e.Old = old
	in := &dialect.Input{}
	if err := op.Parse(in, []byte(body), false); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	op.Decode(in, e)
	op.Merge(in, e)
	if diff := cmp.Diff(before, dialecttest.Slots(old)); diff != "" {
		t.Fatalf("%s changed the old record (-want +got)\n%s", body, diff)
	}
	return e.It, in.Problems
}

// get encodes a record and returns its JSON, which must be valid.
func get(t *rapid.T, res *dialect.Resource, rec *record.Record) gjson.Result {
	e := dialecttest.Env()
	e.It = rec
	out := res.Encode(nil, e)
	if !gjson.ValidBytes(out) {
		t.Fatalf("encoded to what is not JSON: %s", out)
	}
	return gjson.ParseBytes(out)
}

// member finds a wire path without gjson's path language.
func member(v gjson.Result, path string) gjson.Result {
	for part := range strings.SplitSeq(path, ".") {
		v = gjson.Parse(jsontext.LastMember(jsontext.ValueIn(v), part).Raw)
	}
	return v
}

// nest writes members at their dotted paths as one object.
func nest(values map[string]string, order []string) string {
	root := &dialect.FieldTree{Kids: map[string]*dialect.FieldTree{}}
	for _, path := range order {
		at := root
		for part := range strings.SplitSeq(path, ".") {
			if at.Kids[part] == nil {
				at.Kids[part] = &dialect.FieldTree{Kids: map[string]*dialect.FieldTree{}}
				at.Order = append(at.Order, part)
			}
			at = at.Kids[part]
		}
		at.Path = path
	}
	var write func(n *dialect.FieldTree) string
	write = func(n *dialect.FieldTree) string {
		if n.Path != "" {
			return values[n.Path]
		}
		var parts []string
		for _, k := range n.Order {
			parts = append(parts, record.Quote(k)+":"+write(n.Kids[k]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return write(root)
}

// unshown tells whether answers may lack a field that has a value.
func unshown(f *dialect.Field) bool {
	for g := f.Group; g != nil; g = g.Parent {
		if g.When != nil {
			return true
		}
	}
	return f.When != nil || f.Embed != nil && f.Embed.Hidden
}

// lawful are the fields that an update writes, and that are read as they were
// written: objects that change others by an id, or make records, are not.
func lawful(op *dialect.Op) []*dialect.Field {
	var out []*dialect.Field
	for _, f := range op.Resource.Fields {
		list, _ := f.Codec.(*dialect.ListCodec)
		if _, makes := f.Codec.(*dialect.MadeCodec); makes || list != nil && list.By != nil {
			continue
		}
		if f.In && f.Writable(false) && f.Codec != nil && !unshown(f) {
			out = append(out, f)
		}
	}
	return out
}

// eachResource runs a law for every resource of every shipped dialect that an
// update can write.
func eachResource(t *testing.T, law func(t *rapid.T, d *dialect.Dialect, res *dialect.Resource, op *dialect.Op)) {
	t.Parallel()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, d := range set.Dialects {
		for name, res := range d.Resources {
			op := update(d, res)
			if len(lawful(op)) == 0 {
				continue
			}
			n++
			t.Run(d.Name+" "+name, func(t *testing.T) {
				t.Parallel()
				rapid.Check(t, func(t *rapid.T) { law(t, d, res, op) })
			})
		}
	}
	if n < 4 {
		t.Fatalf("%d resources can be updated, want 4 at least", n)
	}
}

func TestGetPut(t *testing.T) {
	eachResource(t, func(t *rapid.T, d *dialect.Dialect, res *dialect.Resource, op *dialect.Op) {
		rec := drawRecord(t, d, res)
		shown := get(t, res, rec)
		values, order := map[string]string{}, []string{}
		for _, f := range lawful(op) {
			// What shows no value of its own (null where null is not taken, or a
			// text that stands for nothing) is no value to send back, nor is a
			// word that is only shown.
			if c, ok := f.Codec.(*codec.Enum); ok {
				if raw := member(shown, f.Path).Raw; c.In[raw] == "" || c.Refuse[raw] {
					continue
				}
			}
			if f.Out && f.Get(rec) != "" && f.Get(rec) != record.Null && takesBack(f, rec) {
				if v := member(shown, f.Path); v.Exists() {
					values[f.Path] = v.Raw
					switch f.Codec.(type) {
					case *dialect.ListCodec, *dialect.ObjectCodec:
						values[f.Path] = withoutNulls(v)
					}
					order = append(order, f.Path)
				} else if !f.Empty {
					t.Fatalf("%s has the value %s and is not shown in %s", f.Path, f.Get(rec), shown.Raw)
				}
			}
		}
		order = complete(op, rec, shown, values, order)
		body := nest(values, order)
		it, problems := put(t, op, rec, body)
		if len(problems) > 0 {
			t.Fatalf("%s is refused: %+v", body, problems)
		}
		if diff := cmp.Diff(dialecttest.Slots(rec), dialecttest.Slots(it)); diff != "" {
			t.Fatalf("sending back %s changes the record (-was +is)\n%s", body, diff)
		}
		if again := get(t, res, it); dropUpdated(again.Raw) != dropUpdated(shown.Raw) {
			t.Fatalf("it shows %s, and after sending that back %s", shown.Raw, again.Raw)
		}
	})
}

// takesBack tells whether a value is one that the field itself takes: records also
// come from fixtures and other operations.
func takesBack(f *dialect.Field, rec *record.Record) bool {
	if c, ok := f.Codec.(*codec.Money); ok {
		return takes(f, record.Unquote(string(c.Encode(nil, f.Get(rec), rec))))
	}
	return true
}

// complete drops the members of groups that are replaced whole and of which
// the record lacks what they need, or of which the body would not say all.
func complete(op *dialect.Op, rec *record.Record, shown gjson.Result, values map[string]string, order []string) []string {
	kept := order[:0]
	for _, path := range order {
		f, ok := op.Resource.Field(path), true
		for g := f.Group; g != nil; g = g.Parent {
			within(op.Resource, g, func(other *dialect.Field) {
				_, sent := values[other.Path]
				said := other.Get(rec) != ""
				if other.In && (g.Replace && said && !sent || other.Need == dialect.NeedAlways && !sent) {
					ok = false
				}
			})
		}
		if ok {
			kept = append(kept, path)
		}
	}
	return kept
}

// dropUpdated takes the stamp of the last change out, which every update moves.
func dropUpdated(doc string) string {
	var out []string
	gjson.Parse(doc).ForEach(func(k, v gjson.Result) bool {
		if !strings.HasPrefix(k.Str, "updated") {
			out = append(out, k.Raw+":"+v.Raw)
		}
		return true
	})
	return strings.Join(out, ",")
}

// drawBody draws values for some fields, with all that their groups need.
func drawBody(t *rapid.T, op *dialect.Op) (map[string]string, []string) {
	values, order := map[string]string{}, []string{}
	fields := lawful(op)
	sent := map[*dialect.Field]bool{}
	for _, f := range fields {
		if rapid.Bool().Draw(t, "send "+f.Path) {
			sent[f] = true
		}
	}
	for changed := true; changed; {
		changed = false
		for f := range sent {
			for g := f.Group; g != nil; g = g.Parent {
				for _, need := range g.Needs {
					if !sent[need] {
						sent[need], changed = true, true
					}
				}
			}
		}
	}
	for _, f := range fields {
		if sent[f] {
			values[f.Path] = drawWire(t, f)
			order = append(order, f.Path)
		}
	}
	return values, order
}

func TestPutGet(t *testing.T) {
	eachResource(t, func(t *rapid.T, d *dialect.Dialect, res *dialect.Resource, op *dialect.Op) {
		rec := drawRecord(t, d, res)
		values, order := drawBody(t, op)
		body := nest(values, order)
		it, problems := put(t, op, rec, body)
		if len(problems) > 0 {
			if onlyLimits(problems) {
				t.Skip("the merged map or the amount in its currency is beyond a limit")
			}
			t.Fatalf("%s is refused: %+v", body, problems)
		}
		shown := get(t, res, it)
		for _, path := range order {
			f := res.Field(path)
			if f.Out {
				reads(t, f, values[path], member(shown, path), it)
			}
		}
	})
}

// onlyLimits tells whether nothing is wrong but what a merge leads to.
func onlyLimits(ps []dialect.Problem) bool {
	for _, p := range ps {
		if p.Check != "many" && p.Check != "large" && p.Check != "digits" {
			return false
		}
	}
	return true
}

// reads compares what was written with what is read, in the normal form of
// the field's codec.
func reads(t *rapid.T, f *dialect.Field, wrote string, read gjson.Result, it *record.Record) {
	same := wrote == read.Raw
	switch c := f.Codec.(type) {
	case *codec.Money:
		o, ok := record.CompareNumbers(record.Unquote(wrote), record.Unquote(read.Raw))
		same = ok && o == 0
	case *codec.Currency:
		same = strings.EqualFold(wrote, read.Raw)
	case *codec.Time:
		a, _ := c.Decode(jsontext.ValueOf(wrote), dialecttest.Noon)
		b, _ := c.Decode(jsontext.ValueIn(read), dialecttest.Noon)
		at, _ := record.ParseTime(a)
		back, _ := record.ParseTime(b)
		same = at.Truncate(time.Second).Equal(back.Truncate(time.Second))
	case *codec.Map:
		same = true
		for _, p := range jsontext.Members(jsontext.ValueOf(wrote)) {
			got := jsontext.LastMember(jsontext.ValueIn(read), p.Key)
			if slices.Contains(c.Remove, p.Val.Raw) {
				same = same && got.Raw == ""
			} else {
				same = same && got.Raw == p.Val.Raw
			}
		}
	case *dialect.ListCodec:
		same = len(read.Array()) == len(gjson.Parse(wrote).Array()) || f.Empty && wrote == "[]"
	case *dialect.ObjectCodec:
		same = read.IsObject()
	case *codec.Text, *codec.Bool, *codec.Int, *codec.Number, *codec.Enum, *codec.JSON:
	}
	if slices.Contains(f.Clear, wrote) {
		same = f.Get(it) == record.Null
	}
	if !same {
		t.Fatalf("%s: wrote %s, read %s", f.Path, wrote, read.Raw)
	}
}

func TestPutPut(t *testing.T) {
	eachResource(t, func(t *rapid.T, d *dialect.Dialect, res *dialect.Resource, op *dialect.Op) {
		rec := drawRecord(t, d, res)
		first, order := drawBody(t, op)
		second := map[string]string{}
		for _, path := range order {
			second[path] = drawWire(t, res.Field(path))
		}
		one, p1 := put(t, op, rec, nest(first, order))
		if len(p1) > 0 {
			t.Skip("refused")
		}
		both, p2 := put(t, op, one, nest(second, order))
		direct, p3 := put(t, op, rec, nest(second, order))
		if len(p2)+len(p3) > 0 {
			t.Skip("refused")
		}
		a, b := get(t, res, both), get(t, res, direct)
		for _, path := range order {
			if m, ok := res.Field(path).Codec.(*codec.Map); ok && m.Merging {
				continue
			}
			if x, y := member(a, path).Raw, member(b, path).Raw; x != y {
				t.Fatalf("%s: %s after two writes, %s after the second alone", path, x, y)
			}
		}
	})
}

func TestIsolation(t *testing.T) {
	eachResource(t, func(t *rapid.T, d *dialect.Dialect, res *dialect.Resource, op *dialect.Op) {
		rec := drawRecord(t, d, res)
		values, order := drawBody(t, op)
		it, _ := put(t, op, rec, nest(values, order))
		may := map[string]bool{"updated_at": true, "version": true}
		name := func(f *dialect.Field) string {
			if f.Target == dialect.ToExt {
				return f.Ext
			}
			return res.Schema.Slots[f.Slot].Name
		}
		for _, path := range order {
			f := res.Field(path)
			may[name(f)] = true
			for g := f.Group; g != nil; g = g.Parent {
				if g.Replace {
					within(res, g, func(other *dialect.Field) {
						if other.In && other.Writable(false) {
							may[name(other)] = true
						}
					})
				}
			}
			if name(f) == "currency" {
				may["amount"] = true // keeps its wire value
			}
		}
		for _, a := range op.Assignments {
			may[a.Ext] = true
			may[res.Schema.Slots[a.Slot].Name] = true
		}
		was, is := dialecttest.Slots(rec), dialecttest.Slots(it)
		for k := range is {
			if was[k] != is[k] && !may[k] {
				t.Fatalf("%s changes %s from %s to %s", nest(values, order), k, was[k], is[k])
			}
		}
		for k := range was {
			if _, there := is[k]; !there && !may[k] {
				t.Fatalf("%s loses %s", nest(values, order), k)
			}
		}
	})
}

// within calls f for every field inside a group, at any depth.
func within(res *dialect.Resource, g *dialect.Group, f func(*dialect.Field)) {
	for _, field := range res.Fields {
		for at := field.Group; at != nil; at = at.Parent {
			if at == g {
				f(field)
			}
		}
	}
}
