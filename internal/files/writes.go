package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Replace writes a file whole, in the place of one that is there: a reader
// finds the old one or the new one, never half of one.
func Replace(path string, data []byte, perm fs.FileMode) error {
	return place(path, data, perm, os.Rename)
}

// Create writes a file whole where there is none. Where there is one it is
// left alone, and the error is fs.ErrExist.
func Create(path string, data []byte, perm fs.FileMode) error {
	return place(path, data, perm, os.Link)
}

// place writes a file beside its place, down to the disk, and then moves it
// there.
func place(path string, data []byte, perm fs.FileMode, move func(from, to string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // its own user's alone
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Chmod(f.Name(), perm)
	}
	if err == nil {
		err = move(f.Name(), path)
	}
	_ = os.Remove(f.Name()) // which is gone after a rename
	return err
}
