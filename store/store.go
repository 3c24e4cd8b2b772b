// Package store is the cut behind which the rows of a sandbox are kept: a
// conditional batch, and ordered scans over declared keys.
//
// Whoever changes something makes a Batch of Rows and hands it to a Store, which
// takes all of it or nothing. It knows no dialect and no HTTP and holds no rows
// itself: package mockstore does. Start with Row, then Batch, then Store.
package store

import (
	"context"
	"errors"

	"github.com/polylink-dev/polylink/record"
)

// Row is a record as a store keeps it. Rows and their records are frozen: to
// change one, Put another with the version that was read.
type Row struct {
	Table   string   // kind of the record
	Key     string   // primary key within the table, see RowKey
	Scope   string   // the list it belongs to, see ScopeKey
	Created int64    // unix nanoseconds; lists are ordered by it, then by Seq
	Seq     uint64   // given by the store on insert, unique within a sandbox
	Keys    []string // secondary look-up keys, see Find
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

// ErrConflict says that a row changed since it was read: read again and retry.
var ErrConflict = errors.New("the row has changed since it was read")

// ErrTaken says that a secondary key belongs to another row.
var ErrTaken = errors.New("the key belongs to another row")

// Reader reads one consistent state of a sandbox. It never blocks and is never
// blocked.
type Reader interface {
	// Get returns the row with a primary key, or nil.
	Get(table, key string) *Row
	// Find returns the rows that hold a secondary key, oldest first.
	Find(table, key string) []*Row
	// Scan returns rows of a scope in order; an empty scope is the whole table
	// by primary key.
	Scan(table, scope string, p Page) []*Row
}

// Store keeps the rows of one sandbox.
type Store interface {
	// Read opens a consistent view.
	Read() Reader
	// Commit takes a batch. It returns ErrConflict, ErrTaken or nil; on an
	// error nothing has changed. Put rows are the store's afterwards.
	Commit(ctx context.Context, b Batch) error
}
