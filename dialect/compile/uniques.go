package compile

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

func (c *compiler) unique(res *dialect.Resource, n *yml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yml.Sequence {
		c.Report(n, "unique is a list; write - { over: [slot] }")
		return
	}
	for _, item := range n.Content {
		u := dialect.Claim{Until: -1, Code: record.CodeUnique}
		seen := c.Each(item, grammar.UniqueWords, func(key string, k, v *yml.Node) {
			switch key {
			case "over":
				if v.Kind != yml.Sequence {
					c.Report(v, "write a list of slots such as [slug]")
					return
				}
				for _, s := range v.Content {
					u.Over = append(u.Over, c.place(res, s))
				}
			case "until":
				u.Until = c.slot(res, v)
			case "error":
				u.Code = c.code(v)
			case "field":
				u.Field = c.fieldName(res, v)
			case "move":
				if u.Move = c.fieldName(res, v); u.Move != nil {
					if _, is := u.Move.Codec.(*codec.Bool); !is || !u.Move.In {
						c.Report(v, "move: names a field that comes in and is as: bool")
					}
				}
			}
		})
		c.Needs(item, "unique", seen, "{ over: [slug] }", "over")
		res.Unique = append(res.Unique, u)
	}
}

// shared reports fields that write the same place in the same operation, so
// that one of them would be lost. Two ways to give one value are fine when only
// one can be sent, or when one makes the record that the other names.
func (c *compiler) shared(res *dialect.Resource) {
	apart := func(f *dialect.Field) bool {
		_, makes := f.Codec.(*dialect.MadeCodec)
		return makes || c.open(f).unless != nil || c.open(f).without != nil
	}
	for i, f := range res.Fields {
		for _, other := range res.Fields[:i] {
			if f.Target != dialect.ToNothing && f.Target == other.Target && f.Slot == other.Slot && f.Ext == other.Ext && f.In && other.In &&
				(f.OnCreate && other.OnCreate || f.OnUpdate && other.OnUpdate) && !apart(f) && !apart(other) {
				c.Report(c.open(f).at, "%s and %s write the same place; give one dir: out, or both another set:, or one without: the other", other.Path, f.Path)
				break
			}
		}
	}
}
