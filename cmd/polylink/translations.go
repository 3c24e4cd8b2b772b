package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// maxDocument bounds a document to be translated.
const maxDocument = 8 << 20

// translation is what translate is asked for.
type translation struct{ from, to, kind, operation string }

func (a *app) translateCommand() *cobra.Command {
	var t translation
	cmd := &cobra.Command{
		Use:   "translate --from NAME --to NAME",
		Short: "Translate one document from standard input from a dialect to another",
		Long: "Translate one document, offline: what a client of --from sends as a client of --to would, or with --kind response\n" +
			"what --to answers as --from would be answered by it. What does not arrive as it was said is listed on standard error,\n" +
			"by its name in --from and by its canonical path. Exit code 4 when there is any.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.translate(t, cmd.InOrStdin()) },
	}
	cmd.Flags().StringVar(&t.from, "from", "", "`dialect` that the document is in")
	cmd.Flags().StringVar(&t.to, "to", "", "`dialect` that it is wanted in")
	cmd.Flags().StringVar(&t.kind, "kind", "request", "`kind` of the document: request or response")
	cmd.Flags().StringVar(&t.operation, "operation", "link.create", "`operation` that the document belongs to")
	return cmd
}

// pair finds the two dialects of a command.
func (a *app) pair(from, to string) (f, t *dialect.Dialect, err error) {
	all, err := a.load()
	if err != nil {
		return nil, nil, err
	}
	if f, err = all.dialect(from); err != nil {
		return nil, nil, err
	}
	if t, err = all.dialect(to); err != nil {
		return nil, nil, err
	}
	return f, t, nil
}

func (a *app) translate(t translation, stdin io.Reader) error {
	if t.kind != "request" && t.kind != "response" {
		return usage("--kind is request or response, not %q", t.kind)
	}
	from, to, err := a.pair(t.from, t.to)
	if err != nil {
		return err
	}
	ours, theirs := from.Op(t.operation), to.Op(t.operation)
	switch {
	case ours == nil:
		return usage("%s has no operation %q", from.Name, t.operation)
	case theirs == nil || theirs.Resource == nil || ours.Resource == nil || theirs.Resource.Schema != ours.Resource.Schema:
		return &exitError{exitVerify, fmt.Errorf("%s has no operation %s", to.Name, t.operation)}
	case t.kind == "request" && (!ours.Writes() || !theirs.Writes()):
		return usage("%s has no body; name one that writes, or --kind response", t.operation)
	}
	doc, err := io.ReadAll(io.LimitReader(stdin, maxDocument+1))
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	if len(doc) > maxDocument {
		return errors.New("the document is larger than 8 MiB")
	}
	e := &dialect.Env{Random: ids.Random()}
	e.Now = time.Now().Truncate(time.Millisecond)
	e.Base, e.Header, e.Query = "https://"+firstHost(to), nothing, nothing
	if t.kind == "response" {
		return a.translateAnswer(ours, theirs, doc, e)
	}
	return a.translateRequest(ours, theirs, doc, e)
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

// translateRequest translates what a client sends.
func (a *app) translateRequest(from, to *dialect.Op, doc []byte, e *dialect.Env) error {
	in := &dialect.Input{}
	doc, form, err := written(from.Owner, doc)
	if err == nil {
		err = from.Parse(in, doc, form)
	}
	if err != nil {
		return fmt.Errorf("the document is no request: %w", err)
	}
	from.Decode(in, e)
	e.Old = record.New(from.Resource.Schema, from.Owner.Name)
	if len(in.Problems) == 0 {
		from.Merge(in, e)
	}
	if err := a.refused(from.Owner, in.Problems); err != nil {
		return err
	}
	if from.Does == dialect.Create {
		e.Old = nil
	}
	said := (&client.Saying{From: from, Input: in, Env: e}).In(to)
	if err := a.refused(to.Owner, said.Problems); err != nil {
		a.tell(said.Losses)
		return err
	}
	r := client.New(to, nil)
	r.Say(to, said.JSON)
	body := r.Body
	if r.Header.Get("Content-Type") == "application/json" {
		body = indented(body)
	}
	if _, err := fmt.Fprintf(a.out, "%s\n", body); err != nil {
		return err
	}
	return a.tell(said.Losses)
}

// written is a document as JSON: a dialect that takes forms may have one.
func written(d *dialect.Dialect, doc []byte) (body []byte, form bool, err error) {
	if text := bytes.TrimSpace(doc); len(text) == 0 || text[0] == '{' || text[0] == '[' || !slices.Contains(d.Bodies, "form") {
		return doc, false, nil
	}
	body, err = jsontext.FormToJSON(strings.TrimSpace(string(doc)))
	return body, true, err
}

// refused lists what is wrong with a document, if anything is.
func (a *app) refused(d *dialect.Dialect, problems []dialect.Problem) error {
	for _, p := range problems {
		fmt.Fprintf(a.err, "%s: %s %s\n", d.Name, p.Path, p.Why)
	}
	if len(problems) > 0 {
		return &exitError{exitVerify, errors.New("the document cannot be said in " + d.Name)}
	}
	return nil
}

// translateAnswer translates what a server answers.
func (a *app) translateAnswer(from, to *dialect.Op, doc []byte, e *dialect.Env) error {
	rec, ok := client.Item(from, doc)
	if !ok || rec == nil {
		return fmt.Errorf("the document is no answer of %s %s", from.Owner.Name, from.Name)
	}
	out, losses := client.Answer(from, to, rec, e)
	if _, err := fmt.Fprintf(a.out, "%s\n", indented(out)); err != nil {
		return err
	}
	return a.tell(losses)
}

// tell lists losses, and is the error of a translation that has any.
func (a *app) tell(losses []client.Loss) error {
	t := table(a.err)
	for _, l := range losses {
		name := l.Field
		if name == "" {
			name = "-"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", l.Kind, name, l.Path, l.Why)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(losses) > 0 {
		return &exitError{exitVerify, fmt.Errorf("%d of the document's values do not arrive as they were said", len(losses))}
	}
	return nil
}
