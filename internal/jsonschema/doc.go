// Package jsonschema puts JSON Schemas together.
//
// It stands below the dialects, whose codecs and OpenAPI documents are made of
// it. A schema is a jsontext.Object, so the same calls give the same bytes. It
// knows the few keywords that those need, and joins what two schemas say instead
// of piling them up. Checking documents against a schema is left to the tests'
// library. Start with Type and Union.
package jsonschema
