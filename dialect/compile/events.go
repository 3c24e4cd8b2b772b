package compile

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
)

// events reads what the provider tells of, and how.
func (c *compiler) events(events, webhooks *yml.Node) {
	hooks, body := c.sections().Webhooks(webhooks)
	c.d.Webhooks = hooks
	c.Entries(events, "events", func(name string, k, v *yml.Node) {
		if ev := c.event(name, k, v, body); ev != nil {
			c.d.Events = append(c.d.Events, ev)
		}
	})
	if events != nil && len(events.Content) > 0 && webhooks == nil && !c.seen["webhooks"] {
		c.Report(events, "events: needs webhooks: with what receivers are sent, as in { body: { type: $event.name, data: $item } }")
	}
}

// event reads one. It is nil where nobody could tell what it is about.
func (c *compiler) event(name string, k, v, body *yml.Node) *dialect.Event {
	ev := &dialect.Event{Name: name, Line: k.Line}
	var when, record *yml.Node
	seen := c.Each(v, grammar.EventWords, func(key string, _, v *yml.Node) {
		switch key {
		case "on":
			c.changes(ev, v)
		case "when":
			when = v
		case "record":
			record = v
		case "body":
			body = v
		}
	})
	c.Needs(k, "event "+name, seen, "{ on: link.created }", "on")
	if record != nil {
		ev.Above = c.OneOf(record, grammar.Subjects) == "parent"
	}
	if ev.Resource == nil {
		return nil
	}
	if ev.Above && ev.Resource.Parent == nil {
		if !c.loose[ev.Resource] {
			c.Report(record, "%s has no parent: that the event could be about", ev.Resource.Name)
		}
		return nil
	}
	s := c.scope(ev.Subject())
	s.Events = true
	if when != nil {
		ev.When = s.Condition(when, c.Text(when))
	}
	ev.Body = &template.Document{Lit: []byte("{}")}
	if body != nil {
		doc := s.Document(body)
		ev.Body = &doc
	}
	return ev
}

// changes reads on:, and finds the resource that all of it is about.
func (c *compiler) changes(ev *dialect.Event, n *yml.Node) {
	for _, item := range grammar.Items(n) {
		if item.Kind != yml.Scalar || !slices.Contains(grammar.Changes.Words, item.Value) {
			c.Report(item, "no change %q%s; write a kind of record and what happens to it, as in link.created; it can be %s",
				item.Value, yml.DidYouMean(item.Value, grammar.Changes.Words), strings.Join(grammar.Past, ", "))
			continue
		}
		kind, _, _ := strings.Cut(item.Value, ".")
		res := c.d.ResourceFor(kind)
		switch {
		case res == nil && c.missing(kind) && !c.meant("resources", c.resourcesAt):
			c.Report(item, "no resource here is a %s, so that nothing happens to one", kind)
		case res == nil:
		case ev.Resource != nil && ev.Resource != res:
			c.Report(item, "an event is about one kind of record; write another event for %s", kind)
		default:
			ev.Resource = res
			ev.On = append(ev.On, item.Value)
		}
	}
}
