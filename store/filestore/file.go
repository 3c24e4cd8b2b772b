package filestore

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/store"
)

// The buckets of a file. A sandbox has one by its name in bucketSandboxes, with
// keyHead and two buckets in it.
const (
	bucketMeta      = "meta"
	bucketSandboxes = "sandboxes"
	bucketRows      = "rows"
	bucketParts     = "parts"
	keyMagic        = "file"
	keyFormat       = "format"
	keyWords        = "words/" // and a kind: the names of its slots, by number
	keyHead         = "head"
	magic           = "polylink"
)

// Format is the version of the layout that this program writes.
const Format = 1

// migrations bring a file of an older format to the next one, that of format 1
// first.
var migrations []func(*bbolt.Tx) error

// lockWait is how long Open waits for another process that has the file.
const lockWait = 3 * time.Second

// Options says how a file is written. All may be left out.
type Options struct {
	// Interval is how long changes are gathered before they are written; they
	// are answered before. Zero answers them once they are written.
	Interval time.Duration
	// Memory is the budget of the rows; nil is none.
	Memory *memory.Budget
	// Log hears of trouble with the file; nil is nobody.
	Log *slog.Logger
}

// File keeps sandboxes. It is safe for use from many goroutines. Make it with
// Open, and end it with Close.
type File struct {
	path  string
	opts  Options
	bolt  *bbolt.DB
	words dictionary
	make  store.Maker
	kept  []store.Kept

	arena []byte // of the writer, for values until they are committed

	broken atomic.Bool // the last flush failed: nothing is taken until one does not
	wake   chan struct{}
	stop   chan struct{}
	ended  chan struct{}

	mu     sync.Mutex
	spaces map[string]*Space
	next   *flight // what waits to be written; nil is nothing
	flying *flight // what is being written
}

var _ store.Keeper = (*File)(nil)

// ErrInUse says that another process has the file open.
var ErrInUse = errors.New("another process has it open; stop that one, or name another file")

// refused says why a file is not served, and what to do.
func refused(path string, err error) error {
	switch {
	case errors.Is(err, errForeign):
		return fmt.Errorf("%s: %w; name another file, and polylink makes it", path, err)
	case errors.Is(err, errTorn):
		return fmt.Errorf("%s: %w, and was left as it is; put a backup in its place (polylink db import), or move it away to start anew", path, err)
	case errors.Is(err, berrors.ErrTimeout):
		return fmt.Errorf("%s: %w", path, ErrInUse)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// Open opens the file of that path, and makes it where there is none. Whatever
// is wrong with it is told with what to do, and then it is as it was.
func Open(path string, o Options) (*File, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := create(path); err != nil {
		return nil, refused(path, err)
	}
	s, lists, err := examine(path)
	if err != nil {
		return nil, refused(path, err)
	}
	words, grown, err := newDictionary(lists)
	if err != nil {
		return nil, refused(path, err)
	}
	db, err := bbolt.Open(path, 0o600, bolt(false))
	if err != nil {
		return nil, refused(path, err)
	}
	if err := db.Update(func(tx *bbolt.Tx) error { return begin(tx, s.format(), migrations, grown) }); err != nil {
		return nil, errors.Join(refused(path, err), db.Close())
	}
	f := &File{path: path, opts: o, bolt: db, words: words, make: mockstore.Within(o.Memory), spaces: map[string]*Space{},
		wake: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{})}
	f.resume(s)
	go f.write()
	return f, nil
}

// bolt are the options of bbolt. The list of free pages is not written: that
// costs each flush, and it is found again when the file is opened.
func bolt(readOnly bool) *bbolt.Options {
	return &bbolt.Options{Timeout: lockWait, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType, ReadOnly: readOnly}
}

// examine looks a whole file through, while nobody writes to it.
func examine(path string) (*summary, map[string][]string, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, nil, plain(err)
	}
	defer in.Close()
	info, err := in.Stat()
	switch {
	case err != nil:
		return nil, nil, plain(err)
	case !info.Mode().IsRegular():
		return nil, nil, errors.New("it is no regular file")
	case info.Size() == 0:
		return nil, nil, fmt.Errorf("it is empty: %w", errTorn)
	}
	lock, err := bbolt.Open(path, 0o600, bolt(true))
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, nil, err
	case err == nil:
		defer lock.Close()
	}
	s, err := inspect(in, info.Size())
	if err != nil {
		return nil, nil, err
	}
	if n := s.format(); n < 1 || n > Format {
		return nil, nil, fmt.Errorf("it is of format %d and this program reads up to %d; use a newer polylink, or export the file with one", n, Format)
	}
	lists := map[string][]string{}
	for key, value := range s.meta {
		if kind, ok := strings.CutPrefix(key, keyWords); ok {
			lists[kind] = strings.Split(string(value), "\n")
		}
	}
	return s, lists, nil
}

