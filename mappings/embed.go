// Package mappings holds the dialect files that are built into the binary: one
// YAML file per provider.
//
// Package dialect/compile reads them. Nothing else in the program knows a
// provider; what its sandboxes begin with is in fixtures. docs/mappings.md
// describes the language; start with the shortest file, katu9.yaml.
package mappings

import "embed"

// FS has the dialect files at its root.
//
//go:embed *.yaml
var FS embed.FS
