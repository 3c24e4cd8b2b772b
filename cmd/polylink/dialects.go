package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/dialect/handbook"
)

func (a *app) dialectsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dialects [NAME]",
		Short: "List the dialects, or one dialect's operations, credentials, records and choices",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := a.load()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return listDialects(a.out, f)
			}
			d, err := f.dialect(args[0])
			if err != nil {
				return err
			}
			return handbook.Describe(d, f.fixtures, nil).Text(a.out)
		},
	}
}

func (a *app) routesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "routes",
		Short: "List every method and path that is served",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			f, err := a.load()
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

func listDialects(w io.Writer, f loaded) error {
	t := table(w)
	for _, d := range f.set.Dialects {
		fmt.Fprintf(t, "%s\t%s\t%d operations\t%d choices\t%s\n", d.Name, d.Title, len(d.Operations), len(d.Choices), strings.Join(d.Hosts, ", "))
	}
	return t.Flush()
}
