package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"polylink/dialect"
	"polylink/internal/exchanges"
)

// samples prints a curl line for each operation that has a golden exchange
// which can be typed as it stands.
func (s sheet) samples() error {
	first := true
	for _, op := range s.d.Operations {
		sm, err := findSample(s.f.samples.fs, s.d, op)
		if err != nil {
			return err
		}
		if sm == nil {
			continue
		}
		if first {
			fmt.Fprintf(s.w, "\nTry it\n")
			first = false
		}
		if _, err := fmt.Fprintf(s.w, "  %s answers %d\n    %s\n", op.Name, sm.status, sm.curl(s.addr, s.d.Name)); err != nil {
			return err
		}
	}
	return nil
}

// sample is a request of a golden exchange.
type sample struct {
	method, path string
	headers      [][2]string
	body         string
	status       int // of its answer
}

// documented begins the names of exchanges that show the samples in the
// provider's documents.
const documented = "documented"

// findSample returns the first exchange of an operation that begins with a
// success and needs nothing before it, a documented one if it can be; nil when
// there is none.
func findSample(fsys fs.FS, d *dialect.Dialect, op *dialect.Op) (*sample, error) {
	list, err := exchanges.Load(fsys, d.Name+"/"+op.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	rank := func(x *exchanges.Exchange) int {
		if strings.HasPrefix(path.Base(x.File), documented) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b *exchanges.Exchange) int { return rank(a) - rank(b) })
	for _, x := range list {
		if s := readSample(x); s != nil && s.method == op.Method && s.status/100 == 2 {
			return s, nil
		}
	}
	return nil, nil
}

// readSample reads the request and the status of an exchange that starts with
// them, nil when they cannot be typed at a fresh server of the default
// configuration.
func readSample(x *exchanges.Exchange) *sample {
	if len(x.Overrides) > 0 || x.Steps[0].Verb != exchanges.Request {
		return nil
	}
	text := string(x.Steps[0].Text)
	if strings.Contains(text, "{{") {
		return nil
	}
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSuffix(head, "\n"), "\n")
	s := &sample{body: strings.TrimSuffix(body, "\n")}
	s.method, s.path, _ = strings.Cut(lines[0], " ")
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(name, "Host") {
			return nil
		}
		s.headers = append(s.headers, [2]string{name, strings.TrimSpace(value)})
	}
	for _, step := range x.Steps[1:] {
		if step.Verb == exchanges.Response {
			status, _, _ := strings.Cut(string(step.Text), "\n")
			number, _, _ := strings.Cut(strings.TrimSpace(status), " ")
			s.status, _ = strconv.Atoi(number)
			return s
		}
		if step.Verb != exchanges.Canonical {
			return nil
		}
	}
	return nil
}

// curl writes the request as a command line for any shell.
func (s *sample) curl(addr, dialect string) string {
	at := s.path
	if !strings.HasPrefix(at, "/"+dialect+"/") {
		at = "/" + dialect + at
	}
	var b strings.Builder
	b.WriteString("curl -i")
	if s.method != "GET" {
		b.WriteString(" -X " + s.method)
	}
	b.WriteString(" " + quoteShell("http://"+addr+at))
	for _, h := range s.headers {
		if user, ok := basicUser(h); ok {
			b.WriteString(" -u " + quoteShell(user))
			continue
		}
		b.WriteString(" -H " + quoteShell(h[0]+": "+h[1]))
	}
	if s.body != "" {
		b.WriteString(" -d " + quoteShell(s.body))
	}
	return b.String()
}

// basicUser reads the user and password that an Authorization header carries.
func basicUser(h [2]string) (string, bool) {
	encoded, ok := strings.CutPrefix(h[1], "Basic ")
	if !strings.EqualFold(h[0], "Authorization") || !ok {
		return "", false
	}
	plain, err := base64.StdEncoding.DecodeString(encoded)
	return string(plain), err == nil
}

// quoteShell quotes a word for the shell.
func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
