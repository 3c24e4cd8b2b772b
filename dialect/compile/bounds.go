package compile

import (
	"fmt"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
)

// feed is a slot of a resource that something takes up.
type feed struct {
	res *dialect.Resource
	template.Feed
}

// unbounded warns of fields that can be longer than what is made of them may be.
// It is a warning and no mistake: most clients send little.
func (c *compiler) unbounded() {
	warned := map[*dialect.Field]bool{}
	for _, fed := range c.feeds {
		res := fed.res
		switch fed.Root {
		case "parent":
			res = res.Parent
		case "about":
			res = res.AboutR
		case "it", "old":
		default:
			res = nil
		}
		if res == nil {
			continue
		}
		c.warnOfSlot(res, fed.Slot, &fed.Feed, warned)
	}
	c.d.Warnings.Sort()
}

// warnOfSlot warns of the fields that write a slot.
func (c *compiler) warnOfSlot(res *dialect.Resource, slot string, fed *template.Feed, warned map[*dialect.Field]bool) {
	for _, f := range res.Fields {
		if f.In && (f.OnCreate || f.OnUpdate) && c.holds(f, res, slot) {
			c.warnOf(f, f.Path, c.open(f).at, fed, warned)
		}
	}
}

// holds tells whether a field writes a slot, or a place of the dialect's own; of
// the latter the name may go on with members.
func (c *compiler) holds(f *dialect.Field, res *dialect.Resource, slot string) bool {
	if f.Target == dialect.ToSlot {
		return res.Schema.Slots[f.Slot].Name == slot
	}
	own, ok := strings.CutPrefix(slot, "ext.")
	return ok && f.Target == dialect.ToExt && strings.HasPrefix(c.d.Name+"."+own+".", f.Ext+".")
}

// warnOf warns of a field, or of the member of it that counts.
func (c *compiler) warnOf(f *dialect.Field, path string, at *yml.Node, fed *template.Feed, warned map[*dialect.Field]bool) {
	lacks, past := "", fmt.Sprintf("%d KiB", template.MaxText>>10)
	switch k := f.Codec.(type) {
	case *codec.Text:
		if k.Len.Max < 0 && len(k.OneOf) == 0 && k.As != "uuid" {
			lacks = "len: ..500"
		}
	case *codec.Map:
		if k.Bytes == 0 {
			lacks = "bytes: ..16384"
		}
	case *codec.JSON:
		if k.Bytes == 0 {
			lacks = "bytes: ..16384"
		}
	case *dialect.ListCodec:
		if fed.List && k.Items.Max < 0 {
			lacks, past = "items: ..100", fmt.Sprintf("%d items", template.MaxItems)
		}
		c.warnOfMembers(k, path, at, fed, warned)
	}
	if lacks == "" || warned[f] {
		return
	}
	warned[f] = true
	word, _, _ := strings.Cut(lacks, " ")
	place := c.PlaceIn(at, "", 0)
	place.Msg = fmt.Sprintf("warning: %s has no %s and feeds %s in line %d, which fails past %s; bound it, as in %s", path, word, fed.By, fed.Line, past, lacks)
	c.d.Warnings = append(c.d.Warnings, place)
}

// warnOfMembers warns of members of a list's items that are taken up.
func (c *compiler) warnOfMembers(k *dialect.ListCodec, path string, at *yml.Node, fed *template.Feed, warned map[*dialect.Field]bool) {
	if k.Of != nil {
		c.warnOf(k.Of, path, at, fed, warned)
	}
	if len(fed.Members) == 0 {
		return
	}
	rest := *fed
	rest.Members = fed.Members[1:]
	for _, m := range k.Each {
		if m.Item != fed.Members[0] {
			continue
		}
		for _, from := range m.Copies {
			if res := c.d.Resources[from.From.Exists]; res != nil && from.Path == "" {
				c.warnOfSlot(res, res.Schema.Slots[from.Slot].Name, &rest, warned)
			}
		}
		if !m.In {
			continue
		}
		place := at
		if n := c.open(m).at; n != nil {
			place = n
		}
		c.warnOf(m, path+"."+m.Path, place, &rest, warned)
	}
}
