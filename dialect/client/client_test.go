package client_test

import (
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/record"
)

func shipped(tb testing.TB) *dialect.Set {
	tb.Helper()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func env(random io.Reader) *dialect.Env {
	e := &dialect.Env{Random: random}
	e.Now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	e.Header = func(string) string { return "" }
	e.Query = e.Header
	return e
}

// sample is a wire value that a field takes, "" where none is known.
func sample(f *dialect.Field) string {
	if s, is := f.Codec.(codec.Sampler); is {
		return s.Sample()
	}
	switch c := f.Codec.(type) {
	case *codec.Map:
		return `{"k":"v"}`
	case *dialect.ListCodec:
		if c.Of != nil {
			if one := sample(c.Of); one != "" {
				return "[" + one + "]"
			}
		}
	}
	return ""
}

// bodyOf is an object that says some fields, as they nest.
func bodyOf(fields []*dialect.Field) string {
	body, said := "{}", map[string]bool{}
	for _, f := range fields {
		if wire := sample(f); wire != "" && !said[f.Path] {
			said[f.Path] = true
			body = nest(body, strings.Split(f.Path, "."), wire)
		}
	}
	return body
}

func nest(body string, path []string, wire string) string {
	o := new(jsontext.Object)
	for _, m := range jsontext.Members(jsontext.ValueOf(body)) {
		o.Put(m.Key, []byte(m.Val.Raw))
	}
	if len(path) > 1 {
		inner := string(o.Get(path[0]))
		if inner == "" {
			inner = "{}"
		}
		wire = nest(inner, path[1:], wire)
	}
	return string(o.Put(path[0], []byte(wire)).Bytes())
}

// TestNothingVanishesUnsaid says every field of every dialect to every other one:
// each is in the request, among the losses, or refused.
func TestNothingVanishesUnsaid(t *testing.T) {
	t.Parallel()
	set, told := shipped(t), 0
	for _, from := range set.Dialects {
		a := from.Op("link.create")
		for _, to := range set.Dialects {
			b := to.Op("link.create")
			if from == to || sharing.SetsUp(a.Resource) != sharing.SetsUp(b.Resource) {
				continue
			}
			for _, f := range a.Resource.Fields {
				if !a.Reads(f) || sample(f) == "" {
					continue
				}
				in, e := &dialect.Input{}, env(ids.Random())
				if err := a.Parse(in, []byte(bodyOf([]*dialect.Field{f})), false); err != nil {
					t.Fatal(err)
				}
				a.Decode(in, e)
				in.Problems = slices.DeleteFunc(in.Problems, func(p dialect.Problem) bool { return p.Check == "missing" })
				if len(in.Problems) > 0 {
					continue // the sample is one of many that go together
				}
				a.Merge(in, e)
				got := (&client.Saying{From: a, Input: in, Env: e}).In(b)
				for _, said := range in.Said() {
					if !in.Sent(said) {
						continue
					}
					told++
					if place := client.Place(a.Resource, said); !arrives(b, got, place) {
						t.Errorf("%s to %s: %s (%s) vanishes: %s, %v", from.Name, to.Name, said.Path, place, got.JSON, got.Losses)
					}
				}
			}
		}
	}
	if told < 200 {
		t.Errorf("only %d fields were said", told)
	}
}

// arrives tells whether a place is in a body, or told of.
func arrives(op *dialect.Op, got client.Body, place string) bool {
	for _, l := range got.Losses {
		if l.Path == place || strings.HasPrefix(l.Path, place+".") {
			return true
		}
	}
	for _, f := range op.Resource.Fields {
		if client.Place(op.Resource, f) == place && gjson.GetBytes(got.JSON, f.Path).Exists() {
			return true
		}
	}
	return len(got.Problems) > 0
}

// TestEveryClassIsReadBack makes an answer of every class of every catalogue, and
// reads it: the code is canonical, and one that the class is for.
func TestEveryClassIsReadBack(t *testing.T) {
	t.Parallel()
	for _, d := range shipped(t).Dialects {
		op := d.Op("link.create")
		for _, name := range d.Errors.Order {
			class := d.Errors.Classes[name]
			e := env(ids.Random())
			f := failures.Of(d, e, dialect.Problem{Code: name, Path: "title", Why: "is wrong"})
			f.Noun = op.Resource.Noun
			body := failures.Append(nil, d, e)
			list, known := client.Refusals(op, class.Status, body)
			if !known || len(list) == 0 || !slices.Contains(record.Codes(), list[0].Code) {
				t.Errorf("%s %s: %s is read as %v, known %v", d.Name, name, body, list, known)
				continue
			}
			if own := d.Errors.Class(list[0].Code); own.Status != class.Status && slices.Contains(record.Codes(), name) {
				t.Errorf("%s %s: %s is read as %s, which is %d there and not %d", d.Name, name, body, list[0].Code, own.Status, class.Status)
			}
		}
	}
}

// TestLossesAreAStructuredField of inner lists, each path once.
func TestLossesAreAStructuredField(t *testing.T) {
	t.Parallel()
	got := client.Header([]client.Loss{{Kind: client.Approximated, Path: "title"}, {Kind: client.Dropped, Path: "a.b"}, {Kind: client.Dropped, Path: "c"}, {Kind: client.Dropped, Path: "c"}})
	if want := `dropped=("a.b" "c"), approximated=("title")`; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
}

// TestWhatIsShownIsReadBack encodes records of each dialect and reads them.
func TestWhatIsShownIsReadBack(t *testing.T) {
	t.Parallel()
	for _, d := range shipped(t).Dialects {
		op := d.Op("link.create")
		var fields []*dialect.Field
		for _, f := range op.Resource.Fields {
			if op.Reads(f) && f.Without == nil && f.Out && sample(f) != "" {
				fields = append(fields, f)
			}
		}
		in, e := &dialect.Input{}, env(ids.Random())
		if err := op.Parse(in, []byte(bodyOf(fields)), false); err != nil {
			t.Fatal(err)
		}
		op.Decode(in, e)
		op.Merge(in, e)
		shown := op.Encode(nil, e)
		rec := client.Record(op.Resource, jsontext.ValueOf(string(shown)))
		for _, f := range fields {
			if f.Target != dialect.ToSlot || f.Get(e.It) == "" {
				continue
			}
			if have, want := f.Get(rec), f.Get(e.It); have != want && !alike(f, have, want, e.It) {
				t.Errorf("%s %s: %s is read, %s was shown", d.Name, f.Path, have, want)
			}
		}
	}
}

func alike(f *dialect.Field, have, want string, rec *record.Record) bool {
	c, is := f.Codec.(codec.Blurred)
	return is && have != "" && c.Alike(have, want, rec)
}
