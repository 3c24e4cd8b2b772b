package config

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/internal/yml"
)

// Upstream is a real service that answers in a dialect's place.
type Upstream struct {
	To            string // the dialect that it speaks; the client's own is a passthrough
	URL           string
	Credentials   map[string]Secret // by the names that the dialect spoken there has for them
	OnLoss        string            // report or refuse
	Timeout       time.Duration     // until it begins to answer
	Queue         int               // calls that may wait for its limits
	Record        string            // folder that exchanges are written to, "" for none
	Replay        string            // folder that they are answered from, "" for none
	Strict        bool              // a replay refuses what was not recorded
	WebhookSecret Secret

	At            Place            // where the file has it
	ToAt          Place            // and the dialect
	CredentialsAt map[string]Place // and each credential
}

// Passes tells whether what comes in for a dialect is passed on as it is.
func (u Upstream) Passes(dialect string) bool { return u.To == dialect }

// What Upstream.OnLoss can be.
const (
	LossReport = "report"
	LossRefuse = "refuse"
)

const keyUpstreams = "upstreams"

// mostQueued is the largest Upstream.Queue.
const mostQueued = 10_000

// upstreamWords are the keys of an upstream.
var upstreamWords = []string{"to", "url", "credentials", "on_loss", "timeout", "queue", "record", "replay", "strict", "webhook_secret"}

// upstreams reads the map of dialects to what answers in their place.
func (l *loader) upstreams(n *yml.Node) {
	l.eachDialect(n, keyUpstreams, func(key string, k, v *yml.Node) {
		if v.Kind != yml.Mapping {
			l.add(v, key, "a map was expected here, write to and url below it, indented")
			return
		}
		if l.c.Upstreams == nil {
			l.c.Upstreams = map[string]Upstream{}
		}
		l.places[key] = place{l.file, k, key}
		l.c.Upstreams[k.Value] = l.upstream(key, k, v)
	})
}

func (l *loader) upstream(key string, at, n *yml.Node) Upstream {
	u := Upstream{OnLoss: LossReport, Timeout: 30 * time.Second, At: Place{l.file, at.Line, at.Column}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		own := key + "." + k.Value
		l.places[own] = place{l.file, v, own}
		switch {
		case !slices.Contains(upstreamWords, k.Value):
			l.add(k, key, "unknown key %q%s", k.Value, unknownOf(k.Value, upstreamWords))
		case k.Value == "credentials":
			u.Credentials, u.CredentialsAt = l.credentials(own, v)
		case v.Kind != yml.Scalar || yml.IsNull(v):
			l.add(v, own, "one value was expected here, not a list or a section")
		case k.Value == "webhook_secret":
			u.WebhookSecret = l.secret(own, v)
		default:
			if msg := u.set(k.Value, v.Value); msg != "" {
				l.add(v, own, "%s", msg)
			}
		}
		if k.Value == "to" {
			u.ToAt = Place{l.file, v.Line, v.Column}
		}
	}
	return u
}

// set sets one key from text and says what is wrong with it, "" for nothing.
func (u *Upstream) set(word, text string) string {
	var err error
	switch word {
	case "to":
		u.To = text
	case "url":
		u.URL = strings.TrimSuffix(text, "/")
	case "on_loss":
		u.OnLoss = text
	case "record":
		u.Record = text
	case "replay":
		u.Replay = text
	case "timeout":
		var d time.Duration
		if d, err = durations.Parse(text); err == nil {
			u.Timeout = d
		}
	case "queue":
		if u.Queue, err = strconv.Atoi(text); err != nil {
			return strconv.Quote(text) + " is no whole number, write one such as 100"
		}
	case "strict":
		if u.Strict, err = strconv.ParseBool(strings.ToLower(text)); err != nil {
			return "strict is true or false"
		}
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (l *loader) credentials(key string, n *yml.Node) (map[string]Secret, map[string]Place) {
	if n.Kind != yml.Mapping {
		if !yml.IsNull(n) {
			l.add(n, key, "a map was expected here, write the names of credentials with their values, such as {token: ${TOKEN}}")
		}
		return nil, nil
	}
	out, at := map[string]Secret{}, map[string]Place{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		out[k.Value], at[k.Value] = l.secret(key+"."+k.Value, v), Place{l.file, k.Line, k.Column}
	}
	return out, at
}

// secret reads a value that is never shown, with variables in it.
func (l *loader) secret(key string, v *yml.Node) Secret {
	if v.Kind != yml.Scalar || yml.IsNull(v) {
		l.add(v, key, "one value was expected here, such as ${NAME} for an environment variable")
		return Secret{}
	}
	text, msgs := l.expand(v.Value)
	for _, m := range msgs {
		l.add(v, key, "%s", m)
	}
	if len(msgs) == 0 && text == "" {
		l.add(v, key, "it is empty, and no credential is")
	}
	return NewSecret(text)
}

// validateUpstreams holds each to what it needs.
func (c Config) validateUpstreams(add report) {
	for _, name := range slices.Sorted(maps.Keys(c.Upstreams)) {
		c.Upstreams[name].validate(add, name)
	}
}

func (u Upstream) validate(add report, name string) {
	key := keyUpstreams + "." + name
	switch {
	case u.To == "":
		add(key, "it does not say what the upstream speaks, write to: and a dialect; %s itself is a passthrough", name)
	case !dialectName.MatchString(u.To):
		add(key+".to", "%q is no dialect's name, write one of a-z, 0-9, _ and -", u.To)
	}
	switch {
	case u.URL == "" && u.Replay == "":
		add(key, "there is no url, write where the upstream is, such as https://api.example.com")
	case u.URL != "":
		if msg := wrongURL(u.URL); msg != "" {
			add(key+".url", "%s", msg)
		}
	}
	if u.OnLoss != LossReport && u.OnLoss != LossRefuse {
		add(key+".on_loss", "%q is nothing to do about losses, write %s or %s", u.OnLoss, LossReport, LossRefuse)
	}
	if u.Timeout <= 0 {
		add(key+".timeout", "%s leaves no time, write one such as 30s", u.Timeout)
	}
	if u.Queue < 0 || u.Queue > mostQueued {
		add(key+".queue", "%d is out of range, write a number from 0 to %d", u.Queue, mostQueued)
	}
	if !u.Passes(name) && u.To != "" && (u.Record != "" || u.Replay != "") {
		add(key, "exchanges are recorded and replayed as they pass, and %s is translated; write to: %s", name, name)
	}
	if u.Record != "" && u.Replay != "" {
		add(key+".replay", "it is either recorded or replayed, leave one of them out")
	}
	if u.Strict && u.Replay == "" {
		add(key+".strict", "it is about a replay, write replay: and a folder, too")
	}
}

// wrongURL says what is wrong with an upstream's URL, "" for nothing. It never
// repeats one that may hold a password.
func wrongURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "it is no URL of http or https, write one such as https://api.example.com"
	case u.User != nil:
		return "it holds a user or a password, write these under credentials"
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "it has a query or a fragment, write scheme, host and path alone"
	}
	return ""
}
