package proxy

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// theirs is the operation by which the upstream does what one of ours does, nil
// when it has none.
func (b *Backend) theirs(op *dialect.Op) *dialect.Op {
	if op.Resource == nil {
		return nil
	}
	if t := b.To.Op(op.Name); fitting(op, t) && t.Does == op.Does {
		return t
	}
	for _, t := range b.To.Operations {
		if fitting(op, t) && t.Does == op.Does && !action(t) {
			return t
		}
	}
	return nil
}

// fitting tells whether an operation of the upstream's is about the same kind of
// record as one of ours.
func fitting(op, t *dialect.Op) bool {
	if t == nil || t.Resource == nil || t.Resource.Schema != op.Resource.Schema || t.Resource.Parent != nil && op.Resource.Parent == nil {
		return false
	}
	return op.Resource.Schema != record.Links || sharing.SetsUp(t.Resource) == sharing.SetsUp(op.Resource)
}

// action tells whether an operation changes a record without a word from the
// client.
func action(op *dialect.Op) bool {
	return op.Does == dialect.Update && (op.Method == "DELETE" || op.Only != nil && len(op.Only) == 0)
}

// moves is the upstream's operation that makes the change of state which the
// call asks for, where op, its update, does not take that; nil for none.
func (o *operation) moves(op *dialect.Op) *dialect.Op {
	if o.Op.Does != dialect.Update || o.Env.Old == nil || o.Env.It == nil || action(op) {
		return nil
	}
	was, want := o.Env.Old.Get(record.SlotStatus), o.Env.It.Get(record.SlotStatus)
	if was == want || want == "" || takesState(op, want, o.Env) {
		return nil
	}
	for _, t := range o.b.To.Operations {
		if fitting(o.Op, t) && action(t) && leadsTo(t, want) && (t.From == nil || slices.Contains(t.From, record.Unquote(was))) {
			return t
		}
	}
	return nil
}

// takesState tells whether an update takes a state by a field.
func takesState(op *dialect.Op, state string, e *dialect.Env) bool {
	return slices.ContainsFunc(op.Resource.Fields, func(f *dialect.Field) bool {
		if !op.Reads(f) || f.Target != dialect.ToSlot || f.Slot != record.SlotStatus {
			return false
		}
		back, broken := f.Decode(wireOf(f, state, e.It), e)
		return broken == nil && back == state
	})
}

// leadsTo tells whether an action leaves records in a state.
func leadsTo(op *dialect.Op, state string) bool {
	return slices.ContainsFunc(op.Assignments, func(a dialect.Assignment) bool {
		return a.Slot == record.SlotStatus && a.Ext == "" && a.Doc != nil && string(a.Doc.Lit) == state
	})
}

// linesOfLink tells whether the call lists what is in a link, and the upstream
// has no list of that: the link shows it.
func (o *operation) linesOfLink() bool {
	return o.Op.Does == dialect.List && o.Op.Within >= 0 && o.Op.Resource.Parent != nil && o.b.theirs(o.Op) == nil && o.b.get(o.above()) != nil
}

// above is an operation on the record above the one that the call is about.
func (o *operation) above() *dialect.Op {
	return &dialect.Op{Name: o.Op.Resource.Parent.Name + ".get", Does: dialect.Get, Resource: o.Op.Resource.Parent, Owner: o.b.From}
}

// finder is the upstream's operation that reads a record of one of our
// resources by its id alone, nil for none.
func (o *operation) finder(res *dialect.Resource) *dialect.Op {
	for _, t := range o.b.To.Operations {
		if t.Does == dialect.Get && t.Resource != nil && t.Resource.Schema == res.Schema && t.Resource.Parent == nil {
			return t
		}
	}
	return nil
}

// get is the upstream's operation that reads one record of the kind that an
// operation of ours is about, nil for none.
func (b *Backend) get(op *dialect.Op) *dialect.Op {
	one := *op
	one.Name, one.Does = op.Resource.Name+".get", dialect.Get
	return b.theirs(&one)
}

// list is the upstream's operation that lists records of that kind, nil for
// none.
func (b *Backend) list(op *dialect.Op) *dialect.Op {
	one := *op
	one.Name, one.Does = op.Resource.Name+".list", dialect.List
	return b.theirs(&one)
}

// lastVar is what holds the id of the record that an operation is about.
func lastVar(op *dialect.Op) string {
	if op.ByQuery != "" {
		return op.ByQuery
	}
	if len(op.Vars) == 0 {
		return ""
	}
	return op.Vars[len(op.Vars)-1]
}

// wireOf is a canonical text as a client of the upstream writes it.
func wireOf(f *dialect.Field, text string, rec *record.Record) jsontext.Value {
	return jsontext.ValueOf(string(f.Codec.Encode(nil, text, rec)))
}