// plain is an error of a file without its path, which the caller tells.
func plain(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

func (s *summary) format() int {
	n, _ := strconv.Atoi(string(s.meta[keyFormat]))
	return n
}

// create makes an empty file where there is none. It appears whole, or not at
// all.
func create(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil // examine says what is wrong with it
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return plain(err)
	}
	defer os.Remove(temp.Name())
	_ = temp.Close()
	db, err := bbolt.Open(temp.Name(), 0o600, bolt(false))
	if err != nil {
		return err
	}
	words, grown, err := newDictionary(nil)
	if err == nil && words != nil {
		err = db.Update(func(tx *bbolt.Tx) error { return begin(tx, 0, nil, grown) })
	}
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return plain(os.Rename(temp.Name(), path)) // a file system without links
	}
	return nil
}

// begin brings a file of a format, 0 for a new one, to this program's, and
// writes the numbers of slots that are new.
func begin(tx *bbolt.Tx, format int, steps []func(*bbolt.Tx) error, grown map[string][]string) error {
	m, err := tx.CreateBucketIfNotExists([]byte(bucketMeta))
	if err != nil {
		return err
	}
	if _, err := tx.CreateBucketIfNotExists([]byte(bucketSandboxes)); err != nil {
		return err
	}
	if format > 0 {
		for i, step := range steps[min(format-1, len(steps)):] {
			if err := step(tx); err != nil {
				return fmt.Errorf("to format %d: %w", format+i+1, err)
			}
		}
	}
	values := map[string]string{keyMagic: magic, keyFormat: strconv.Itoa(Format)}
	for kind, names := range grown {
		values[keyWords+kind] = strings.Join(names, "\n")
	}
	for key, value := range values {
		want := sealed([]byte(key), []byte(value))
		if slices.Equal(m.Get([]byte(key)), want) {
			continue
		}
		if err := m.Put([]byte(key), want); err != nil {
			return err
		}
	}
	return nil
}

// head is what is known of the rows of a sandbox besides themselves.
type head struct {
	rows int
	seq  uint64
}

func (h head) append(dst []byte) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(dst, uint64(h.rows)), h.seq)
}

func readHead(value []byte) (head, error) {
	c := &cursor{text: string(value)}
	h := head{int(c.uvarint()), c.uvarint()}
	if c.bad || c.text != "" || h.rows < 0 {
		return h, errTorn
	}
	return h, nil
}

// resume makes what Kept returns. Rows are read when they are first asked for.
func (f *File) resume(s *summary) {
	slices.Sort(s.names)
	for _, name := range s.names {
		sp := &Space{file: f, name: name}
		db := f.keptDB(sp, s.heads[name])
		f.spaces[name] = sp
		f.kept = append(f.kept, store.Kept{Name: name, DB: db, Parts: s.parts[name], Resume: func(parts store.Parts) store.Space {
			sp.parts = parts
			return sp
		}})
	}
}

// Kept returns the sandboxes that were in the file when it was opened.
func (f *File) Kept() []store.Kept { return f.kept }

// Make makes an engine without rows that is not kept, see Place.
func (f *File) Make(context.Context) (store.Engine, error) { return f.newDB(), nil }

// Close writes what waits, and lets the file go.
func (f *File) Close() error {
	close(f.stop)
	<-f.ended
	var err error
	if f.broken.Load() {
		err = fmt.Errorf("%s: what was last changed could not be written", f.path)
	}
	return errors.Join(err, f.bolt.Close())
}
