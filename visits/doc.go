// Package visits is what a person does on the page of a link: opens it, pays,
// fails, turns away.
//
// It stands between whoever speaks for the person (the hosted page, the control
// API) and the ledger: a Desk finds the link, says what its page shows, and
// turns what was done into changes of the link, the session of the visit and
// the records that its dialect's file names, in one batch. It promises that
// both ways leave the same rows and events, that what the page showed is what
// the session holds, and that of two people who pay for the last one, one
// succeeds. What a page looks like is package hosted's, and what a link is its
// dialect's. Start with Desk.Open, then Desk.Do.
package visits
