// Package exchanges reads and plays golden exchanges: files that show, byte by
// byte, what a request is answered with and what it leaves behind.
//
// It stands beside the path and serves tests, fuzzers and documents. A file is
// a txtar archive under fixtures/<dialect>/<operation>/ and tells a short story
// against a World of its own, whose clock stands still and whose randomness is
// seeded, so that playing it twice gives the same bytes. It promises that
// Result.Got is a whole file again, in the form it was written in: writing it
// back is how goldens are made. What the server is, which files there must be
// and what else holds for an answer is the caller's. Start with Parse, then
// Exchange.Play.
//
// The archive's comment says what the file shows, for people. A line of it
// that reads "class: name" says which entry of the dialect's error catalogue
// is shown, one that reads "behaviour: 7" which line of its behaviours.md, and
// one that reads "headers: Retry-After, X-RateLimit-*" which headers the case
// is about; * alone is all of them. The sections are played in their order:
//
//	-- override <path> --    before anything else: another value for a word of
//	                         the mapping file, in YAML, as a configuration sets it
//	-- given --              a canonical record that is there beforehand
//	-- request --            "METHOD /path", header lines, a blank line, the body
//	-- canonical <kind>/<id> --
//	                         the record afterwards, "none" where there is none;
//	                         with * for its id all of the kind, oldest first
//	-- response --           the status, sorted header lines, a blank line, the
//	                         body
//	-- meanwhile --          a request that is sent while the last one is being
//	                         answered: its change is made, its answer on the way
//	-- repeat <n> --         the last request n more times, unchecked
//	-- advance <duration> -- the world's clock moves on, as in 61m
//	-- receiver <name> <statuses> --
//	                         a receiver of webhooks, which answers with these
//	                         statuses and then with 200; none is no answer. Its
//	                         body may say events and active
//	-- delivery --           the next attempt of a delivery: "to" and the name of
//	                         the receiver, sorted header lines, a blank line, the
//	                         body; "none" where there is none
//	-- break <kind>/<id> --  the record becomes unreadable, so that whoever
//	                         touches it fails with an internal error
//
// A body that is JSON is shown indented and travels without white space: the
// bytes that were answered are those of the file with its white space between
// tokens taken out. Where white space matters, the section's name ends in
// verbatim, as in "request verbatim", and the body is shown as it travels.
//
// Of an HTML page the file shows what its main element holds.
//
// An answer shows a header when the case is about it, or when it is not what
// headers.txt, in a folder above, says of all answers; one that headers.txt has
// and the answer lacks is shown as "no Name". Date and Content-Length are left
// out.
//
// Requests and the names of sections may hold words in double braces, each
// replaced before use. {{data.id}} is the value at that gjson path of the
// latest answer's body, {{header X-Request-Id}} a header of it. {{3*ab}} is
// ababab, and in {{3*"k%d":1,}} the %d counts from 1. Header lines of a request
// are sent as they stand; Host is localhost:12121 unless one says otherwise,
// and Content-Length is added.
package exchanges

import (
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"

	"golang.org/x/tools/txtar"
)

// Exchange is one file.
type Exchange struct {
	File       string
	Classes    []string // error classes that the comment claims to show
	Behaviours []int    // numbers of behaviours that it claims to show
	About      []string // headers that it is about, with * for any characters
	Overrides  []Override
	Steps      []Step
	Ordinary   Headers // of the answers

	comment []byte
}

// Override is another value for a word of the dialect's file.
type Override struct {
	Path string
	YAML []byte
}

// Step is one section that is played.
type Step struct {
	Verb Verb
	Arg  string        // what stands behind the verb in the section's name
	N    int           // of a repeat
	By   time.Duration // of an advance
	Text []byte
}

// Verb is the first word of a section's name.
type Verb string

// The verbs.
const (
	Given     Verb = "given"
	Request   Verb = "request"
	Canonical Verb = "canonical"
	Response  Verb = "response"
	Meanwhile Verb = "meanwhile"
	Repeat    Verb = "repeat"
	Advance   Verb = "advance"
	Break     Verb = "break"
	Receiver  Verb = "receiver"
	Delivery  Verb = "delivery"
	override  Verb = "override"
)

