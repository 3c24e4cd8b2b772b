package yml

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The library names the line at which the thing began that it was reading,
// often one too early, and no column. What follows finds the text at fault.

const quoteHint = `quote a text that has { }, [ ], ": " or " #" in it, as in at: "GET /links/{id}"`

var (
	lineOf    = regexp.MustCompile(`line (\d+)`)
	noBlank   = regexp.MustCompile(`^ *[A-Za-z0-9_.-]+:[^ ]`)
	unknownOf = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
)

// syntaxFault makes a fault of an error of the library.
func syntaxFault(file string, data []byte, err error) Fault {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	f := Fault{File: file, Line: 1, Col: 1}
	if m := lineOf.FindStringSubmatch(msg); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil && n > 0 {
			f.Line = n
		}
		msg = strings.TrimPrefix(msg, m[0]+": ")
	}
	hint := f.find(data, err, msg)
	f.Msg = "not valid YAML: " + msg
	if hint != "" {
		f.Msg += "; " + hint
	}
	return f
}

// find moves the fault to the text that caused it, and says what to write.
func (f *Fault) find(data []byte, err error, msg string) (hint string) {
	if i := bytes.IndexFunc(data, func(r rune) bool { return r == utf8.RuneError || r < ' ' && r != '\n' && r != '\r' && r != '\t' }); i >= 0 {
		f.at(data, i)
		return "remove the character here"
	}
	if m := unknownOf.FindStringSubmatch(msg); m != nil {
		if i := bytes.Index(data, []byte("*"+m[1])); i >= 0 {
			f.at(data, i)
		}
		return `anchors and aliases are not taken: quote a text that begins with *, as in "*` + m[1] + `"`
	}
	lines := strings.Split(string(data), "\n")
	line := culprit(lines, err)
	text := lines[line-1]
	indent := len(text) - len(strings.TrimLeft(text, " \t"))
	if i := strings.IndexByte(text[:indent], '\t'); i >= 0 {
		f.Line, f.Col = line, i+1
		return "indent with blanks, not tabs"
	}
	s := scanner{src: string(data)}
	for _, found := range s.suspects() {
		g := Fault{}
		g.at(data, found.pos)
		if g.Line >= f.Line && (g.Line <= line && !found.open || openEnded(msg)) {
			f.Line, f.Col = g.Line, g.Col
			return found.hint
		}
	}
	for n := max(f.Line-1, 1); n <= line && strings.HasPrefix(msg, "mapping values"); n++ {
		if m := noBlank.FindStringIndex(lines[n-1]); m != nil {
			f.Line, f.Col = n, m[1]
			return "write a blank behind the colon"
		}
	}
	switch {
	case strings.HasPrefix(msg, "could not find expected ':'"): // it names the right line
		text = lines[min(f.Line, len(lines))-1]
		f.Col = len(text) - len(strings.TrimLeft(text, " \t")) + 1
		return "write key: value"
	case strings.HasPrefix(msg, "did not find expected key"), strings.HasPrefix(msg, "did not find expected '-'"),
		strings.HasPrefix(msg, "mapping values"):
		hint = "indent the line as those that it belongs to"
	}
	f.Line, f.Col = line, indent+1
	return hint
}

// openEnded tells whether an error is about something that may have no end: it
// is the same wherever the file ends behind it.
func openEnded(msg string) bool {
	return strings.Contains(msg, "',' or") || strings.Contains(msg, "node content") || strings.Contains(msg, "end of stream")
}

// at moves the fault to a byte of the file. Columns count characters, as the
// library's do.
func (f *Fault) at(data []byte, i int) {
	before := data[:i]
	f.Line = bytes.Count(before, []byte("\n")) + 1
	f.Col = utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}

// culprit is the number of the line with which the error comes: without it,
// the lines before have none, or another one.
func culprit(lines []string, err error) int {
	n := sort.Search(len(lines), func(i int) bool {
		other := parseAll(strings.Join(lines[:i+1], "\n") + "\n")
		return other != nil && other.Error() == err.Error()
	})
	return min(n+1, len(lines))
}

