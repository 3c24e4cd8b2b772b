package store

import (
	"context"
	"errors"
)

// The errors of engines. They come wrapped, with the row that they are about.
var (
	// ErrConflict says that a row changed since it was read: read again and
	// retry.
	ErrConflict = errors.New("the row has changed since it was read")
	// ErrTaken says that a secondary key belongs to another row.
	ErrTaken = errors.New("the key belongs to another row")
	// ErrUnavailable says that the rows cannot be reached at the moment, and
	// that nothing is wrong with the call.
	ErrUnavailable = errors.New("the store cannot be reached")
	// ErrFull says that there is no room for more rows; what takes none, such
	// as deleting, still goes.
	ErrFull = errors.New("the memory for rows is used up")
)

// Engine keeps the rows of one sandbox. It is safe for use from many
// goroutines, and what one call has written the next one reads. Besides the
// errors that a method names, an error is a mistake of the caller's.
type Engine interface {
	// Read opens a view. It has no error of its own, see Reader.Err.
	Read(ctx context.Context) Reader

	// Commit takes a batch: all of it or, with an error, nothing. Expect is
	// compared with the rows before the batch; then Del and Put happen, in this
	// order; then Absent must hold, so that a batch may hand a key from one row
	// to another. Deleting a row that is not there is no error.
	//
	// Put rows are the engine's afterwards. They get their Version, and their
	// Seq and Created from the row that they replace; a new one gets the next
	// Seq. Version starts at 1 again for a row that was deleted and put anew.
	//
	// It returns ErrConflict where Expect does not hold, ErrTaken where Absent
	// does not, ErrFull, ErrUnavailable, or the error of a context that ended;
	// after the last two, and only then, the batch may have been taken all the
	// same.
	Commit(ctx context.Context, b Batch) error

	// Fork returns an engine with the same rows that goes its own way from
	// here on. It returns ErrUnavailable or the context's error.
	Fork(ctx context.Context) (Engine, error)

	// Load adds many new rows, in the order given, which gives them their Seq.
	// A Version that is already set is kept, so that what was exported can be
	// loaded again. A row that is there already, twice among rows or unfit is
	// an error, found before anything is added. A view opened meanwhile may see
	// a part. It returns ErrFull, with nothing added, or ErrUnavailable or the
	// context's error, after which an engine that was empty is of no more use.
	Load(ctx context.Context, rows []*Row) error

	// Count tells how many rows a table has, without looking at them; a table
	// that does not exist has none. It returns ErrUnavailable or the context's
	// error.
	Count(ctx context.Context, table string) (int, error)

	// Drop gives up the rows, whose sandbox is gone. Views that are open stay
	// true; later calls are of requests that still hold the engine, and may find
	// the rows or nothing. It returns ErrUnavailable or the context's error.
	Drop(ctx context.Context) error
}

// Reader reads one consistent state of a sandbox and sees no later batch. It
// may be used from several goroutines and needs no closing. Rows and what they
// hold are frozen. A table that does not exist has no rows.
//
// Domain code looks at rows in many places and can do nothing about a store
// that is away, so the methods return nothing then, and Err tells whoever
// would act on what was read.
type Reader interface {
	// Get returns the row with a primary key, or nil.
	Get(table, key string) *Row
	// Find returns the rows that hold a secondary key, oldest first. No row
	// holds the empty one.
	Find(table, key string) []*Row
	// Scan returns rows of a scope, newest first by Created and Seq, or oldest
	// first. An empty scope is the whole table, by Key. The row to start behind
	// need not be there any more, nor come from the same engine.
	Scan(table, scope string, p Page) []*Row
	// Due returns the rows of all tables that are due by a time, in unix
	// milliseconds, the earliest first; those due at once come by table and key.
	// It returns at most limit of them, all with 0, and is cheap where there are
	// none: every request asks.
	Due(by int64, limit int) []*Row
	// Err returns the first error of a read, ErrUnavailable or the context's,
	// or nil: then all that was read is true.
	Err() error
}

// Maker makes an engine without rows. Only the program and test kits pick one.
type Maker func(ctx context.Context) (Engine, error)