// Parse reads a file. An error names the file and the section.
func Parse(file string, data []byte) (*Exchange, error) {
	a := txtar.Parse(data)
	x := &Exchange{File: file, comment: a.Comment}
	for line := range strings.Lines(string(a.Comment)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "class:"); ok {
			x.Classes = append(x.Classes, strings.TrimSpace(name))
		}
		if number, ok := strings.CutPrefix(strings.TrimSpace(line), "behaviour:"); ok {
			n, err := strconv.Atoi(strings.TrimSpace(number))
			if err != nil {
				return nil, fmt.Errorf("%s: behaviour: takes one number: %w", file, err)
			}
			x.Behaviours = append(x.Behaviours, n)
		}
		if names, ok := strings.CutPrefix(strings.TrimSpace(line), "headers:"); ok {
			for name := range strings.SplitSeq(names, ",") {
				x.About = append(x.About, strings.TrimSpace(name))
			}
		}
	}
	asked := false
	for _, f := range a.Files {
		verb, arg, _ := strings.Cut(f.Name, " ")
		s := Step{Verb: Verb(verb), Arg: strings.TrimSpace(arg), Text: f.Data}
		if s.Verb == override && len(x.Steps) == 0 {
			x.Overrides = append(x.Overrides, Override{s.Arg, s.Text})
			continue
		}
		if err := s.check(asked); err != nil {
			return nil, fmt.Errorf("%s: section %q: %w", file, f.Name, err)
		}
		asked = asked || s.Verb == Request
		x.Steps = append(x.Steps, s)
	}
	if !asked {
		return nil, fmt.Errorf("%s: there is no request", file)
	}
	return x, nil
}

// check looks whether a section is one that can be played; asked says whether
// there was a request before it.
func (s *Step) check(asked bool) error {
	var err error
	switch s.Verb {
	case override:
		return fmt.Errorf("overrides come before everything else")
	case Request:
		return s.named()
	case Advance:
		s.By, err = time.ParseDuration(s.Arg)
		return err
	case Break:
		_, _, err = record(s.Arg)
		return err
	case Receiver:
		_, err = s.receiver()
		return err
	case Given:
		return nil
	case Response, Canonical, Meanwhile, Repeat, Delivery:
	default:
		return fmt.Errorf("no such section; there are override, given, request, canonical, response, meanwhile, repeat, advance, break, receiver and delivery")
	}
	if !asked {
		return fmt.Errorf("there was no request before it")
	}
	switch s.Verb {
	case Response, Meanwhile:
		err = s.named()
	case Canonical:
		_, _, err = record(s.Arg)
	case Repeat:
		if s.N, err = strconv.Atoi(s.Arg); err == nil && s.N < 1 {
			err = fmt.Errorf("repeat at least once")
		}
	}
	return err
}

// named looks at what stands behind request, meanwhile or response.
func (s *Step) named() error {
	if s.Arg != "" && s.Arg != verbatim {
		return fmt.Errorf("a %s has no name; write -- %[1]s --, or -- %[1]s %s -- where white space matters", s.Verb, verbatim)
	}
	return nil
}

// record splits kind/id.
func record(name string) (kind, id string, err error) {
	kind, id, ok := strings.Cut(name, "/")
	if !ok || kind == "" || id == "" {
		return "", "", fmt.Errorf("name a record as kind/id, as in link/{{id}}")
	}
	return kind, id, nil
}

// Format is the file as Play would write it, with the answers that it has.
func (x *Exchange) Format() []byte {
	a := &txtar.Archive{Comment: x.comment}
	for _, o := range x.Overrides {
		a.Files = append(a.Files, section(override, o.Path, o.YAML))
	}
	for i := range x.Steps {
		s := &x.Steps[i]
		a.Files = append(a.Files, section(s.Verb, s.Arg, x.spelled(s)))
	}
	return txtar.Format(a)
}

func section(verb Verb, arg string, text []byte) txtar.File {
	return txtar.File{Name: strings.TrimSpace(string(verb) + " " + arg), Data: text}
}

// Load reads every *.txtar in a folder of fsys and below, by name, and what
// headers.txt in one of their folders says of their answers.
func Load(fsys fs.FS, dir string) ([]*Exchange, error) {
	var files []string
	ordinary := map[string]Headers{}
	err := fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir():
			return err
		case path.Ext(name) == ".txtar":
			files = append(files, name)
		case path.Base(name) == headersFile:
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			ordinary[path.Dir(name)], err = ParseHeaders(name, data)
			return err
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for exchanges in %s: %w", dir, err)
	}
	sort.Strings(files)
	list := make([]*Exchange, 0, len(files))
	for _, name := range files {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("read exchange: %w", err)
		}
		x, err := Parse(name, data)
		if err != nil {
			return nil, err
		}
		for above := path.Dir(name); x.Ordinary == nil && above != "."; above = path.Dir(above) {
			x.Ordinary = ordinary[above]
		}
		list = append(list, x)
	}
	return list, nil
}
