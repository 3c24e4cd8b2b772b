package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/dialect/client"
)

func (a *app) matrixCommand() *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "matrix CLIENT UPSTREAM",
		Short: "Print which fields of one dialect's links survive in another",
		Long: "Print, from the mapping files alone, what becomes of each field of CLIENT's links when UPSTREAM answers: one line a\n" +
			"field with its canonical path, its name there, and its fate in requests (kept, approximated, dropped) and in answers\n" +
			"(kept, absent); and then what UPSTREAM demands and CLIENT never says.",
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			from, to, err := a.pair(args[0], args[1])
			if err != nil {
				return err
			}
			m := client.Compare(from, to)
			if asJSON {
				enc := json.NewEncoder(a.out)
				enc.SetIndent("", "  ")
				enc.SetEscapeHTML(false)
				return enc.Encode(m)
			}
			return a.printMatrix(m)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (a *app) printMatrix(m client.Matrix) error {
	if m.Note != "" {
		fmt.Fprintf(a.out, "%s\n\n", m.Note)
	}
	t := table(a.out)
	fmt.Fprintf(t, "%s\tcanonical\t%s\trequest\tanswer\twhy\n", m.From, m.To)
	for _, f := range m.Fields {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", f.Field, f.Path, dash(f.To), dash(f.Request), dash(f.Answer), f.Why)
	}
	for _, f := range m.Demanded {
		fmt.Fprintf(t, "-\t%s\t%s\t%s\t-\t%s\n", f.Path, f.Field, f.Request, f.Why)
	}
	return t.Flush()
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
