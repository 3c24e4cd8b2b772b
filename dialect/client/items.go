package client

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// items says a list of objects. A member that the other dialect has no place
// for is told; an object that lacks what is needed there does not go at all,
// nor does the list.
func (w *writer) items(f *dialect.Field, c *dialect.ListCodec, place string, said *dialect.Field, text string) (string, bool) {
	dst := []byte{'['}
	whole, lost := true, map[string]bool{}
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst, whole = w.item(dst, c, jsontext.Members(item), place, said, lost)
		return whole
	})
	if !whole {
		if said != nil && !slices.Contains(w.to.Resource.Required, f) {
			w.lose(Dropped, place, said, "what "+w.to.Owner.Name+" needs in "+f.Path+" is not there")
		}
		return "", false
	}
	for _, name := range sorted(lost) {
		w.losses = append(w.losses, Loss{Kind: Dropped, Path: place + "." + name, Field: w.memberPath(said, name), Why: w.to.Owner.Name + " has no such field"})
	}
	return string(append(dst, ']')), true
}

// item says one object; whole is false where it lacks a member that is needed.
func (w *writer) item(dst []byte, c *dialect.ListCodec, list []jsontext.Member, place string, said *dialect.Field, lost map[string]bool) (out []byte, whole bool) {
	dst = append(dst, '{')
	used, sent := map[string]bool{}, map[*dialect.Field]bool{}
	for _, m := range c.Each {
		if !m.In || !m.Writable(w.create) || m.Without != nil && sent[m.Without] {
			continue
		}
		if _, made := m.Codec.(*dialect.MadeCodec); made {
			continue
		}
		i := jsontext.FindMember(list, nil, m.Item)
		if i < 0 || list[i].Val.Raw == record.Null {
			continue
		}
		wire := m.Codec.Encode(nil, list[i].Val.Raw, w.Env.It)
		if _, broken := m.Decode(jsontext.ValueOf(string(wire)), w.Env); broken != nil {
			continue
		}
		used[m.Item], sent[m] = true, true
		dst = append(jsontext.AppendKey(dst, m.Key), wire...)
	}
	for _, m := range c.Each {
		needed := m.Need == dialect.NeedAlways || m.Need == dialect.NeedCreate && w.create
		if needed && m.In && m.Writable(w.create) && !sent[m] && (m.Unless == nil || !sent[m.Unless]) {
			return dst, false
		}
	}
	for _, m := range list {
		if !used[m.Key] && w.saidMember(said, m.Key) {
			lost[m.Key] = true
		}
	}
	return append(dst, '}'), true
}

// saidMember tells whether a member of a list's objects is one that our client
// writes.
func (w *writer) saidMember(said *dialect.Field, name string) bool { return member(said, name) != nil }

func (w *writer) memberPath(said *dialect.Field, name string) string {
	if m := member(said, name); m != nil {
		return w.Input.PathOf(said) + "." + m.Path
	}
	return ""
}

// member is the line of a list's member by its canonical name, where a client
// writes it.
func member(list *dialect.Field, name string) *dialect.Field {
	return lineOf(list, func(m *dialect.Field) bool { return m.Item == name && m.In })
}

// MemberOf is the line of a list's member that clients write, by its canonical
// name; nil for none.
func MemberOf(list *dialect.Field, name string) *dialect.Field { return member(list, name) }

// Member is the line of a list's member by its name on the wire, nil for none.
func Member(list *dialect.Field, name string) *dialect.Field {
	return lineOf(list, func(m *dialect.Field) bool { return m.Path == name })
}

// MemberLine is the line of a list's member by its canonical name, whoever
// writes it; nil for none.
func MemberLine(list *dialect.Field, name string) *dialect.Field {
	return lineOf(list, func(m *dialect.Field) bool { return m.Item == name })
}

// SlotField is the field of a resource that holds a slot, nil for none.
func SlotField(res *dialect.Resource, slot record.Slot) *dialect.Field {
	for _, f := range res.Fields {
		if f.Target == dialect.ToSlot && f.Slot == slot {
			return f
		}
	}
	return nil
}

func lineOf(list *dialect.Field, is func(*dialect.Field) bool) *dialect.Field {
	if list == nil {
		return nil
	}
	if c, ok := list.Codec.(*dialect.ListCodec); ok {
		for _, m := range c.Each {
			if is(m) {
				return m
			}
		}
	}
	return nil
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for name := range set {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
