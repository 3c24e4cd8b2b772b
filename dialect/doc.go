// Package dialect is a provider's wire language as a compiled program: how a
// request becomes a canonical record, and a record an answer.
//
// It stands between routes, which finds the dialect and the operation of a
// request, and the ledger, which writes what comes of it. Package compile makes
// a Dialect of a mapping file; nothing changes it afterwards, so all requests
// share it without locks. It promises that no body makes it panic or work more
// than the body's length is worth, that what it refuses is named with its place,
// that the record at hand is never changed in place, and that what it encodes is
// JSON. It opens no socket and no file, and leaves the order of stages to routes
// and the words of a mapping file to package grammar.
//
// Start with Op.Parse, Op.Decode and Op.Merge in decode.go and merge.go, then
// Op.Encode in encode.go and the catalogue in catalogues.go.
package dialect
