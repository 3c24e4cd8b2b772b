// Package record is the ground every other package stands on: the canonical
// model that all dialects map to.
//
// It sits in the middle of the path: a dialect decodes a request into a Change
// of a Record, a store keeps the Record, a dialect encodes it again. It knows
// no provider, no HTTP and no YAML, and imports only the standard library.
// A Record keeps every value as canonical JSON text, so numbers and unknown
// fields survive byte for byte, and tells three things apart: never said,
// said to be null, and said. Validation of what a client sent belongs to
// dialect, persistence to mockstore. Start with schema.go, then record.go.
package record
