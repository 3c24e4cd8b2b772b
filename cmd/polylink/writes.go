package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// newFile is a file that is to be written.
type newFile struct {
	path string
	data []byte
}

// writeFiles writes all files or none, with the folders that they need. Each is
// written whole under another name first, so that nobody finds half of one; on
// an error whatever was made is taken away again.
func writeFiles(list []newFile) (err error) {
	var made []string // files and folders, in the order in which they were made
	defer func() {
		if err == nil {
			return
		}
		for _, path := range slices.Backward(made) {
			_ = os.Remove(path)
		}
	}()
	parts := make([]string, len(list))
	for i, f := range list {
		folders, err := makeFolders(filepath.Dir(f.path))
		made = append(made, folders...)
		if err != nil {
			return err
		}
		parts[i], err = writePart(f)
		if err != nil {
			return err
		}
		made = append(made, parts[i])
	}
	for i, f := range list {
		if err := os.Rename(parts[i], f.path); err != nil {
			return err
		}
		made = append(made, f.path)
	}
	return nil
}

// makeFolders makes a folder and those above it that are not there, and
// returns the ones it made, the topmost first.
func makeFolders(dir string) (made []string, err error) {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return nil, nil // what is no folder is told when a file is put into it
	}
	if above := filepath.Dir(dir); above != dir {
		if made, err = makeFolders(above); err != nil {
			return made, err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return made, err
	}
	return append(made, dir), nil
}

// writePart writes a file under a name beside its own, down to the disk: some
// systems tell only then that it is full.
func writePart(f newFile) (path string, err error) {
	path = f.path + ".part"
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return "", err
	}
	_, err = file.Write(f.data)
	err = errors.Join(err, file.Sync(), file.Close())
	if err != nil {
		_ = os.Remove(path)
		return "", err
	}
	return path, nil
}
