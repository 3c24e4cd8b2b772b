package compile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/signing"
)

// events reads what the provider tells of, and how.
func (c *compiler) events(events, webhooks *yml.Node) {
	body := c.webhooks(webhooks)
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

var (
	eventIDs    = ids.Spec{Prefix: "evt_", Length: 24}
	deliveryIDs = ids.Spec{Prefix: "dlv_", Length: 24}
)

// webhooks reads the section of that name, and returns the body of all events.
func (c *compiler) webhooks(n *yml.Node) (body *yml.Node) {
	if n == nil {
		return nil
	}
	base62, _ := ids.Alphabet("base62")
	one, other := eventIDs, deliveryIDs
	one.Alphabet, other.Alphabet = base62, base62
	w := &dialect.Webhooks{Style: &signing.Style{}, IDs: &one, DeliveryIDs: &other, Line: n.Line}
	seen := c.Each(n, grammar.WebhookWords, func(key string, _, v *yml.Node) {
		switch key {
		case "body":
			body = v
		case "id":
			w.IDs = c.idSpec(v)
		case "delivery_id":
			w.DeliveryIDs = c.idSpec(v)
		case "signature":
			w.Style.Signature = c.signature(v)
		default:
			c.style(w.Style, key, v)
		}
	})
	c.Needs(n, "webhooks", seen, "{ body: { type: $event.name, data: $item } }", "body")
	c.d.Webhooks = w
	return body
}

// style reads the words that say how a request goes out.
func (c *compiler) style(s *signing.Style, key string, v *yml.Node) {
	only := signing.Style{} // what the word says, to be checked once
	switch key {
	case "content_type":
		s.ContentType = c.Text(v)
		only.ContentType = s.ContentType
	case "user_agent":
		s.Headers = append(s.Headers, signing.Header{Name: "User-Agent", Value: c.delivery(v, signing.HeaderNames)})
	case "headers":
		s.Headers = append(s.Headers, c.deliveryHeaders(v, true)...)
	case "schedule":
		for _, item := range grammar.Items(v) {
			s.Schedule = append(s.Schedule, c.Duration(item))
		}
		only.Schedule = s.Schedule
	case "jitter":
		s.Jitter = c.share(v)
	case "timeout":
		s.Timeout = c.Period(v)
		only.Timeout = s.Timeout
	case "answers":
		c.Entries(v, "answers", func(status string, k, v *yml.Node) {
			rule, err := signing.ParseRule(status, signing.Verdict(c.OneOf(v, grammar.Verdicts)))
			if err != nil {
				c.Report(k, "%v", err)
			}
			s.Rules = append(s.Rules, rule)
		})
	case "retry_after":
		s.RetryAfter = c.Bool(v)
	}
	c.all(v, only.Check())
}

// share reads a percentage.
func (c *compiler) share(n *yml.Node) int {
	text, ok := strings.CutSuffix(n.Value, "%")
	p, err := strconv.Atoi(text)
	if n.Kind != yml.Scalar || !ok || err != nil || p < 0 || p > signing.MaxJitter {
		c.Report(n, "write a percentage from 0%% to %d%%, such as 10%%", signing.MaxJitter)
		return 0
	}
	return p
}

// signature reads how a request is signed.
func (c *compiler) signature(n *yml.Node) *signing.Signature {
	s := &signing.Signature{}
	before := len(c.found)
	seen := c.Each(n, grammar.SignatureWords, func(key string, _, v *yml.Node) {
		switch key {
		case "algorithm":
			s.Algorithm = c.OneOf(v, grammar.Algorithms)
		case "secret":
			s.Secret = c.OneOf(v, grammar.SecretForms)
		case "text":
			s.Text = c.delivery(v, signing.SignedNames)
		case "encoding":
			s.Encoding = c.OneOf(v, grammar.Encodings)
		case "each":
			s.Each = c.delivery(v, signing.EachNames)
		case "join":
			s.Join = c.Text(v)
		case "headers":
			s.Headers = c.deliveryHeaders(v, false)
		case "member":
			s.Member = c.Text(v)
		}
	})
	c.Needs(n, "signature", seen, `{ algorithm: hmac-sha256, text: "{body}", headers: { X-Signature: "{signatures}" } }`, "algorithm")
	if len(c.found) == before {
		c.all(n, s.Check())
	}
	return s
}

// all reports every error of several that were joined.
func (c *compiler) all(n *yml.Node, err error) {
	list, ok := err.(interface{ Unwrap() []error })
	if !ok {
		if err != nil {
			c.Report(n, "%v", err)
		}
		return
	}
	for _, one := range list.Unwrap() {
		c.all(n, one)
	}
}

// deliveryHeaders reads headers of deliveries. The signature has a place of its
// own.
func (c *compiler) deliveryHeaders(n *yml.Node, plain bool) []signing.Header {
	var out []signing.Header
	c.Entries(n, "headers", func(name string, k, v *yml.Node) {
		h := signing.Header{Name: name, Value: c.delivery(v, signing.HeaderNames)}
		if plain {
			c.all(k, (&signing.Style{Headers: []signing.Header{h}}).Check())
		}
		out = append(out, h)
	})
	return out
}

// delivery reads a text with names in braces.
func (c *compiler) delivery(n *yml.Node, names []string) signing.Template {
	t, err := signing.ParseTemplate(c.Text(n), names)
	if err != nil {
		c.Report(n, "%v", err)
	}
	return t
}
