// Package files reads the user's files without being held up by them.
//
// A named pipe blocks whoever opens it, a device may never end, and a file may
// be larger than what is made of it. So only regular files are opened, without
// waiting, and not more than a limit is read of them. Configuration, mappings
// and fixtures are read through it; what is in them is for others. Every
// refusal is a *fs.PathError. Start with Read and Dir.
package files

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Read reads a regular file up to limit bytes and one more, by which the
// caller knows that it is too large.
func Read(path string, limit int64) ([]byte, error) {
	f, info, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: errFolder}
	}
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	return data, nil
}

// errFolder is said of a folder where a file was expected.
var errFolder = errors.New("it is a folder")

// open opens a regular file or a folder. A pipe that took the place of a file
// since it was looked at is opened without waiting, and refused then.
func open(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if err := ordinary(path, info); err != nil {
		return nil, nil, err
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = ordinary(path, info)
	}
	if err != nil {
		_ = f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// ordinary refuses what is neither a regular file nor a folder.
func ordinary(path string, info fs.FileInfo) error {
	mode := info.Mode()
	if mode.IsRegular() || mode.IsDir() {
		return nil
	}
	what := "no regular file"
	switch {
	case mode&fs.ModeNamedPipe != 0:
		what = "a named pipe"
	case mode&fs.ModeSocket != 0:
		what = "a socket"
	case mode&fs.ModeDevice != 0:
		what = "a device"
	}
	return &fs.PathError{Op: "open", Path: path, Err: errors.New("it is " + what + ", and only regular files are read")}
}

// Dir is a folder as a file system. Reading a whole file of it stops one byte
// past the limit.
func Dir(dir string, limit int64) fs.FS { return &folder{dir, limit} }

type folder struct {
	dir   string
	limit int64
}

// join returns where a name of the folder is.
func (d *folder) join(op, name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	local, err := filepath.Localize(name)
	if err != nil {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return filepath.Join(d.dir, local), nil
}

// named gives an error the name within the folder.
func named(err error, name string) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return &fs.PathError{Op: pe.Op, Path: name, Err: pe.Err}
	}
	return err
}

// Open opens a regular file or a folder.
func (d *folder) Open(name string) (fs.File, error) {
	path, err := d.join("open", name)
	if err != nil {
		return nil, err
	}
	f, _, err := open(path)
	if err != nil {
		return nil, named(err, name)
	}
	return f, nil
}

// ReadFile reads a regular file as Read does.
func (d *folder) ReadFile(name string) ([]byte, error) {
	path, err := d.join("open", name)
	if err != nil {
		return nil, err
	}
	data, err := Read(path, d.limit)
	return data, named(err, name)
}

// Stat looks at a name without opening it.
func (d *folder) Stat(name string) (fs.FileInfo, error) {
	path, err := d.join("stat", name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	return info, named(err, name)
}
