package main

import (
	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/dialect/handbook"
	"github.com/polylink-dev/polylink/dialect/openapi"
)

func (a *app) openapiCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "openapi NAME",
		Short: "Print a dialect as an OpenAPI 3.1 document",
		Long: "Print what polylink answers in a dialect as an OpenAPI 3.1 document in JSON, made from the mapping file alone.\n" +
			"A running polylink serves the same at /__admin/openapi/NAME.json.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := a.load()
			if err != nil {
				return err
			}
			d, err := f.dialect(args[0])
			if err != nil {
				return err
			}
			_, err = a.out.Write(openapi.Document(d, openapi.Options{Version: version(), Example: handbook.Examples(d, f.fixtures)}))
			return err
		},
	}
}
