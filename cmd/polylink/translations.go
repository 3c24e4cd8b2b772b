package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/dialect/translation"
	"github.com/polylink-dev/polylink/internal/ids"
)

// wanted is what translate is asked for.
type wanted struct{ from, to, kind, operation string }

func (a *app) translateCommand() *cobra.Command {
	var t wanted
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

func (a *app) translate(t wanted, stdin io.Reader) error {
	doc, err := io.ReadAll(io.LimitReader(stdin, translation.MaxDocument+1))
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	return a.say(a.translated(t, doc))
}

// say prints what came of a document, and is the error that ends the command.
func (a *app) say(out translation.Result, err error) error {
	for _, line := range out.Refused {
		fmt.Fprintln(a.err, line)
	}
	if len(out.Document) > 0 {
		if _, err := fmt.Fprintf(a.out, "%s\n", out.Document); err != nil {
			return err
		}
	}
	if lost := a.tell(out.Losses); err == nil {
		err = lost
	}
	return err
}

// translated says a document in another dialect.
func (a *app) translated(t wanted, doc []byte) (translation.Result, error) {
	none := translation.Result{}
	if t.kind != "request" && t.kind != "response" {
		return none, usage("--kind is request or response, not %q", t.kind)
	}
	from, to, err := a.pair(t.from, t.to)
	if err != nil {
		return none, err
	}
	ours, theirs := from.Op(t.operation), to.Op(t.operation)
	switch {
	case ours == nil:
		return none, usage("%s has no operation %q", from.Name, t.operation)
	case theirs == nil || theirs.Resource == nil || ours.Resource == nil || theirs.Resource.Schema != ours.Resource.Schema:
		return none, &exitError{exitVerify, fmt.Errorf("%s has no operation %s", to.Name, t.operation)}
	case t.kind == "request" && (!ours.Writes() || !theirs.Writes()):
		return none, usage("%s has no body; name one that writes, or --kind response", t.operation)
	case len(doc) > translation.MaxDocument:
		return none, errors.New("the document is larger than 8 MiB")
	}
	e := translation.Env(to, time.Now(), ids.Random())
	one := translation.Request
	if t.kind == "response" {
		one = translation.Answer
	}
	out, err := one(ours, theirs, doc, e)
	if unsayable, ok := errors.AsType[translation.Unsayable](err); ok {
		err = &exitError{exitVerify, unsayable}
	}
	return out, err
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
