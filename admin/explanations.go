package admin

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
)

// How many lines of a mapping file are shown around the one that decided.
const (
	linesBefore = 2
	linesBehind = 4
)

// SourceLine is a line of a mapping file.
type SourceLine struct {
	Line int    `json:"line"`
	Text string `json:"text"`
	Here bool   `json:"here,omitempty" doc:"it is the one that decided"`
}

// Explanation is why a request was answered as it was.
type Explanation struct {
	Request journal.Shown     `json:"request"`
	Lines   []SourceLine      `json:"lines" doc:"of the mapping file as it was in force, around the line that decided; none where no dialect was found"`
	Changes []ExplainedChange `json:"changes" doc:"what the request changed, as canonical records"`
}

// ExplainedChange is a record before and after a request.
type ExplainedChange struct {
	Kind   string          `json:"kind"`
	ID     string          `json:"id"`
	Before json.RawMessage `json:"before" schema:"any" doc:"the canonical record before; null of one that was created"`
	After  json.RawMessage `json:"after" schema:"any" doc:"the canonical record after; null of one that was deleted"`
}

// ExplainRequest tells which line of which file decided what a request was
// answered.
func (a *API) ExplainRequest(ctx context.Context, in RequestID) (Explanation, error) {
	e, secrets, err := a.entry(ctx, in.N)
	if err != nil {
		return Explanation{}, err
	}
	out := Explanation{e.Render(secrets), linesAround(e.Source, e.Rule.Line), []ExplainedChange{}}
	looks := a.looks()
	canonical := func(rec *record.Record) json.RawMessage {
		if rec == nil {
			return json.RawMessage(record.Null)
		}
		return json.RawMessage(shown(rec, looks))
	}
	for _, c := range e.Changes {
		out.Changes = append(out.Changes, ExplainedChange{c.Table, c.ID, canonical(c.Before), canonical(c.After)})
	}
	return out, nil
}

// entry finds an entry of the journal, and what it may not show.
func (a *API) entry(ctx context.Context, n int64) (*journal.Entry, *journal.Secrets, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return nil, nil, err
	}
	e := sb.Journal.Entry(n)
	if e == nil {
		return nil, nil, notFound("there is no entry %d in sandbox %s; it was evicted, cleared, or belongs to another sandbox", n, sb.Name)
	}
	return e, a.secrets(ctx, sb), nil
}

// linesAround cuts the lines around one out of a text.
func linesAround(source []byte, line int) []SourceLine {
	out := []SourceLine{}
	all := strings.Split(strings.TrimSuffix(string(source), "\n"), "\n")
	if len(source) == 0 || line < 1 || line > len(all) {
		return out
	}
	for n := max(line-linesBefore, 1); n <= min(line+linesBehind, len(all)); n++ {
		out = append(out, SourceLine{n, strings.TrimSuffix(all[n-1], "\r"), n == line})
	}
	return out
}
