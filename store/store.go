// Package store is the cut behind which the rows of a sandbox are kept: a
// conditional batch, and ordered scans over declared keys.
//
// It stands below everything that changes or reads something: domain code makes
// a Batch of Rows out of what it has read, and an Engine takes all of it or
// nothing. The package holds no rows itself; the engines do, such as the one of
// package mockstore, and package store/storetest is the test that each of them
// passes. It knows no dialect, no HTTP and no time. Start with Row, then Batch,
// then Engine in engine.go.
package store

import "github.com/polylink-dev/polylink/record"

// Row is a record as a store keeps it. Rows and their records are frozen: to
// change one, Put another with the version that was read.
type Row struct {
	Table   string   // kind of the record
	Key     string   // primary key within the table, see RowKey
	Scope   string   // the list it belongs to, see ScopeKey
	Created int64    // unix nanoseconds; lists are ordered by it, then by Seq
	Seq     uint64   // given by the store on insert, unique within a sandbox
	Keys    []string // secondary look-up keys, see Find
	Due     int64    // when time changes it by itself, in unix milliseconds, see Due; 0 is never
	Version uint64   // given by the store: 1 on insert, one more on each change
	Record  *record.Record
}

// RowKey is the primary key of the record that a dialect calls id.
func RowKey(dialect, id string) string { return dialect + "/" + id }

// ScopeKey is the list of an owner's records: those of an account in a mode,
// or the children of a parent. The parts never hold a NUL.
func ScopeKey(dialect, account, mode, parent string) string {
	return dialect + "\x00" + account + "\x00" + mode + "\x00" + parent
}

// Expect names the version a row must have for a batch to be taken; zero
// says that it must not exist.
type Expect struct {
	Table, Key string
	Version    uint64
}

// Batch is a conditional change inside one sandbox: all of it happens or
// nothing does.
type Batch struct {
	Expect []Expect
	Put    []*Row   // Version and Seq are the store's to set
	Del    []Expect // Version is not looked at
	Absent []Lookup // secondary keys that no row but Row may hold
	Early  int      // how many of Del go before their time, for want of room; it is only counted
	Owed   bool     // it has to be taken, room or not: what time has done, and not what somebody asks for
}

// Lookup is a secondary key, and the one row that may hold it.
type Lookup struct {
	Table, Key string
	Row        string
}

// Page bounds a scan. Rows come newest first, or oldest first with Ascending.
type Page struct {
	Ascending bool
	After     *Row // start behind this row, in the direction of the scan
	Skip      int
	Limit     int               // at most so many; 0 is all
	Keep      func(r *Row) bool // rows to look at; nil is all
}
