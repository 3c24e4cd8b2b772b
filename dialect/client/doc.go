// Package client speaks a dialect as its clients do: the mirror of what the
// edge does with it.
//
// It writes requests (method, path, credential, idempotency key, query, body)
// out of what was said in another dialect, and reads answers, lists and
// refusals back into records and codes. Everything comes from the two compiled
// programs: no pair of dialects has rules of its own. What the other dialect
// cannot carry is never left out in silence: Body.Losses has it by its
// canonical path. It opens no connection; package proxy does. Start with
// Saying.In, then answers.go and refusals.go.
package client
