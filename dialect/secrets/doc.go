// Package secrets tells what secrets of a dialect look like, and what is none, so
// that a journal and a log can hide the ones and show the others.
//
// Whoever keeps what a client sent asks here for the names of members and
// headers, and for the forms of ids and keys, which a dialect's file says. The
// hiding itself is the journal's. Start with Names.
package secrets
