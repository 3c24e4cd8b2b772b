// Package recordings keeps exchanges with a real service as golden files, and
// answers from them.
//
// It stands beside a passthrough. What it is given has no secrets any more. A
// file is a txtar archive as package exchanges has it, with one request and
// its response, in a folder named for the operation; numbers give the order. It
// promises that a recording never takes the place of another, and that an
// unknown request finds the nearest one. Start with Open and Recorder.Write,
// then Load and Replay.Answer.
package recordings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/txtar"

	"github.com/polylink-dev/polylink/internal/files"
)

// Exchange is a request and its answer, without secrets.
type Exchange struct {
	Dialect, Operation string // the operation is "" where none matched
	Method             string
	Path               string // the provider's own, escaped, with the query
	Header             map[string][]string
	Body               string

	Status       int
	AnswerHeader map[string][]string
	Answer       string
}

// most is how many files a folder takes.
const most = 10_000

// MaxFile is how large a recording may be: both bodies, spread over lines.
const MaxFile = 64 << 20

// Recorder writes exchanges to a folder. It is safe for concurrent use.
type Recorder struct {
	dir string
	mu  sync.Mutex
	n   int
}

// Open makes a Recorder for a folder, which is made if it is not there, and goes
// on after what is in it.
func Open(dir string) (*Recorder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	names, err := archives(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	r := &Recorder{dir: dir}
	for _, name := range names {
		if n, ok := number(name); ok {
			r.n = max(r.n, n)
		}
	}
	return r, nil
}

// number is the one in a file's name.
func number(name string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(name), ".txtar"))
	return n, err == nil
}

// archives lists the recordings below a folder, by their numbers.
func archives(fsys fs.FS) ([]string, error) {
	var out []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".txtar") {
			out = append(out, name)
		}
		return err
	})
	slices.SortStableFunc(out, func(a, b string) int {
		na, _ := number(a)
		nb, _ := number(b)
		return na - nb
	})
	return out, err
}

// Errors of Write.
var (
	ErrFull   = fmt.Errorf("the folder has %d recordings, which is as many as it takes", most)
	ErrNoText = errors.New("a body is no text that a recording could hold")
)

// Write records an exchange under the next number.
func (r *Recorder) Write(x *Exchange) error {
	data, err := Format(x)
	if err != nil {
		return err
	}
	folder := x.Operation
	if folder == "" {
		folder = "other"
	}
	dir := filepath.Join(r.dir, filepath.Base(folder))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for {
		r.mu.Lock()
		r.n++
		n := r.n
		r.mu.Unlock()
		if n > most {
			return ErrFull
		}
		err := files.Create(filepath.Join(dir, fmt.Sprintf("%04d.txtar", n)), data, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
}

// left are headers that a recording does without: they are about the connection
// or about the moment.
var left = map[string]bool{"Accept-Encoding": true, "Connection": true, "Content-Encoding": true, "Content-Length": true, "Date": true, "Host": true,
	"Transfer-Encoding": true, "User-Agent": true, "X-Polylink-Request": true}

// Format writes an exchange as a file.
func Format(x *Exchange) ([]byte, error) {
	a := &txtar.Archive{Comment: fmt.Appendf(nil, "Recorded: %s %s is answered with %d.\n\n", x.Method, x.Path, x.Status)}
	for _, s := range []struct {
		verb, first string
		header      map[string][]string
		body        string
	}{
		{"request", x.Method + " /" + x.Dialect + x.Path, x.Header, x.Body},
		{"response", strconv.Itoa(x.Status), x.AnswerHeader, x.Answer},
	} {
		head := s.first + "\n"
		for _, name := range sortedNames(s.header) {
			if left[name] {
				continue
			}
			for _, v := range s.header[name] {
				head += name + ": " + v + "\n"
			}
		}
		text, name := s.body, s.verb
		if spread, ok := spread(s.body); ok {
			text = spread
		} else if s.body != "" {
			name += " verbatim"
		}
		if text != "" {
			head += "\n" + text + "\n"
		}
		a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(head)})
	}
	data := txtar.Format(a)
	if got := txtar.Parse(data); len(got.Files) != 2 || bytes.IndexByte(data, 0) >= 0 {
		return nil, ErrNoText
	}
	return data, nil
}

// spread indents JSON that travels without white space.
func spread(body string) (string, bool) {
	var packed, out bytes.Buffer
	if body == "" || json.Compact(&packed, []byte(body)) != nil || packed.String() != body {
		return "", false
	}
	_ = json.Indent(&out, []byte(body), "", "  ")
	return out.String(), true
}

func sortedNames(h map[string][]string) []string {
	out := make([]string, 0, len(h))
	for name := range h {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
