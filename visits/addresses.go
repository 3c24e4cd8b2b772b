package visits

import (
	"context"

	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// link is the link as the visit has it: with what the address of its page says
// in its place. The link that is kept stays as it is.
func (v *visit) link() *record.Record {
	it := v.row.Record
	if v.d.Hosted == nil || len(v.query) == 0 {
		return it
	}
	for _, q := range v.d.Hosted.Query {
		text := v.query.Get(q.Name)
		if text == "" || len(text) > maxTyped {
			continue
		}
		if it == v.row.Record {
			it = it.Clone()
		}
		it.Set(q.Slot, record.Quote(text))
	}
	return it
}

// unknown is a customer that the address names and that there is not, or that
// is another account's; "" is none.
func (v *visit) unknown() string {
	link := v.link()
	id := link.Text(linkBuyer)
	if link == v.row.Record || id == "" || id == v.row.Record.Text(linkBuyer) {
		return ""
	}
	if buyer := v.record(record.Customers, id); buyer != nil && buyer.Get(record.SlotAccount) == link.Get(record.SlotAccount) {
		return ""
	}
	return id
}

// count counts that a page was opened, where its dialect lets nobody do that
// as often as they like.
func (d *Desk) count(ctx context.Context, v *visit) error {
	if d.NoLimits || v.d.Hosted == nil {
		return nil
	}
	for _, rule := range v.d.Hosted.Limits {
		kind, err := ratelimit.ParseKind(rule.Kind)
		if err != nil {
			return err
		}
		policy, err := ratelimit.NewPolicy("page "+rule.Name, kind, rule.Count, rule.Every)
		if err != nil {
			return err
		}
		if verdict := v.sb.Limits.Take(ctx, policy, 0, store.RowKey(v.d.Name, v.row.Record.ID())); !verdict.Allowed {
			return &hosted.TooManyError{Wait: verdict.RetryAfter}
		}
	}
	return nil
}
