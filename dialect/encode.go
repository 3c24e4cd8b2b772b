package dialect

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Output is one member of an object on the way out. What most members need
// stands in it by itself, so that an answer is written out of one stretch of
// memory.
type Output struct {
	Key   []byte // "name":
	Field *Field
	Group *Group
	Kids  []Output

	simple bool // the member is its slot's text by the codec, or one of two constants
	plain  bool // the text as it is
	empty  bool // an empty list or map counts as absent
	slot   record.Slot
	codec  codec.Codec
	sep    []byte // the key behind a comma
	never  []byte // the whole member, behind a comma, of a record that never said it
	absent []byte // and of one that has none
}

// Encode appends the record e.It in the dialect's shape.
func (res *Resource) Encode(dst []byte, e *Env) []byte {
	return appendNodes(append(dst, '{'), res.Outputs, e, '}')
}

// Encode appends the record e.It as the operation's answers show it.
func (op *Op) Encode(dst []byte, e *Env) []byte {
	return appendNodes(append(dst, '{'), op.Outputs, e, '}')
}

// PageExt is where a record of an upstream's has the address of its page, which
// is shown instead of one of ours.
const PageExt = "upstream.url"

// appendNodes writes members; dst ends in the bracket that opens them.
func appendNodes(dst []byte, nodes []Output, e *Env, end byte) []byte {
	for i := range nodes {
		switch n := &nodes[i]; {
		case n.simple:
			dst = n.appendSlot(dst, e)
		case n.Field != nil:
			dst = n.appendField(dst, e)
		default:
			dst = n.appendGroup(dst, e)
		}
	}
	return append(dst, end)
}

func (n *Output) appendSlot(dst []byte, e *Env) []byte {
	text := e.It.Get(n.slot)
	lead := n.sep
	switch {
	case text == "":
		lead = n.never
	case text == record.Null || n.empty && (text == "[]" || text == "{}"):
		lead, text = n.absent, ""
	}
	if dst[len(dst)-1] == '{' && len(lead) > 0 {
		lead = lead[1:]
	}
	dst = append(dst, lead...)
	if text == "" || n.plain {
		return append(dst, text...)
	}
	return encode(n.codec, dst, text, &e.Env)
}

func (n *Output) appendField(dst []byte, e *Env) []byte {
	if f := n.Field; f.When != nil && !f.When.True(&e.Env) {
		return dst
	}
	if n.Field.Embed != nil {
		return n.appendGrown(dst, e)
	}
	return n.appendPlain(dst, e)
}

// appendPlain writes a field as it is when no client expands it.
func (n *Output) appendPlain(dst []byte, e *Env) []byte {
	f := n.Field
	var text string
	switch f.Target {
	case ToSlot:
		text = e.It.Get(f.Slot)
	case ToExt:
		text = e.It.Ext(f.Ext)
	default:
		mark := len(dst)
		if f.Page {
			if page := e.It.Ext(PageExt); page != "" {
				return append(jsontext.AppendKey(dst, n.Key), page...)
			}
		}
		dst, ok := f.Source.Append(jsontext.AppendKey(dst, n.Key), &e.Env)
		if !ok {
			return dst[:mark]
		}
		return dst
	}
	return f.appendValue(dst, n.Key, text, &e.Env)
}

// appendValue writes a member with the wire form of a canonical text, or what
// the field shows without one.
func (f *Field) appendValue(dst, key []byte, text string, e *template.Env) []byte {
	if text == "" && f.Default != nil && f.Default.Shown != nil {
		return append(jsontext.AppendKey(dst, key), f.Default.Shown...)
	}
	if text == "" || text == record.Null || f.Empty && (text == "[]" || text == "{}") {
		if f.Absent == nil {
			return dst
		}
		mark := len(dst)
		dst, ok := f.Absent.Append(jsontext.AppendKey(dst, key), e)
		if !ok {
			return dst[:mark]
		}
		return dst
	}
	return encode(f.Codec, jsontext.AppendKey(dst, key), text, e)
}

func (n *Output) appendGroup(dst []byte, e *Env) []byte {
	if w := n.Group.When; w != nil && !w.True(&e.Env) {
		return dst
	}
	mark := len(dst)
	if !n.Group.Whole || n.said(e) {
		dst = append(jsontext.AppendKey(dst, n.Key), '{')
		inner := len(dst)
		dst = appendNodes(dst, n.Kids, e, '}')
		if len(dst) > inner+1 {
			return dst
		}
	}
	if n.Group.Absent == nil {
		return dst[:mark]
	}
	dst, ok := n.Group.Absent.Append(jsontext.AppendKey(dst[:mark], n.Key), &e.Env)
	if !ok {
		return dst[:mark]
	}
	return dst
}

// said tells whether the record has a value for a member of a group.
func (n *Output) said(e *Env) bool {
	for i := range n.Kids {
		kid := &n.Kids[i]
		if kid.Field == nil && kid.said(e) {
			return true
		}
		if f := kid.Field; f != nil {
			if text := f.Get(e.It); text != "" && text != record.Null {
				return true
			}
		}
	}
	return false
}

// NewOutputs arranges the fields that go out as they nest on the wire.
func NewOutputs(t *FieldTree, shown func(*Field) bool) []Output {
	var nodes []Output
	for _, name := range t.Order {
		kid := t.Kids[name]
		key := append(record.AppendQuote(nil, name), ':')
		if f := kid.Field; f != nil {
			if kid.Out != nil {
				f = kid.Out
			}
			if f.Out && shown(f) {
				n := Output{Key: key, Field: f}
				n.simplify()
				nodes = append(nodes, n)
			}
			continue
		}
		if kids := NewOutputs(kid, shown); len(kids) > 0 {
			nodes = append(nodes, Output{Key: key, Group: kid.Group, Kids: kids})
		}
	}
	return nodes
}

// simplify finds out whether the member needs no more than its slot.
func (n *Output) simplify() {
	f := n.Field
	if f.Target != ToSlot || f.Embed != nil || f.When != nil || f.Absent != nil && f.Absent.Lit == nil {
		return
	}
	n.simple, n.plain, n.empty, n.slot, n.codec = true, codec.IsPlain(f.Codec), f.Empty, f.Slot, f.Codec
	n.sep = append([]byte{','}, n.Key...)
	if f.Absent != nil {
		n.absent = slices.Concat(n.sep, f.Absent.Lit)
	}
	if n.never = n.absent; f.Default != nil && f.Default.Shown != nil {
		n.never = slices.Concat(n.sep, f.Default.Shown)
	}
}
