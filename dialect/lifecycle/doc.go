// Package lifecycle is what becomes of a record besides requests: a person
// completes it, it ends before its time, a later date brings it back, a visit
// makes one.
//
// Package ledger and the pages of links call it with a record, the resource it
// belongs to and a time, and get the record as it is afterwards; what the
// dialect's file says about such a change is applied. Nothing is stored here, and
// a record that was handed in is not changed. When time ends a record by itself
// is told by the resource, as rows need it. Start with Complete.
package lifecycle
