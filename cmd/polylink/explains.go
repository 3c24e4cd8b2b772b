package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/admin"
)

// mostShown is how much of an answer explain repeats, in characters.
const mostShown = 500

func (a *app) explainCommand() *cobra.Command {
	var sandbox string
	cmd := &cobra.Command{
		Use:   "explain N",
		Short: "Tell why a running polylink answered a request as it did",
		Long: "Tell why a running polylink answered a request as it did: the line of the mapping file that decided, and those around\n" +
			"it. N is the number that the header X-Polylink-Request of the answer has.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			n, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || n < 1 {
				return usage("%q is no number of a request; the header X-Polylink-Request of an answer has it", args[0])
			}
			c, err := a.config()
			if err != nil {
				return err
			}
			return a.explain(cmd.Context(), newRemote(&c, sandbox), n)
		},
	}
	a.remoteFlags(cmd, &sandbox, "`name` of the sandbox (default)")
	return cmd
}

// explain prints the request, the lines of the file, and the answer.
func (a *app) explain(ctx context.Context, r *remote, n int64) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var e admin.Explanation
	if err := r.read(ctx, "/requests/"+strconv.FormatInt(n, 10)+"/explain", &e); err != nil {
		return err
	}
	q, rule := e.Request, e.Request.Rule
	var b strings.Builder
	operation := q.Operation
	if operation == "" {
		operation = "none"
	}
	fmt.Fprintf(&b, "%d  %s %s → %s  %d  %s  %s\n", q.N, q.Request.Method, visible(q.Request.Path), operation, q.Response.Status, rule.Code, q.Sandbox)
	for _, more := range []struct{ what, is string }{{"fault injected", q.Fault}, {"answer broken off", q.Aborted}} {
		if more.is != "" {
			fmt.Fprintf(&b, "%s: %s\n", more.what, more.is)
		}
	}
	if q.Replayed {
		b.WriteString("the answer was a stored one, kept under the idempotency key\n")
	}
	if rule.File != "" {
		fmt.Fprintf(&b, "\n%s:%d\n", rule.File, rule.Line)
	}
	for _, l := range e.Lines {
		mark := " "
		if l.Here {
			mark = ">"
		}
		fmt.Fprintf(&b, "%s %5d  %s\n", mark, l.Line, l.Text)
	}
	for _, c := range q.Changes {
		fmt.Fprintf(&b, "\n%s %s %s", c.Did, c.Kind, c.ID)
		if len(c.Fields) > 0 {
			fmt.Fprintf(&b, ": %s", strings.Join(c.Fields, ", "))
		}
	}
	if len(q.Changes) > 0 {
		b.WriteByte('\n')
	}
	if body := []rune(strings.TrimSpace(q.Response.Body)); len(body) > mostShown {
		fmt.Fprintf(&b, "\n%s…\n", string(body[:mostShown]))
	} else if len(body) > 0 {
		fmt.Fprintf(&b, "\n%s\n", string(body))
	}
	_, err := fmt.Fprint(a.out, b.String())
	return err
}
