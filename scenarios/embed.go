// Package scenarios holds the scenarios that are built into the binary: one
// YAML file for each, in canonical words, so that every dialect tells it in its
// own.
package scenarios

import "embed"

// FS has the files at its root.
//
//go:embed *.yaml
var FS embed.FS
