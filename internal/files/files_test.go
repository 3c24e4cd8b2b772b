//go:build unix

package files

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
)

// kinds makes a folder with one of each kind of file.
func kinds(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "files") // a short name: those of sockets are
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	at := func(name string) string { return filepath.Join(dir, name) }
	ln, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	for _, err := range []error{
		os.WriteFile(at("file"), []byte("0123456789"), 0o600),
		os.Mkdir(at("folder"), 0o700),
		os.WriteFile(at("folder/inner"), []byte("in"), 0o600),
		syscall.Mkfifo(at("pipe"), 0o600),
		os.Symlink("file", at("link")),
		os.Symlink("pipe", at("linked-pipe")),
		os.Symlink("/dev/zero", at("device")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestOnlyRegularFilesAreRead would hang where a pipe or a device is read.
func TestOnlyRegularFilesAreRead(t *testing.T) {
	t.Parallel()
	dir := kinds(t)
	for name, want := range map[string]string{
		"file": "", "link": "", "folder/inner": "",
		"folder":      "it is a folder",
		"pipe":        "it is a named pipe, and only regular files are read",
		"linked-pipe": "it is a named pipe, and only regular files are read",
		"device":      "it is a device, and only regular files are read",
		"socket":      "it is a socket, and only regular files are read",
		"nothing":     "no such file or directory",
	} {
		_, err := Read(filepath.Join(dir, name), 100)
		_, inner := fs.ReadFile(Dir(dir, 100), name)
		for _, err := range []error{err, inner} {
			pe, ok := errors.AsType[*fs.PathError](err)
			if want == "" && err != nil || want != "" && (!ok || pe.Err.Error() != want) {
				t.Errorf("%s: %v, want %q", name, err, want)
			}
		}
		if pe, ok := errors.AsType[*fs.PathError](inner); ok && pe.Path != name {
			t.Errorf("%s is called %s", name, pe.Path)
		}
	}
}

func TestReadStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "large")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(3 << 30); err != nil { // sparse: it takes no room
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("SKIPPED: the file system takes no sparse files: %v", err)
	}
	data, err := Read(path, 1000)
	if err != nil || len(data) != 1001 {
		t.Errorf("read %d bytes, %v; want one more than 1000", len(data), err)
	}
}

func TestDirIsAFileSystem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "a/b"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"x.yaml", "a/b/y.yaml"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := fstest.TestFS(Dir(dir, 100), "x.yaml", "a/b/y.yaml"); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"../x", "/x.yaml", "a/../x.yaml"} {
		if _, err := fs.ReadFile(Dir(dir, 100), name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%s: %v, want it to be no name", name, err)
		}
	}
}

func TestFoldersAreListedWithoutReadingWhatIsInThem(t *testing.T) {
	t.Parallel()
	tree := Dir(kinds(t), 100)
	names, err := fs.Glob(tree, "*/inner")
	if err != nil || strings.Join(names, " ") != "folder/inner" {
		t.Errorf("found %v, %v", names, err)
	}
}
