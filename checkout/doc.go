// Package checkout is what a link asks for: its lines, and what they come to.
//
// It stands below the ledger and the visits of pages, which both need it: what a
// page shows, what a session holds and what an event tells of a session that
// nobody has made yet are the same sum. It promises exact amounts of any size
// and changes no record but the session that it is given. Who may pay, and what
// becomes of it, is package visits'. Start with Of.
package checkout
