package lifecycle

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// AppendEvent writes what receivers are sent of e.It, with e.Event named. e.Old
// is the record before, where the event tells of an update.
func AppendEvent(dst []byte, ev *dialect.Event, e *dialect.Env) []byte {
	res := ev.Subject()
	e.Item = res.Encode(e.Item[:0], e)
	if e.Old != nil {
		e.Event.Previous = func(item []byte) string { return string(previous(res, item, e)) }
	}
	dst, _ = ev.Body.Append(dst, &e.Env)
	return dst
}

// previous is the members of an item that were others before, as they were.
// Those that tell when the record was changed are left out.
func previous(res *dialect.Resource, item []byte, e *dialect.Env) []byte {
	was := *e
	was.It, was.Item = e.Old, nil
	old := gjson.ParseBytes(res.Encode(nil, &was))
	now := gjson.ParseBytes(item)
	out := []byte{'{'}
	old.ForEach(func(key, value gjson.Result) bool {
		f := res.Field(key.Str)
		if f != nil && f.Target == dialect.ToSlot && f.Slot == record.SlotUpdated || now.Get(gjson.Escape(key.Str)).Raw == value.Raw {
			return true
		}
		out = jsontext.AppendKey(out, append(record.AppendQuote(nil, key.Str), ':'))
		out = append(out, value.Raw...)
		return true
	})
	now.ForEach(func(key, _ gjson.Result) bool {
		if !old.Get(gjson.Escape(key.Str)).Exists() {
			out = append(jsontext.AppendKey(out, append(record.AppendQuote(nil, key.Str), ':')), record.Null...)
		}
		return true
	})
	return append(out, '}')
}
