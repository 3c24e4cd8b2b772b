package dialect

import (
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/record"
)

// Certain tells whether every record of a resource that the dialect made has a
// value for the field; res is nil for a member of a list's objects.
func (f *Field) Certain(res *Resource) bool {
	switch {
	case f.Empty || len(f.Clear) > 0:
		return false
	case f.Default != nil && f.Default.Shown != nil, f.Need != NeedNever && f.Group == nil && f.Unless == nil:
		return true
	case res == nil || f.Target != ToSlot:
		return false
	}
	switch f.Slot {
	case record.SlotID, record.SlotCreated, record.SlotLive, record.SlotStatus, record.SlotUpdated:
		return true
	}
	for _, a := range res.Start {
		if a.Slot == f.Slot && a.Ext == "" {
			return a.Make != nil || a.Doc.Lit != nil || a.Doc.Expr != nil
		}
	}
	return false
}

// Plainest is the wire form of the plainest value that the field can show: an
// empty text, the first of its words, no, zero, an empty list or map.
func (f *Field) Plainest() []byte {
	switch c := f.Codec.(type) {
	case *ListCodec:
		return []byte("[]")
	case *ObjectCodec:
		return c.List.encodeItem(nil, nil, &template.Env{})
	case *codec.Text:
		if len(c.OneOf) == 0 {
			return []byte(`""`)
		}
	}
	s, ok := f.Codec.(codec.Sampler)
	if !ok {
		return []byte("{}")
	}
	sample := s.Sample()
	switch {
	case sample == "true":
		return []byte("false")
	case sample != "" && sample[0] != '"':
		return []byte("0")
	}
	return []byte(sample)
}
