package yml

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// suspect is a text that YAML does not read as it was meant.
type suspect struct {
	pos  int
	hint string
	open bool // a bracket or a quote that is not closed, which is known only later
}

// What is wrong inside of quotes, whatever stands around them.
const (
	closeQuote  = "close the quote that begins here"
	noSlash     = `write / without the \ before it`
	noEscape    = `write \\ for a \, or put the text in single quotes`
	noCharacter = "write the digits of a character here, as in \\x2f or \\u20ac"
)

// sure tells whether a suspect is what an error is about, wherever the library
// says that it is.
func (s suspect) sure(msg string) bool {
	switch s.hint {
	case closeQuote:
		return strings.HasSuffix(msg, "end of stream") || strings.HasSuffix(msg, "document indicator")
	case noSlash, noEscape, noCharacter:
		return strings.Contains(msg, "escape") || strings.Contains(msg, "hexadecimal")
	}
	return false
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
		case key && (strings.HasPrefix(rest, "- ") || strings.HasPrefix(rest, "? ")):
			s.note(start, "put an item on a line of its own, or quote a text that begins with "+rest[:1])
			return false
		case rest[0] == '|' || rest[0] == '>':
			if !blockHead.MatchString(rest) {
				s.note(start, "write "+rest[:1]+" alone and the text below it, or quote the text")
			}
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
		case s.src[start] == '\'':
			s.note(start, "put the whole text into the quotes, with '' for each ' in it")
			return false
		case s.src[start] == '"':
			s.note(start, `put the whole text into the quotes, with \" for each " in it`)
			return false
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
	if strings.IndexByte("@`%!", c) < 0 && (named || c != '*' && c != '&') {
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
			s.escape()
			s.pos++
		case c == '\n' && documentEnd(s.src[s.pos+1:]):
			s.found = append(s.found, suspect{start, closeQuote, true})
			return
		case c == '\'' && quote == c && strings.HasPrefix(s.src[s.pos+1:], "'"):
			s.pos++
		case c == quote:
			s.pos++
			return
		}
	}
	s.pos = len(s.src)
	s.found = append(s.found, suspect{start, closeQuote, true})
}

// documentEnd tells whether a text begins with a line that ends a document.
func documentEnd(text string) bool {
	line, _, _ := strings.Cut(text, "\n")
	for _, mark := range []string{"---", "..."} {
		if rest, ok := strings.CutPrefix(line, mark); ok && strings.TrimLeft(rest, " \t\r") != rest || ok && rest == "" {
			return true
		}
	}
	return false
}

// escape notes a backslash in double quotes behind which stands what YAML does
// not know.
func (s *scanner) escape() {
	text := s.src[s.pos+1:]
	if text == "" || strings.IndexByte("0abt\tnvfre \"'\\N_LP\n\r", text[0]) >= 0 {
		return
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[0]]
	switch {
	case digits > 0:
		if n, err := strconv.ParseUint(text[1:min(1+digits, len(text))], 16, 32); err != nil || len(text) <= digits || !utf8.ValidRune(rune(n)) {
			s.note(s.pos, noCharacter)
		}
	case text[0] == '/':
		s.note(s.pos, noSlash)
	default:
		s.note(s.pos, noEscape)
	}
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
		case c == ',' && l.value < 0 && !l.colon:
			s.note(start, "write an entry before the comma, or remove it")
			s.pos++
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
