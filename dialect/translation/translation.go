// Package translation says one document of a dialect in another one, offline.
//
// It is what the compatibility proxy does with a request or an answer, without
// a server on either side: decode by one mapping file, encode by the other. It
// promises that nothing vanishes unsaid: what does not arrive as it was said is
// among the losses. Files, flags and printing are left to its callers. Start
// with Request and Answer.
package translation

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// MaxDocument bounds a document to be translated.
const MaxDocument = 8 << 20

// Result is what came of a document: itself in another dialect, or what is
// wrong with it, and what does not arrive as it was said.
type Result struct {
	Document []byte
	Refused  []string // each as dialect: member why
	Losses   []client.Loss
}

// Unsayable is the error of a document that a dialect refuses.
type Unsayable struct{ Dialect string }

func (u Unsayable) Error() string { return "the document cannot be said in " + u.Dialect }

// Env is the surroundings of a document that goes to a dialect.
func Env(to *dialect.Dialect, now time.Time, random io.Reader) *dialect.Env {
	e := &dialect.Env{Random: random}
	e.Now = now.Truncate(time.Millisecond)
	e.Base, e.Header, e.Query = "https://"+firstHost(to), nothing, nothing
	return e
}

// indented is JSON for people.
func indented(doc []byte) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, doc, "", "  "); err != nil {
		return doc
	}
	return b.Bytes()
}

func nothing(string) string { return "" }

func firstHost(d *dialect.Dialect) string {
	if len(d.Hosts) == 0 {
		return "localhost"
	}
	return d.Hosts[0]
}

// Request translates what a client sends.
func Request(from, to *dialect.Op, doc []byte, e *dialect.Env) (Result, error) {
	in := &dialect.Input{}
	doc, form, err := written(from.Owner, doc)
	if err == nil {
		err = from.Parse(in, doc, form)
	}
	if err != nil {
		return Result{}, fmt.Errorf("the document is no request: %w", err)
	}
	from.Decode(in, e)
	e.Old = record.New(from.Resource.Schema, from.Owner.Name)
	if len(in.Problems) == 0 {
		from.Merge(in, e)
	}
	if out, err := unsayable(from.Owner, in.Problems); err != nil {
		return out, err
	}
	if from.Does == dialect.Create {
		e.Old = nil
	}
	said := (&client.Saying{From: from, Input: in, Env: e}).In(to)
	if out, err := unsayable(to.Owner, said.Problems); err != nil {
		out.Losses = said.Losses
		return out, err
	}
	r := client.New(to, nil)
	r.Say(to, said.JSON)
	body := r.Body
	if r.Header.Get("Content-Type") == "application/json" {
		body = indented(body)
	}
	return Result{Document: body, Losses: said.Losses}, nil
}

// written is a document as JSON: a dialect that takes forms may have one.
func written(d *dialect.Dialect, doc []byte) (body []byte, form bool, err error) {
	if text := bytes.TrimSpace(doc); len(text) == 0 || text[0] == '{' || text[0] == '[' || !slices.Contains(d.Bodies, "form") {
		return doc, false, nil
	}
	body, err = jsontext.FormToJSON(strings.TrimSpace(string(doc)))
	return body, true, err
}

// unsayable lists what is wrong with a document, if anything is.
func unsayable(d *dialect.Dialect, problems []dialect.Problem) (out Result, err error) {
	for _, p := range problems {
		out.Refused = append(out.Refused, fmt.Sprintf("%s: %s %s", d.Name, p.Path, p.Why))
	}
	if len(problems) > 0 {
		err = Unsayable{d.Name}
	}
	return out, err
}

// Answer translates what a server answers.
func Answer(from, to *dialect.Op, doc []byte, e *dialect.Env) (Result, error) {
	rec, ok := client.Item(from, doc)
	if !ok || rec == nil {
		return Result{}, fmt.Errorf("the document is no answer of %s %s", from.Owner.Name, from.Name)
	}
	out, losses := client.Answer(from, to, rec, e)
	return Result{Document: indented(out), Losses: losses}, nil
}
