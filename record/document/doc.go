// Package document writes canonical records as JSON documents and reads them
// back.
//
// It stands beside the records and above the standard library: the control API,
// snapshots and the audit trail show records by it, and worlds are checked with
// it. It promises that what Read takes suits the slots of its kind, that a record
// read back is the same, and that a public document holds no secret. It knows no
// dialect. Start with Of and Read.
package document
