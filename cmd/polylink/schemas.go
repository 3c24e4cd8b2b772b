package main

import (
	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/dialect/grammar"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the mapping language as a JSON Schema, for completion in an editor",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.out.Write(grammar.EditorSchema())
			return err
		},
	}
}
