package dialect

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// encNode is one member of an object on the way out. What most members need
// stands in it by itself, so that an answer is written out of one stretch of
// memory.
type encNode struct {
	key   []byte // "name":
	field *Field
	group *group
	kids  []encNode

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
	return appendNodes(append(dst, '{'), res.encode, e, '}')
}

// Encode appends the record e.It as the operation's answers show it.
func (op *Op) Encode(dst []byte, e *Env) []byte {
	return appendNodes(append(dst, '{'), op.encode, e, '}')
}

// appendNodes writes members; dst ends in the bracket that opens them.
func appendNodes(dst []byte, nodes []encNode, e *Env, end byte) []byte {
	for i := range nodes {
		switch n := &nodes[i]; {
		case n.simple:
			dst = n.appendSlot(dst, e)
		case n.field != nil:
			dst = n.appendField(dst, e)
		default:
			dst = n.appendGroup(dst, e)
		}
	}
	return append(dst, end)
}

func (n *encNode) appendSlot(dst []byte, e *Env) []byte {
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
	return n.codec.Encode(dst, text, e.It)
}

func (n *encNode) appendField(dst []byte, e *Env) []byte {
	f := n.field
	if f.grow != nil {
		return n.appendGrown(dst, e)
	}
	var text string
	switch f.target {
	case toSlot:
		text = e.It.Get(f.slot)
	case toExt:
		text = e.It.Ext(f.ext)
	default:
		mark := len(dst)
		dst, ok := f.source.Append(jsontext.AppendKey(dst, n.key), &e.Env)
		if !ok {
			return dst[:mark]
		}
		return dst
	}
	return f.appendValue(dst, n.key, text, &e.Env)
}

// appendValue writes a member with the wire form of a canonical text, or what
// the field shows without one.
func (f *Field) appendValue(dst, key []byte, text string, e *template.Env) []byte {
	if text == "" && f.dflt != nil && f.dflt.shown != nil {
		return append(jsontext.AppendKey(dst, key), f.dflt.shown...)
	}
	if text == "" || text == record.Null || f.empty && (text == "[]" || text == "{}") {
		if f.absent == nil {
			return dst
		}
		dst, _ = f.absent.Append(jsontext.AppendKey(dst, key), e)
		return dst
	}
	return f.codec.Encode(jsontext.AppendKey(dst, key), text, e.It)
}

func (n *encNode) appendGroup(dst []byte, e *Env) []byte {
	mark := len(dst)
	dst = append(jsontext.AppendKey(dst, n.key), '{')
	inner := len(dst)
	dst = appendNodes(dst, n.kids, e, '}')
	if len(dst) > inner+1 {
		return dst
	}
	if n.group.absent == nil {
		return dst[:mark]
	}
	dst, _ = n.group.absent.Append(jsontext.AppendKey(dst[:mark], n.key), &e.Env)
	return dst
}

// encodePlan arranges the fields that go out as they nest on the wire.
func encodePlan(t *tree, shown func(*Field) bool) []encNode {
	var nodes []encNode
	for _, name := range t.order {
		kid := t.kids[name]
		key := append(record.AppendQuote(nil, name), ':')
		if f := kid.field; f != nil {
			if kid.out != nil {
				f = kid.out
			}
			if f.Out && shown(f) {
				n := encNode{key: key, field: f}
				n.simplify()
				nodes = append(nodes, n)
			}
			continue
		}
		if kids := encodePlan(kid, shown); len(kids) > 0 {
			nodes = append(nodes, encNode{key: key, group: kid.group, kids: kids})
		}
	}
	return nodes
}

// simplify finds out whether the member needs no more than its slot.
func (n *encNode) simplify() {
	f := n.field
	if f.target != toSlot || f.grow != nil || f.absent != nil && f.absent.Lit == nil {
		return
	}
	n.simple, n.plain, n.empty, n.slot, n.codec = true, codec.IsPlain(f.codec), f.empty, f.slot, f.codec
	n.sep = append([]byte{','}, n.key...)
	if f.absent != nil {
		n.absent = slices.Concat(n.sep, f.absent.Lit)
	}
	if n.never = n.absent; f.dflt != nil && f.dflt.shown != nil {
		n.never = slices.Concat(n.sep, f.dflt.shown)
	}
}
