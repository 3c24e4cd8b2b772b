package filestore

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/polylink-dev/polylink/store"
)

// again is how long the writer waits after a flush that failed.
const again = 500 * time.Millisecond

// mostArena is how much memory for values is kept from one flush to the next.
const mostArena = 4 << 20

// write writes one flight after the other until the file is closed.
func (f *File) write() {
	defer close(f.ended)
	for {
		select {
		case <-f.wake:
			f.flush()
		case <-f.stop:
			f.flush()
			return
		}
	}
}

// flush writes what waits, in one transaction. Where that fails, it waits on
// together with what comes then.
func (f *File) flush() {
	f.mu.Lock()
	fl := f.next
	f.next, f.flying = nil, fl
	if fl == nil {
		f.mu.Unlock()
		return
	}
	todo := f.todoLocked(fl)
	f.mu.Unlock()

	for _, w := range todo {
		w.gather()
	}
	if f.arena = f.arena[:0]; cap(f.arena) > mostArena {
		f.arena = nil
	}
	err := f.bolt.Update(func(tx *bbolt.Tx) error {
		all := tx.Bucket([]byte(bucketSandboxes))
		for _, w := range todo {
			if err := f.put(all, w); err != nil {
				return fmt.Errorf("sandbox %s: %w", w.name, err)
			}
		}
		return nil
	})

	f.mu.Lock()
	defer f.mu.Unlock()
	f.flying = nil
	switch {
	case err != nil:
		if !f.broken.Swap(true) {
			f.opts.Log.Error("the store cannot be written; nothing is changed until it can", "file", f.path, "error", err)
		}
		f.returnLocked(fl)
		fl.err = fmt.Errorf("%s cannot be written: %w", f.path, store.ErrUnavailable)
		time.AfterFunc(again, f.hurry)
	case f.broken.Swap(false):
		f.opts.Log.Info("the store is written again", "file", f.path)
	}
	close(fl.done)
}

// returnLocked puts what could not be written in front of what waits.
func (f *File) returnLocked(fl *flight) {
	next := f.nextLocked()
	for name := range fl.drops {
		next.drops[name] = true
	}
	for s, p := range fl.spaces {
		if f.spaces[s.name] != s {
			continue
		}
		newer := next.spaces[s]
		if newer == nil {
			next.spaces[s] = p
			continue
		}
		for key, row := range p.rows {
			if _, there := newer.rows[key]; !there {
				newer.rows[key] = row
			}
		}
		maps.Copy(newer.marks, p.marks)
		for key, value := range p.sets {
			if _, there := newer.sets[key]; !there {
				newer.sets[key] = value
			}
		}
		newer.anew = p.anew
		if !newer.moved {
			newer.head, newer.moved = p.head, p.moved
		}
	}
	next.rows += fl.rows
	next.armed = true
}

// work is what a transaction does to one sandbox.
type work struct {
	name string
	of   *Space // nil where it goes
	*pending
	values map[string][]byte // of parts; nil values are deleted
}

// todoLocked makes a list of the work, by name.
func (f *File) todoLocked(fl *flight) []*work {
	var list []*work
	for name := range fl.drops {
		if f.spaces[name] == nil {
			list = append(list, &work{name: name})
		}
	}
	for s, p := range fl.spaces {
		if f.spaces[s.name] == s {
			list = append(list, &work{name: s.name, of: s, pending: p})
		}
	}
	slices.SortFunc(list, func(a, b *work) int { return strings.Compare(a.name, b.name) })
	return list
}

// gather asks for the parts. No lock is held, for they are behind locks of their
// own.
func (w *work) gather() {
	if w.pending == nil {
		return
	}
	w.values = make(map[string][]byte, len(w.marks)+len(w.sets))
	maps.Copy(w.values, w.sets)
	if w.of.parts == nil {
		return
	}
	for key := range w.marks {
		w.values[key] = w.of.parts.Part(key)
	}
}

// put does the work.
func (f *File) put(all *bbolt.Bucket, w *work) error {
	name := []byte(w.name)
	own := all.Bucket(name)
	if own != nil && (w.of == nil || w.anew != nil) {
		if err := all.DeleteBucket(name); err != nil {
			return err
		}
		own = nil
	}
	if w.of == nil {
		return nil
	}
	if own == nil {
		var err error
		if own, err = begun(all, name); err != nil {
			return err
		}
	}
	if w.moved {
		if err := own.Put([]byte(keyHead), sealed([]byte(keyHead), w.head.append(nil))); err != nil {
			return err
		}
	}
	if err := f.putRows(own.Bucket([]byte(bucketRows)), w); err != nil {
		return err
	}
	parts := own.Bucket([]byte(bucketParts))
	for _, key := range slices.Sorted(maps.Keys(w.values)) {
		if err := set(parts, []byte(key), w.values[key]); err != nil {
			return err
		}
	}
	return nil
}

// begun makes the buckets of a sandbox.
func begun(all *bbolt.Bucket, name []byte) (*bbolt.Bucket, error) {
	own, err := all.CreateBucket(name)
	if err != nil {
		return nil, err
	}
	for _, inside := range []string{bucketRows, bucketParts} {
		if _, err := own.CreateBucket([]byte(inside)); err != nil {
			return nil, err
		}
	}
	return own, nil
}

// set puts a value that has no checksum yet, or deletes it. A part whose key is
// longer than the file takes, such as a counter of somebody's endless key, is not
// kept.
func set(b *bbolt.Bucket, key, value []byte) error {
	switch {
	case len(key) == 0 || len(key) > bbolt.MaxKeySize:
		return nil
	case value == nil:
		return b.Delete(key)
	}
	return b.Put(key, sealed(key, value))
}

// item is a row as the file has it; nil is deleted.
type item struct{ key, value []byte }

// putRows writes rows in the order of their keys, which is cheapest.
func (f *File) putRows(b *bbolt.Bucket, w *work) error {
	if w.anew != nil {
		b.FillPercent = 0.9
		err := all(w.anew, func(r *store.Row) error {
			if _, newer := w.rows[rowKey{r.Table, r.Key}]; newer {
				return nil
			}
			key := appendKey(nil, r.Table, r.Key)
			return b.Put(key, seal(f.words.appendRow(nil, r), 0, key))
		})
		if err != nil {
			return err
		}
	}
	items := make([]item, 0, len(w.rows))
	arena := f.arena
	for at, r := range w.rows {
		from := len(arena)
		arena = appendKey(arena, at.table, at.key)
		key := arena[from:len(arena):len(arena)]
		if r == nil {
			items = append(items, item{key, nil})
			continue
		}
		from = len(arena)
		arena = seal(f.words.appendRow(arena, r), from, key)
		items = append(items, item{key, arena[from:len(arena):len(arena)]})
	}
	f.arena = arena
	slices.SortFunc(items, func(a, b item) int { return bytes.Compare(a.key, b.key) })
	for _, it := range items {
		var err error
		if it.value == nil {
			err = b.Delete(it.key)
		} else {
			err = b.Put(it.key, it.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
