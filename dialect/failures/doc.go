// Package failures says no: it turns the violations of a request into the answer
// that a dialect has for them.
//
// The edge of a server, and whoever shows what errors look like, hands it
// problems; the first one's code finds its class in the dialect's catalogue. A
// Failure is what the texts of that class can name, and the words that the
// compiler lets them name are listed here. It decides nothing: which check found
// what, and in which order, is the business of others. Start with Of.
package failures
