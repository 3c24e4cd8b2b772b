package recordings

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/polylink-dev/polylink/internal/exchanges"
)

// Replay answers from recordings. It is safe for concurrent use.
type Replay struct {
	all   []*Exchange
	known map[string]*sequence
}

// sequence is the answers to the same request, in their order; the last one
// stays.
type sequence struct {
	mu   sync.Mutex
	next int
	list []*Exchange
}

// Load reads every recording below a folder. The mistakes in their files are
// told.
func Load(fsys fs.FS) (*Replay, error) {
	r := &Replay{known: map[string]*sequence{}}
	names, err := archives(fsys)
	if err != nil {
		return nil, err
	}
	if len(names) > most {
		return nil, ErrFull
	}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		x, err := parse(name, data)
		if err != nil {
			return nil, err
		}
		r.all = append(r.all, x)
		key := x.key()
		if r.known[key] == nil {
			r.known[key] = &sequence{}
		}
		r.known[key].list = append(r.known[key].list, x)
	}
	return r, nil
}

// Exchanges lists all, in the order in which they were recorded.
func (r *Replay) Exchanges() []*Exchange { return r.all }

// parse reads the first request of a file and its response.
func parse(name string, data []byte) (*Exchange, error) {
	golden, err := exchanges.Parse(name, data)
	if err != nil {
		return nil, err
	}
	x := &Exchange{}
	for i := range golden.Steps {
		s := &golden.Steps[i]
		head, body := s.Parts()
		switch {
		case s.Verb == exchanges.Request && x.Method == "":
			method, target, _ := strings.Cut(head[0], " ")
			dialect, path, ok := strings.Cut(strings.TrimPrefix(target, "/"), "/")
			if !ok {
				return nil, fmt.Errorf("%s: the request names no dialect; write %s /DIALECT/path", name, method)
			}
			x.Method, x.Dialect, x.Path, x.Header, x.Body = method, dialect, "/"+path, headers(head[1:]), string(body)
		case s.Verb == exchanges.Response && x.Status == 0:
			if x.Status, err = strconv.Atoi(head[0]); err != nil || x.Status < 100 || x.Status > 999 {
				return nil, fmt.Errorf("%s: %q is no status", name, head[0])
			}
			x.AnswerHeader, x.Answer = headers(head[1:]), string(body)
		}
	}
	if x.Status == 0 {
		return nil, fmt.Errorf("%s: there is no response", name)
	}
	return x, nil
}

func headers(lines []string) map[string][]string {
	out := map[string][]string{}
	for _, line := range lines {
		if name, value, ok := strings.Cut(line, ":"); ok {
			out[name] = append(out[name], strings.TrimSpace(value))
		}
	}
	return out
}

// key tells requests apart: by method, path, query and body, however these are
// spelt.
func (x *Exchange) key() string {
	path, query, _ := strings.Cut(x.Path, "?")
	return x.Method + " " + path + "?" + sortedQuery(query) + "\n" + normal(x.Body)
}

func sortedQuery(q string) string {
	v, err := url.ParseQuery(q)
	if err != nil {
		return q
	}
	return v.Encode()
}

// normal is a body in one spelling: members and form fields in order.
func normal(body string) string {
	if looks := strings.TrimSpace(body); strings.HasPrefix(looks, "{") || strings.HasPrefix(looks, "[") {
		dec := json.NewDecoder(strings.NewReader(body))
		dec.UseNumber()
		var v any
		if dec.Decode(&v) == nil {
			var out bytes.Buffer
			if json.NewEncoder(&out).Encode(v) == nil {
				return out.String()
			}
		}
	}
	if strings.Contains(body, "=") && !strings.ContainsAny(body, " \n{") {
		return sortedQuery(body)
	}
	return body
}

// Answer finds the recording of a request. The same request again gets the one
// that was recorded next.
func (r *Replay) Answer(asked *Exchange) *Exchange {
	s := r.known[asked.key()]
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.list[s.next]
	if s.next < len(s.list)-1 {
		s.next++
	}
	return x
}

// Nearest is the recording that is most like a request that is not among them,
// and what tells them apart; nil where there are none at all.
func (r *Replay) Nearest(asked *Exchange) (x *Exchange, differs string) {
	best := -1
	for _, have := range r.all {
		if n := likeness(asked, have); n > best {
			best, x = n, have
		}
	}
	if x == nil {
		return nil, ""
	}
	askedPath, askedQuery, _ := strings.Cut(asked.Path, "?")
	path, query, _ := strings.Cut(x.Path, "?")
	switch {
	case x.Method != asked.Method:
		return x, "method"
	case path != askedPath:
		return x, "path"
	case sortedQuery(query) != sortedQuery(askedQuery):
		return x, "query"
	}
	return x, "body"
}

// likeness counts what two requests share, the method and the path before all.
func likeness(a, b *Exchange) int {
	aPath, aQuery, _ := strings.Cut(a.Path, "?")
	bPath, bQuery, _ := strings.Cut(b.Path, "?")
	n := 0
	if a.Method == b.Method {
		n += 1000
	}
	if aPath == bPath {
		n += 10_000
	}
	as, bs := strings.Split(aPath, "/"), strings.Split(bPath, "/")
	for i := 0; i < min(len(as), len(bs)) && as[i] == bs[i]; i++ {
		n += 40
	}
	if len(as) == len(bs) {
		n += 30
	}
	if sortedQuery(aQuery) == sortedQuery(bQuery) {
		n += 5
	}
	if normal(a.Body) == normal(b.Body) {
		n += 5
	}
	return n
}
