package journal

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// kept is an entry as it is written down: without what its exchange knew to be
// secret, with the changes as they are shown and the lines that decided.
type kept struct {
	N           int64
	At          time.Time
	Sandbox     string
	Dialect     string        `json:",omitempty"`
	Operation   string        `json:",omitempty"`
	Method      string        `json:",omitempty"`
	Path        string        `json:",omitempty"`
	OwnPath     string        `json:",omitempty"`
	Query       string        `json:",omitempty"`
	Address     string        `json:",omitempty"`
	Host        string        `json:",omitempty"`
	TLS         bool          `json:",omitempty"`
	TraceID     string        `json:",omitempty"`
	Header      http.Header   `json:",omitempty"`
	Body        []byte        `json:",omitempty"`
	BodySize    int64         `json:",omitempty"`
	Status      int           `json:",omitempty"`
	Answers     http.Header   `json:",omitempty"`
	Answer      []byte        `json:",omitempty"`
	AnswerSize  int64         `json:",omitempty"`
	Took        time.Duration `json:",omitempty"`
	Upstream    *Upstream     `json:",omitempty"`
	Nearest     *Nearest      `json:",omitempty"`
	Rule        Rule
	Lines       string        `json:",omitempty"` // of the mapping file, around the rule's
	From        int           `json:",omitempty"` // number of the first of them
	Fault       string        `json:",omitempty"`
	Forced      bool          `json:",omitempty"`
	Aborted     string        `json:",omitempty"`
	Replayed    bool          `json:",omitempty"`
	First       int64         `json:",omitempty"`
	Losses      string        `json:",omitempty"`
	Changes     []ShownChange `json:",omitempty"`
	Undelivered bool          `json:",omitempty"`
	Whole       bool          `json:",omitempty"` // Body is, however long it was
	WholeAnswer bool          `json:",omitempty"`
}

// linesKept is how many lines of a mapping file stand on either side of the one
// that decided.
const linesKept = 10

// Encode writes an entry down, to be read by Decode. Secrets of its own are
// hidden in it; those that only whoever shows an entry knows may still be there.
func (e *Entry) Encode() []byte {
	v := viewer{e, new(Secrets)}
	k := kept{N: e.N, At: e.At, Sandbox: e.Sandbox, Dialect: e.Dialect, Operation: e.Operation, Method: v.own(e.Method), Path: v.own(e.Path), OwnPath: v.own(e.OwnPath),
		Query: v.own(e.Query), Address: e.Address, Host: v.own(e.Host), TLS: e.TLS, TraceID: e.TraceID, Header: v.kept(e.Header), Body: []byte(v.own(string(e.Body))), BodySize: e.BodySize,
		Status: e.Status, Answers: v.kept(e.AnswerHeader), Answer: []byte(v.own(string(e.Answer))), AnswerSize: e.AnswerSize, Took: e.Took, Nearest: e.Nearest,
		Rule: e.Rule, Fault: e.Fault, Forced: e.Forced, Aborted: e.Aborted, Replayed: e.Replayed, First: e.First, Losses: v.own(e.Losses), Undelivered: e.undelivered.Load(),
		Whole: int64(len(e.Body)) >= e.BodySize, WholeAnswer: int64(len(e.Answer)) >= e.AnswerSize}
	if e.Upstream != nil {
		up := *e.Upstream
		up.Seen, up.Error = v.own(up.Seen), v.own(up.Error)
		k.Upstream = &up
	}
	if lines := bytes.SplitAfter(e.Source, []byte("\n")); e.Rule.Line >= 1 && e.Rule.Line <= len(lines) {
		k.From = max(e.Rule.Line-linesKept, 1)
		k.Lines = string(bytes.Join(lines[k.From-1:min(e.Rule.Line+linesKept, len(lines))], nil))
	}
	for _, c := range e.Changes {
		k.Changes = append(k.Changes, c.render())
	}
	b, err := json.Marshal(k)
	if err != nil {
		return nil // a time past the year 9999
	}
	return b
}

// kept is a header without what is secret.
func (v viewer) kept(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		hidden := slices.ContainsFunc(v.e.SecretHeaders, func(s string) bool { return strings.EqualFold(s, name) }) || secretName(strings.ToLower(name))
		for _, value := range values {
			if hidden && !IsHidden(value) {
				value = redacted(value)
			}
			out[name] = append(out[name], v.own(value))
		}
	}
	return out
}

// Decode reads what Encode wrote.
func Decode(data []byte) (*Entry, error) {
	var k kept
	if err := json.Unmarshal(data, &k); err != nil {
		return nil, err
	}
	e := &Entry{N: k.N, At: k.At, Sandbox: k.Sandbox, Dialect: k.Dialect, Operation: k.Operation, Method: k.Method, Path: k.Path, OwnPath: k.OwnPath, Query: k.Query,
		Address: k.Address, Host: k.Host, TLS: k.TLS, TraceID: k.TraceID, Header: k.Header, Body: k.Body, BodySize: k.BodySize, Status: k.Status, AnswerHeader: k.Answers,
		Answer: k.Answer, AnswerSize: k.AnswerSize, Took: k.Took, Upstream: k.Upstream, Nearest: k.Nearest, Rule: k.Rule, Fault: k.Fault, Forced: k.Forced, Aborted: k.Aborted,
		Replayed: k.Replayed, First: k.First, Losses: k.Losses, whole: k.Whole, wholeAnswer: k.WholeAnswer}
	if k.From > 0 && k.From <= k.Rule.Line {
		e.Source = []byte(strings.Repeat("\n", k.From-1) + k.Lines)
	}
	for _, c := range k.Changes {
		e.Changes = append(e.Changes, Change{Table: c.Kind, ID: c.ID, shown: &c})
	}
	if k.Undelivered {
		e.Undelivered()
	}
	return e, nil
}
