package filestore

import (
	"errors"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// Summary is what a file has.
type Summary struct {
	Format    int
	Sandboxes int
	Rows      int
	Bytes     int64
}

// Check looks a whole file through and changes nothing. Whatever is wrong with
// it, or that there is none, is told with what to do.
func Check(path string) (Summary, error) {
	s, lists, err := examine(path)
	if err == nil {
		_, _, err = newDictionary(lists)
	}
	if err != nil {
		return Summary{}, refused(path, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return Summary{}, err
	}
	return Summary{s.format(), len(s.names), s.rows, info.Size()}, nil
}

// atATime is how many bytes a transaction of Compact copies.
const atATime = 8 << 20

// Compact writes a file anew, without the room of what is gone, and tells how
// many bytes it had and has. The new one takes the place of the old one whole,
// or not at all.
func Compact(path string) (before, after int64, err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return 0, 0, err
	}
	found, err := Check(path)
	if err != nil {
		return 0, 0, err
	}
	from, err := bbolt.Open(path, 0o600, bolt(false))
	if err != nil {
		return 0, 0, refused(path, err)
	}
	defer from.Close()
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return 0, 0, err
	}
	defer os.Remove(temp.Name())
	_ = temp.Close()
	to, err := bbolt.Open(temp.Name(), 0o600, bolt(false))
	if err != nil {
		return 0, 0, err
	}
	if err := errors.Join(bbolt.Compact(to, from, atATime), to.Close()); err != nil {
		return 0, 0, err
	}
	info, err := os.Stat(temp.Name())
	if err != nil {
		return 0, 0, err
	}
	return found.Bytes, info.Size(), os.Rename(temp.Name(), path)
}

// Replace lets write change a copy of a file, or make one where there is none,
// and puts it in the place of the file when that goes well. Meanwhile the file
// is locked, and an error leaves it as it was.
func Replace(path string, write func(copy string) error) error {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	temp, err := os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return refused(path, plain(err))
	}
	defer os.RemoveAll(temp)
	work := filepath.Join(temp, filepath.Base(path))
	if _, err := os.Lstat(path); err == nil {
		old, err := Open(path, Options{})
		if err != nil {
			return err
		}
		defer old.Close()
		if err := old.copy(work); err != nil {
			return refused(path, err)
		}
	}
	if err := write(work); err != nil {
		return err
	}
	return os.Rename(work, path)
}

// copy writes the file as it is now to another one.
func (f *File) copy(to string) error {
	return f.bolt.View(func(tx *bbolt.Tx) error { return tx.CopyFile(to, 0o600) })
}
