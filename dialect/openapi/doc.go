// Package openapi describes a compiled dialect as an OpenAPI 3.1 document.
//
// It stands beside the program and reads it, as the command and the control API
// ask: a document is made of the program alone, never of its file. It promises
// the same bytes for the same program, schemas that take what decoding takes and
// show what encoding shows, and every refusal that an operation can answer. It
// describes the mock and not the provider. Start with Document, then codecs.go
// for values and templates.go for documents with variables.
package openapi
