package config

import (
	"net/url"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
)

// Webhooks is where events are sent, beside the endpoints that are registered in
// sandboxes.
type Webhooks struct {
	Allow     []string  // targets that may be called: hosts, *.hosts, addresses, CIDR ranges; none is all
	Endpoints []Webhook // they hear every sandbox
}

// Webhook is one endpoint.
type Webhook struct {
	Dialect string
	URL     string
	Secrets []Secret // the current one first
	Events  []string // none is all
	At      Place
}

const (
	keyAllow     = "webhooks.allow"
	keyEndpoints = "webhooks.endpoints"
)

// endpointWords are the members of an endpoint.
var endpointWords = []string{"dialect", "events", "secret", "secrets", "url"}

const endpointExample = "{dialect: NAME, url: http://localhost:3000/hook, secret: ${SECRET}}"

// endpoints reads the list of endpoints.
func (l *loader) endpoints(n *yml.Node) {
	if yml.IsNull(n) {
		return
	}
	if n.Kind != yml.Sequence {
		l.add(n, keyEndpoints, "a list of endpoints was expected here, write one such as [%s]", endpointExample)
		return
	}
	for _, item := range n.Content {
		l.endpoint(item)
	}
}

func (l *loader) endpoint(n *yml.Node) {
	if n.Kind != yml.Mapping {
		l.add(n, keyEndpoints, "an endpoint was expected here, write one such as %s", endpointExample)
		return
	}
	w := Webhook{At: Place{l.file, n.Line, n.Column}}
	before := len(l.found)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		key := keyEndpoints + "." + k.Value
		switch k.Value {
		case "dialect":
			w.Dialect = strings.Join(l.words(v, key, false), "")
		case "url":
			w.URL = strings.Join(l.words(v, key, false), "")
		case "events":
			w.Events = l.words(v, key, true)
		case "secret", "secrets":
			for _, text := range l.secrets(v, key, k.Value == "secrets") {
				w.Secrets = append(w.Secrets, NewSecret(text))
			}
		default:
			l.unknown(k, key, endpointWords)
		}
	}
	switch u, err := url.Parse(w.URL); {
	case len(l.found) > before:
	case w.Dialect == "" || w.URL == "":
		l.add(n, keyEndpoints, "an endpoint needs a dialect and a url, write one such as %s", endpointExample)
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		l.add(n, keyEndpoints+".url", "%q is no absolute http or https URL", w.URL)
	case u.User != nil:
		l.add(n, keyEndpoints+".url", "a URL with a user name or a password is not taken, use secret to prove who sends")
	}
	l.c.Webhooks.Endpoints = append(l.c.Webhooks.Endpoints, w)
}

// words reads a text, or a list of them where there may be several.
func (l *loader) words(n *yml.Node, key string, several bool) (out []string) {
	items := []*yml.Node{n}
	if several && n.Kind == yml.Sequence {
		items = n.Content
	}
	for _, item := range items {
		if item.Kind != yml.Scalar || yml.IsNull(item) {
			l.add(item, key, "a text was expected here")
			continue
		}
		out = append(out, item.Value)
	}
	return out
}

// secrets is words for what nobody is shown.
func (l *loader) secrets(n *yml.Node, key string, several bool) (out []string) {
	for _, text := range l.words(n, key, several) {
		value, msgs := l.expand(text)
		for _, m := range msgs {
			l.add(n, key, "%s", m)
		}
		if value == "" && len(msgs) == 0 {
			l.add(n, key, "the secret is empty, write one or remove the line")
		}
		out = append(out, value)
	}
	return out
}
