package admin

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
)

// Operation is one thing that the control API does: a function from an input
// struct to an output struct or an error. Its name is noun.verb, by which
// tools know it; method and path are how HTTP does. Everything that is written
// about it, the API's own document first of all, is made of this and of the
// two types.
type Operation struct {
	Name   string // such as clock.advance
	Does   string // in one line
	Method string
	Path   string // below /__admin; what is in braces is a member of the input

	Example  string // a body that could be sent; "" where none is read
	Optional bool   // the body may be left out
	Status   int    // of a success; 0 is 200, or 204 where there is no answer
	Mime     string // of a success; "" is JSON
	Refusals []int  // statuses of problems, beside those that every operation has
	Global   bool   // it is not about one sandbox
	Open     bool   // it needs no token

	most  int64                        // bytes of a body; 0 is maxBody
	read  func(io.Reader) (any, error) // reads a body that decode does not
	in    reflect.Type
	out   reflect.Type
	fresh func() any // a new input, as a pointer
	run   func(ctx context.Context, in any) (any, error)
}

// None is the input of an operation that is told nothing, and the output of
// one that answers nothing.
type None struct{}

// typed makes an operation of a function. Its input's members come from the
// path and the query where a tag in:"path" or in:"query" says so, and from the
// body else; tools send all of them as one object. A map with a tag
// prefix:"body." takes all members whose names begin so.
func typed[In, Out any](o Operation, do func(context.Context, In) (Out, error)) Operation {
	o.in, o.out = reflect.TypeFor[In](), reflect.TypeFor[Out]()
	o.fresh = func() any { return new(In) }
	o.run = func(ctx context.Context, in any) (any, error) { return do(ctx, *in.(*In)) }
	return o
}

// success is the status of a success.
func (o Operation) success() int {
	switch {
	case o.Status != 0:
		return o.Status
	case o.out == reflect.TypeFor[None]():
		return http.StatusNoContent
	}
	return http.StatusOK
}

// Operations is the table of what the API does.
func (a *API) Operations() []Operation { return slices.Clone(a.operations) }

// Call does what an operation does, told its whole input as one JSON object;
// an empty text is an object without members. The context names the sandbox,
// as sandbox.WithName puts it there. A refusal is a Problem.
func (a *API) Call(ctx context.Context, name string, input []byte) (any, error) {
	names := make([]string, len(a.operations))
	for i, o := range a.operations {
		if names[i] = o.Name; o.Name != name {
			continue
		}
		in := o.fresh()
		if len(input) > 0 {
			if err := decode(input, in, membersOf(o.in), o.Example); err != nil {
				return nil, err
			}
		}
		return o.run(ctx, in)
	}
	return nil, unknown("operation", clean(name), names)
}

// member is one member of an input or output struct.
type member struct {
	name     string
	from     string // path, query, or "" for the body
	optional bool   // it is left out where it is empty
	many     bool   // it is all members whose names begin so
	field    reflect.StructField
}

// membersOf lists the members of a struct, those of embedded ones among them:
// they come from where the embedded one as a whole does.
func membersOf(t reflect.Type) []member {
	var out []member
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			for _, m := range membersOf(f.Type) {
				if m.from == "" {
					m.from = f.Tag.Get("in")
				}
				m.field.Index = append([]int{i}, m.field.Index...)
				out = append(out, m)
			}
			continue
		}
		if begin := f.Tag.Get("prefix"); begin != "" {
			out = append(out, member{name: begin, from: f.Tag.Get("in"), many: true, field: f})
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		out = append(out, member{name: name, from: f.Tag.Get("in"), optional: options == "omitempty", field: f})
	}
	return out
}

// from keeps the members that come from one place.
func from(place string, list []member) []member {
	return slices.DeleteFunc(slices.Clone(list), func(m member) bool { return m.from != place })
}

// namesOf lists the names of members.
func namesOf(list []member) []string {
	out := make([]string, len(list))
	for i, m := range list {
		if out[i] = m.name; m.many {
			out[i] += "…"
		}
	}
	return out
}

// worded is a text of which only some words are known.
type worded interface{ Words() []string }

// wordsOf lists the words of a type that has some.
func wordsOf(t reflect.Type) []string {
	if w, ok := reflect.Zero(t).Interface().(worded); ok {
		return w.Words()
	}
	return nil
}

// noMember refuses a member that is not there.
func noMember(name string, list []member) string {
	return "there is no member \"" + cut(name) + "\"" + yml.DidYouMean(name, namesOf(list))
}
