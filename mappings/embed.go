// Package mappings holds the dialect files that are built into the binary:
// one YAML file per provider, and nothing else knows a provider.
package mappings

import "embed"

// FS has the dialect files at its root.
//
//go:embed *.yaml
var FS embed.FS