// parseAll reads two documents and returns the error of the first bad one.
func parseAll(src string) error {
	dec := yaml.NewDecoder(strings.NewReader(src))
	for range 2 {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

// suspect is a text that YAML does not read as it was meant.
type suspect struct {
	pos  int
	hint string
	open bool // a bracket that is not closed, which is known only later
}

// A scanner walks over a file as YAML does, roughly: it knows quotes, comments,
// block texts and brackets, and notes what cannot stand where it does.
type scanner struct {
	src   string
	pos   int
	found []suspect
}

func (s *scanner) note(pos int, hint string) {
	s.found = append(s.found, suspect{pos: pos, hint: hint})
}

// suspects walks over the lines of the file.
func (s *scanner) suspects() []suspect {
	block := -1 // indentation of the line whose block text follows
	for s.pos < len(s.src) {
		line := s.rest()
		indent := len(line) - len(strings.TrimLeft(line, " "))
		if strings.TrimSpace(line) == "" || block >= 0 && indent > block {
			s.skipLine()
			continue
		}
		block = -1
		s.pos += indent
		if s.entry() {
			block = indent
		}
		s.skipLine()
	}
	return s.found
}

// rest is what is left of the line.
func (s *scanner) rest() string {
	line, _, _ := strings.Cut(s.src[s.pos:], "\n")
	return line
}

func (s *scanner) skipLine() { s.pos = min(s.pos+len(s.rest())+1, len(s.src)) }

// entry reads `- `, a key and a value outside of brackets, and tells whether a
// block text follows.
func (s *scanner) entry() (block bool) {
	for key := false; ; {
		s.pos += len(s.rest()) - len(strings.TrimLeft(s.rest(), " "))
		rest, start := s.rest(), s.pos
		switch {
		case rest == "" || rest[0] == '#':
			return false
		case strings.HasPrefix(rest, "- ") && !key:
			s.pos++
			continue
		case rest[0] == '|' || rest[0] == '>':
			return true
		case rest[0] == '\'' || rest[0] == '"':
			s.quoted()
		case rest[0] == '{' || rest[0] == '[':
			touched := s.flow()
			if tail := strings.TrimLeft(s.rest(), " "); touched >= 0 && tail != "" && strings.IndexByte("}]", tail[0]) >= 0 {
				start = touched
			}
		case s.strange():
			return false
		case strings.IndexByte("}],", rest[0]) >= 0:
			s.note(start, quoteHint)
			return false
		default:
			s.plain("")
		}
		rest = s.rest()
		switch trimmed := strings.TrimLeft(rest, " \r"); {
		case trimmed == "" || strings.HasPrefix(trimmed, " #") || trimmed[0] == '#':
			return false
		case trimmed[0] == ':' && !key:
			key = true
			s.pos += strings.IndexByte(rest, ':') + 1
		default:
			s.note(start, quoteHint)
			return false
		}
	}
}

// strange notes a text whose first character YAML takes for something else.
func (s *scanner) strange() bool {
	c, rest := s.src[s.pos], s.rest()[1:]
	named := rest != "" && (rest[0] >= utf8.RuneSelf || strings.IndexByte(" \r,[]{}.:*", rest[0]) < 0)
	if strings.IndexByte("@`%", c) < 0 && (named || c != '*' && c != '&') {
		return false
	}
	s.note(s.pos, "quote a text that begins with "+string(c))
	return true
}

// plain reads a text without quotes, up to `: `, a comment, the end of the line
// or one of some characters.
func (s *scanner) plain(stops string) {
	for ; s.pos < len(s.src); s.pos++ {
		c, next := s.src[s.pos], byte('\n')
		if s.pos+1 < len(s.src) {
			next = s.src[s.pos+1]
		}
		if c == '\n' || strings.IndexByte(stops, c) >= 0 || c == ' ' && next == '#' ||
			c == ':' && (next == ' ' || next == '\n' || next == '\r' || stops != "" && strings.IndexByte(stops, next) >= 0) {
			return
		}
	}
}

// quoted reads a text in quotes.
func (s *scanner) quoted() {
	quote, start := s.src[s.pos], s.pos
	for s.pos++; s.pos < len(s.src); s.pos++ {
		switch c := s.src[s.pos]; {
		case c == '\\' && quote == '"':
			s.pos++
		case c == '\'' && quote == c && strings.HasPrefix(s.src[s.pos+1:], "'"):
			s.pos++
		case c == quote:
			s.pos++
			return
		}
	}
	s.pos = len(s.src)
	s.found = append(s.found, suspect{start, "close the quote that begins here", true})
}

// level is one pair of brackets that is open.
type level struct {
	open  int // where
	value int // where the entry's key or value begins, -1 before it
	colon bool
	line  bool // a line ended since
}

// flow reads brackets and what is in them. It returns where the last text
// begins that runs into a closing bracket, -1 when there is none.
func (s *scanner) flow() (touched int) {
	touched = -1
	levels := []level{{open: s.pos, value: -1}}
	s.pos++
	for s.pos < len(s.src) && len(levels) > 0 {
		l := &levels[len(levels)-1]
		start := s.pos
		switch c := s.src[s.pos]; {
		case c == '\n':
			l.line = true
			s.pos++
		case c == ' ' || c == '\r' || c == '\t':
			s.pos++
		case c == '#' && strings.IndexByte(" \n\t", s.src[s.pos-1]) >= 0:
			s.pos += len(s.rest())
		case c == ',':
			*l = level{open: l.open, value: -1}
			s.pos++
		case c == ':' && l.value >= 0 && !l.colon:
			*l = level{open: l.open, value: -1, colon: true}
			s.pos++
		case c == ':' && l.value >= 0:
			s.note(l.value, s.commaOr(l))
			s.pos++
		case c == '}' || c == ']':
			levels = levels[:len(levels)-1]
			s.pos++
		case c == '{' || c == '[':
			if l.value >= 0 {
				s.note(l.value, s.commaOr(l))
			} else {
				l.value = start
			}
			levels = append(levels, level{open: start, value: -1})
			s.pos++
		default:
			s.scalar(l)
			if s.pos < len(s.src) && (s.src[s.pos] == '}' || s.src[s.pos] == ']') && s.src[s.pos-1] != ' ' {
				touched = start
			}
		}
	}
	if n := len(levels); n > 0 {
		s.found = append(s.found, suspect{levels[n-1].open, "close the bracket that opens here", true})
	}
	return touched
}

// scalar reads a text inside of brackets.
func (s *scanner) scalar(l *level) {
	start := s.pos
	isQuoted := s.src[start] == '\'' || s.src[start] == '"'
	if l.value >= 0 && (isQuoted || !l.line) {
		s.note(l.value, s.commaOr(l))
	}
	if l.value < 0 || l.line {
		l.value = start
	}
	if isQuoted {
		s.quoted()
		return
	}
	s.strange()
	if s.plain(",[]{}"); s.pos == start {
		s.pos++ // a colon on its own
	}
}

// commaOr says what is missing where an entry begins before another ended.
func (s *scanner) commaOr(l *level) string {
	if l.line {
		line := strings.Count(s.src[:l.open], "\n") + 1
		return "put a comma before it, or close the bracket that opens in line " + strconv.Itoa(line)
	}
	return quoteHint
}
