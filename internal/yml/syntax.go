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
// often one too early, and no column. What follows finds the text to blame.

const quoteHint = `quote a text that has { }, [ ], ": " or " #" in it, as in at: "GET /links/{id}"`

var (
	lineOf    = regexp.MustCompile(`line (\d+)`)
	blockHead = regexp.MustCompile(`^[|>]([1-9]?[+-]?|[+-][1-9]) *\r?( #.*)?$`)
	noBlank   = regexp.MustCompile(`^ *[A-Za-z0-9_.-]+:[^ ]`)
	unknownOf = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)
)

// syntaxDiagnostic makes a diagnostic of an error of the library.
func syntaxDiagnostic(file string, data []byte, err error) Diagnostic {
	msg := strings.TrimPrefix(err.Error(), "yaml: ")
	msg = strings.Replace(msg, "hexdecimal", "hexadecimal", 1)
	f := Diagnostic{File: file, Line: 1, Col: 1}
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

// find moves the diagnostic to the text that caused it, and says what to write.
func (f *Diagnostic) find(data []byte, err error, msg string) (hint string) {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return "save the file as UTF-8"
	}
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
		g := Diagnostic{}
		g.at(data, found.pos)
		if found.sure(msg) || g.Line >= f.Line && (g.Line <= line && !found.open || openEnded(msg)) {
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
	case strings.Contains(msg, "<document start>"):
		hint = "a file has one document: remove the line --- or ... before it"
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

// at moves the diagnostic to a byte of the file. Columns count characters, as the
// library's do.
func (f *Diagnostic) at(data []byte, i int) {
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
