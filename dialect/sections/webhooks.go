package sections

import (
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/signing"
)

var (
	eventIDs    = ids.Spec{Prefix: "evt_", Length: 24}
	deliveryIDs = ids.Spec{Prefix: "dlv_", Length: 24}
)

// Webhooks reads how events are delivered, and returns the body of all events.
func (c Reader) Webhooks(n *yml.Node) (hooks *dialect.Webhooks, body *yml.Node) {
	if n == nil {
		return nil, nil
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
			w.IDs = c.IDSpec(v)
		case "delivery_id":
			w.DeliveryIDs = c.IDSpec(v)
		case "signature":
			w.Style.Signature = c.signature(v)
		default:
			c.style(w.Style, key, v)
		}
	})
	c.Needs(n, "webhooks", seen, "{ body: { type: $event.name, data: $item } }", "body")
	return w, body
}

// style reads the words that say how a request goes out.
func (c Reader) style(s *signing.Style, key string, v *yml.Node) {
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
func (c Reader) share(n *yml.Node) int {
	text, ok := strings.CutSuffix(n.Value, "%")
	p, err := strconv.Atoi(text)
	if n.Kind != yml.Scalar || !ok || err != nil || p < 0 || p > signing.MaxJitter {
		c.Report(n, "write a percentage from 0%% to %d%%, such as 10%%", signing.MaxJitter)
		return 0
	}
	return p
}

// signature reads how a request is signed.
func (c Reader) signature(n *yml.Node) *signing.Signature {
	s := &signing.Signature{}
	before := len(*c.Diagnostics)
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
	if len(*c.Diagnostics) == before {
		c.all(n, s.Check())
	}
	return s
}

// all reports every error of several that were joined.
func (c Reader) all(n *yml.Node, err error) {
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
func (c Reader) deliveryHeaders(n *yml.Node, plain bool) []signing.Header {
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
func (c Reader) delivery(n *yml.Node, names []string) signing.Template {
	t, err := signing.ParseTemplate(c.Text(n), names)
	if err != nil {
		c.Report(n, "%v", err)
	}
	return t
}
