package filestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"go.etcd.io/bbolt"

	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// DB keeps the rows of one sandbox: in memory, and in the file from when it is
// placed there.
type DB struct {
	file *File
	mem  *mockstore.DB

	fill   func() error // reads rows that were kept; nil where there are none
	filled sync.Once
	err    error // of fill

	mu    sync.Mutex // held by whoever writes, so that the queue has the order of mem
	space *Space     // nil while it is not kept
}

var _ store.Engine = (*DB)(nil)

func (f *File) newDB() *DB {
	made, _ := f.make(context.Background()) // mockstore's has no errors
	return &DB{file: f, mem: made.(*mockstore.DB)}
}

// keptDB is an engine whose rows are in the file yet.
func (f *File) keptDB(sp *Space, h head) *DB {
	d := f.newDB()
	d.space = sp
	d.fill = func() error { return f.read(sp.name, d.mem, h) }
	return d
}

// ready reads the rows that were kept, once.
func (d *DB) ready() error {
	d.filled.Do(func() {
		if d.fill != nil {
			d.err, d.fill = d.fill(), nil
		}
	})
	return d.err
}

// rowsAtOnce is how many rows one transaction reads.
const rowsAtOnce = 4096

// read fills an engine from the file. No transaction is open while the engine
// takes rows, for a file that grows waits for those who read it.
func (f *File) read(name string, into *mockstore.DB, h head) error {
	var last []byte
	rows, err := f.rowsAfter(name, &last)
	for err == nil {
		more := len(rows) == rowsAtOnce
		if err = into.Restore(context.Background(), rows, h.seq); err != nil || !more {
			break
		}
		rows, err = f.rowsAfter(name, &last)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, store.ErrFull):
		f.opts.Log.Error("a sandbox does not fit into memory: raise limits.memory, and start again", "sandbox", name, "file", f.path)
	default:
		f.opts.Log.Error("the rows of a sandbox cannot be read", "sandbox", name, "file", f.path, "error", err)
	}
	return fmt.Errorf("read sandbox %s: %w", name, store.ErrUnavailable)
}

// rowsAfter reads the rows behind a key, which it moves on.
func (f *File) rowsAfter(name string, last *[]byte) ([]*store.Row, error) {
	rows := make([]*store.Row, 0, rowsAtOnce)
	err := f.bolt.View(func(tx *bbolt.Tx) error {
		own := tx.Bucket([]byte(bucketSandboxes)).Bucket([]byte(name))
		if own == nil {
			return nil // it was dropped meanwhile
		}
		c := own.Bucket([]byte(bucketRows)).Cursor()
		key, value := c.First()
		if *last != nil {
			if key, value = c.Seek(*last); bytes.Equal(key, *last) {
				key, value = c.Next()
			}
		}
		for ; key != nil && len(rows) < rowsAtOnce; key, value = c.Next() {
			value, err := open(key, value)
			if err != nil {
				return err
			}
			row, err := f.words.row(key, value)
			if err != nil {
				return err
			}
			if rows = append(rows, row); len(rows) == rowsAtOnce {
				*last = bytes.Clone(key)
			}
		}
		return nil
	})
	return rows, err
}

// Read opens a view of the rows as they are now.
func (d *DB) Read(ctx context.Context) store.Reader {
	if err := d.ready(); err != nil {
		return away{err}
	}
	return d.mem.Read(ctx)
}

// away reads nothing, because of an error.
type away struct{ err error }

func (a away) Get(string, string) *store.Row                { return nil }
func (a away) Find(string, string) []*store.Row             { return nil }
func (a away) Scan(string, string, store.Page) []*store.Row { return nil }
func (a away) Due(int64, int) []*store.Row                  { return nil }
func (a away) Err() error                                   { return a.err }

// Commit takes a batch in memory and, where the sandbox is kept, waits until it
// is in the file. Where the last batches could not be written it takes none.
func (d *DB) Commit(ctx context.Context, b store.Batch) error {
	if err := d.ready(); err != nil {
		return err
	}
	d.mu.Lock()
	if err := d.writable(); err != nil {
		d.mu.Unlock()
		return err
	}
	err := d.mem.Commit(ctx, b)
	var fl *flight
	if err == nil && d.space != nil {
		fl = d.queue(b.Put, b.Del)
	}
	d.mu.Unlock()
	if err != nil || fl == nil {
		return err
	}
	return fl.wait(ctx)
}

// writable refuses to change memory while the file does not follow. It is called
// with mu held.
func (d *DB) writable() error {
	if d.space == nil {
		return nil
	}
	return d.file.Ready()
}

// queue hands over rows that memory has taken. It returns what to wait for, nil
// for nothing, and is called with mu held.
func (d *DB) queue(put []*store.Row, del []store.Expect) *flight {
	rows, seq := d.mem.State()
	return d.space.change(put, del, head{rows, seq})
}

// Load adds many new rows.
func (d *DB) Load(ctx context.Context, rows []*store.Row) error {
	if err := d.ready(); err != nil {
		return err
	}
	d.mu.Lock()
	if err := d.writable(); err != nil {
		d.mu.Unlock()
		return err
	}
	before, _ := d.mem.State()
	err := d.mem.Load(ctx, rows)
	var fl *flight
	if d.space != nil {
		if after, _ := d.mem.State(); after > before {
			fl = d.queue(rows[:after-before], nil) // all, or those that came before the context ended
		}
	}
	d.mu.Unlock()
	if err != nil || fl == nil {
		return err
	}
	return fl.wait(ctx)
}

// Fork returns an engine with the same rows, which is not kept.
func (d *DB) Fork(ctx context.Context) (store.Engine, error) {
	if err := d.ready(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	mem, err := d.mem.Fork(ctx)
	if err != nil {
		return nil, err
	}
	return &DB{file: d.file, mem: mem.(*mockstore.DB)}, nil
}

// Count tells how many rows a table has.
func (d *DB) Count(ctx context.Context, table string) (int, error) {
	if err := d.ready(); err != nil {
		return 0, err
	}
	return d.mem.Count(ctx, table)
}

// Drop gives the memory back. What the file has is its Space's to drop.
func (d *DB) Drop(ctx context.Context) error {
	_ = d.ready() // or it would be read later, for nobody
	return d.mem.Drop(ctx)
}

// all calls f for every row of a view.
func all(view store.Reader, f func(*store.Row) error) error {
	for _, kind := range record.Kinds() {
		for _, row := range view.Scan(kind, "", store.Page{Ascending: true}) {
			if err := f(row); err != nil {
				return err
			}
		}
	}
	return nil
}
