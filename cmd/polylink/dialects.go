package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"polylink/dialect"
	"polylink/link"
)

func (a *app) dialectsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dialects [NAME]",
		Short: "List the dialects, or one dialect's operations, credentials, records and choices",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			f, err := load(&c)
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return listDialects(a.out, f)
			}
			d := f.set.Dialect(args[0])
			if d == nil {
				return usage("there is no dialect %q%s", args[0], f.meant(args[0]))
			}
			return sheet{a.out, d, f, reachable(c.Addr)}.print()
		},
	}
}

func (a *app) routesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "routes",
		Short: "List every method and path that is served",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			f, err := load(&c)
			if err != nil {
				return err
			}
			t := table(a.out)
			for _, d := range f.set.Dialects {
				for _, op := range d.Operations {
					fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", d.Name, op.Method, op.Path, op.Name)
				}
			}
			return t.Flush()
		},
	}
}

func table(w io.Writer) *tabwriter.Writer { return tabwriter.NewWriter(w, 0, 4, 2, ' ', 0) }

// row writes a line of a table, without blanks at its end.
func row(w io.Writer, cells ...string) {
	fmt.Fprintln(w, strings.TrimRight(strings.Join(cells, "\t"), "\t"))
}

func listDialects(w io.Writer, f files) error {
	t := table(w)
	for _, d := range f.set.Dialects {
		fmt.Fprintf(t, "%s\t%s\t%d operations\t%d choices\t%s\n", d.Name, d.Title, len(d.Operations), len(d.Choices), strings.Join(d.Hosts, ", "))
	}
	return t.Flush()
}

// sheet is what there is to know about a dialect before the first request.
type sheet struct {
	w    io.Writer
	d    *dialect.Dialect
	f    files
	addr string // where it will be served
}

func (s sheet) print() error {
	fmt.Fprintf(s.w, "%s: %s\n", s.d.Name, s.d.Title)
	fmt.Fprintf(s.w, "  %s\n", s.f.mappings.path(s.d.File))
	if len(s.d.Hosts) > 0 {
		fmt.Fprintf(s.w, "  in place of %s\n", strings.Join(s.d.Hosts, ", "))
	}
	for _, part := range []func() error{s.operations, s.credentials, s.records, s.samples, s.choices} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

func (s sheet) operations() error {
	fmt.Fprintf(s.w, "\nOperations\n")
	t := table(s.w)
	for _, op := range s.d.Operations {
		line := fmt.Sprintf("  %s\t%s\t%s\t%d", op.Name, op.Method, op.Path, op.Status)
		if op.Scope != "" {
			line += "\tscope " + op.Scope
		}
		fmt.Fprintln(t, line)
	}
	return t.Flush()
}

// credentials lists those of the fixtures, as they are sent.
func (s sheet) credentials() error {
	if s.d.Auth.Scheme == "none" {
		fmt.Fprintf(s.w, "\nCredentials\n  none is asked for\n")
		return nil
	}
	note := "nothing else is taken"
	if main := s.f.fixtures.Main(s.d.Name); main != "" && !s.d.Auth.Strict {
		note = "others act as " + main + ", but for those that look real"
	}
	fmt.Fprintf(s.w, "\nCredentials (%s)\n", note)
	t := table(s.w)
	for _, c := range s.f.fixtures.Records(s.d.Name, link.Credentials.Kind) {
		var notes []string
		for _, slot := range []string{"label", "refused", "gate"} {
			if note := text(c, slot); note != "" {
				notes = append(notes, note)
			}
		}
		row(t, "  "+s.sent(c), strings.Join(notes, ", "))
	}
	return t.Flush()
}

// sent shows a credential with the header that carries it.
func (s sheet) sent(c *link.Record) string {
	switch s.d.Auth.Scheme {
	case "headers":
		parts := []string{c.ID(), text(c, "secret")}
		for i, name := range s.d.Auth.Headers {
			parts[i] = name + ": " + parts[i]
		}
		return strings.Join(parts[:len(s.d.Auth.Headers)], "  ")
	case "basic":
		return "-u " + c.ID() + ":"
	}
	return "Authorization: Bearer " + c.ID()
}

// records lists what a fresh sandbox holds.
func (s sheet) records() error {
	fmt.Fprintf(s.w, "\nRecords of a fresh sandbox\n")
	t := table(s.w)
	for _, kind := range link.Kinds() {
		if kind == link.Credentials.Kind {
			continue
		}
		for _, r := range s.f.fixtures.Records(s.d.Name, kind) {
			name := text(r, "title")
			if name == "" {
				name = text(r, "name")
			}
			row(t, "  "+kind, r.ID(), r.Text(link.SlotStatus), name)
		}
	}
	return t.Flush()
}

func (s sheet) choices() error {
	fmt.Fprintf(s.w, "\nChoices: what the provider's documents leave open (config.yaml can set them otherwise, under dialects:)\n")
	for _, c := range s.d.Choices {
		is := ""
		if c.Is != "" {
			is = " = " + c.Is
		}
		if _, err := fmt.Fprintf(s.w, "  %s%s (%s:%d)\n      %s\n", c.Path, is, s.f.mappings.path(c.File), c.Line, c.Why); err != nil {
			return err
		}
	}
	return nil
}

// text reads a slot of a record by its name, "" where its kind has none.
func text(r *link.Record, name string) string {
	if slot, ok := r.Schema.Slot(name); ok {
		return r.Text(slot)
	}
	return ""
}
