package snapshot

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/polylink-dev/polylink/sandbox"
)

// Dump writes sandboxes as one document: their snapshots, each with its name, in
// a list. Load reads it.
func (f Format) Dump(ctx context.Context, w *bufio.Writer, all []*sandbox.Sandbox) error {
	before := fmt.Sprintf(`{"polylink":%d,"sandboxes":[`, Version)
	for _, sb := range all {
		doc, err := f.Take(ctx, sb)
		if err != nil {
			return fmt.Errorf("sandbox %s: %w", sb.Name, err)
		}
		doc.name = sb.Name
		_, _ = w.WriteString(before)
		if err := doc.Write(w); err != nil {
			return fmt.Errorf("sandbox %s: %w", sb.Name, err)
		}
		before = ",\n"
	}
	if len(all) == 0 {
		_, _ = w.WriteString(before)
	}
	_, _ = w.WriteString("]}\n")
	return w.Flush()
}

// Load restores the sandboxes of what Dump wrote, each in the place of the one
// of that name, as they are read, and returns their names. One snapshot by
// itself is that of the default sandbox. Its mistakes are those of Read and
// Restore; what was read before one has been restored then.
func (f Format) Load(ctx context.Context, in io.Reader, sandboxes *sandbox.Sandboxes) (names []string, err error) {
	r := &reader{f: f, in: &validReader{r: in}, out: &Document{}}
	r.dec = json.NewDecoder(r.in)
	r.dec.DisallowUnknownFields()
	r.each = func(doc *Document) error {
		names = append(names, doc.name)
		_, err := f.Restore(ctx, doc, sandboxes, doc.name)
		return err
	}
	if err := r.read(); err != nil || r.first != nil {
		r.release()
		return names, errors.Join(err, r.first)
	}
	if r.dumped {
		return names, nil
	}
	r.out.release, r.out.name = r.release, sandbox.Default
	return names, r.each(r.out)
}

// sandboxes reads the list of a dump, and hands each on when it is read.
func (r *reader) sandboxes() error {
	r.dumped = true
	if t, err := r.dec.Token(); err != nil {
		return r.broken(err)
	} else if t != json.Delim('[') {
		return r.f.invalid("sandboxes must be a list")
	}
	seen := map[string]bool{}
	for n := 1; r.dec.More(); n++ {
		if t, err := r.dec.Token(); err != nil {
			return r.broken(err)
		} else if t != json.Delim('{') {
			return r.f.invalid("sandbox %d is no object", n)
		}
		one := &reader{f: r.f, in: r.in, dec: r.dec, out: &Document{}, named: true}
		err := one.object()
		if err == nil {
			err = errors.Join(one.versioned(), one.first)
		}
		switch name := one.out.name; {
		case err != nil:
			one.release()
			return fmt.Errorf("sandbox %d: %w", n, err)
		case !sandbox.ValidName(name) || seen[name]:
			one.release()
			return r.f.invalid("sandbox %d has the name %q, which is none, or that of another one", n, cut(name))
		default:
			seen[name] = true
		}
		one.out.release = one.release
		if err := r.each(one.out); err != nil {
			return fmt.Errorf("sandbox %s: %w", one.out.name, err)
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return r.broken(err)
	}
	return nil
}

// list tells whether a member is the list of a dump.
func (r *reader) list(name string) bool {
	return r.each != nil && strings.EqualFold(name, "sandboxes")
}
