// Package selection is what a list is asked for: which rows, in which order, and
// which of its pages.
//
// The edge hands it a list operation and a query, and gets a Paging or what is
// wrong with the query. A backend asks the Paging which records it keeps, and sorts
// them by it where the query has an order of its own. Afterwards the package says
// where the pages around one are. It reads no rows: how a list is scanned is the
// backend's. Start with Read.
package selection
