package dialect

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"

	"github.com/polylink-dev/polylink/internal/yml"
)

// What an expression's faults say. The library's own words are about its
// parser, and its places are within the expression.

var (
	unknownName = regexp.MustCompile(`^unknown name (\S+)`)
	unexpected  = regexp.MustCompile(`^unexpected token \w+\("(.*)"\)`)
	dashedName  = regexp.MustCompile(`\b(header|query)\.([A-Za-z0-9_]+-[A-Za-z0-9_-]*[A-Za-z0-9_])`)
)

// expressionFault reports what is wrong with an expression, at the character
// that is to blame as far as that is known.
func (r *reader) expressionFault(n *yml.Node, src string, c *collector, err error) {
	msg, at := c.err, c.at.From
	if msg == "" {
		var fault *file.Error
		if msg, at = err.Error(), 0; errors.As(err, &fault) {
			msg, at = fault.Message, fault.From
		}
		msg, _, _ = strings.Cut(msg, "\n")
		msg = c.explain(msg, src, at)
	}
	start := 0
	if m := dashedName.FindStringSubmatchIndex(src); m != nil {
		msg, start, at = "a name with - in it is written "+src[m[2]:m[3]]+`["`+src[m[4]:m[5]]+`"]`, m[0], 0
	}
	for ; at > 0 && start < len(src); at-- {
		_, size := utf8.DecodeRuneInString(src[start:])
		start += size
	}
	r.faultIn(n, src, start, "in %q: %s", src, msg)
}

// explain says what to write instead.
func (c *collector) explain(msg, src string, at int) string {
	if m := unknownName.FindStringSubmatch(msg); m != nil {
		name, runes := m[1], []rune(src)
		rest := string(runes[min(at+utf8.RuneCountInString(name), len(runes)):])
		switch {
		case strings.HasPrefix(name, "$"):
			return "variables are written without $ here; write " + name[1:]
		case strings.HasPrefix(strings.TrimSpace(rest), "("):
			return unknownFunction(name)
		}
		return "no variable " + strconv.Quote(name) + " here" + c.scope.instead(name)
	}
	if strings.HasSuffix(msg, "is not callable") {
		name, _, _ := strings.Cut(string([]rune(src)[at:]), "(")
		return unknownFunction(strings.TrimSpace(name))
	}
	if strings.Contains(msg, "has no method") {
		return "values have no methods; write a function, as in len(it.title)"
	}
	if kind, ok := strings.CutPrefix(msg, "expected bool, but got "); ok {
		return "a condition is true or false and this is " + kind + "; compare it with something"
	}
	switch m := unexpected.FindStringSubmatch(msg); {
	case strings.TrimSpace(src) == "":
		return "write an expression"
	case strings.HasPrefix(msg, "unexpected token EOF"):
		return "the expression ends too early"
	case strings.HasPrefix(msg, "literal not terminated"):
		return "the quote has no end"
	case m == nil:
		return msg
	case m[1] == "=":
		return "write == to compare"
	case m[1] == "&" || m[1] == "|":
		return "write && or || to combine conditions"
	default:
		return strconv.Quote(m[1]) + " cannot stand here"
	}
}

// unknownFunction lists the functions that there are.
func unknownFunction(name string) string {
	known := []string{"has", "money", "major", "tail"}
	for f := range allowed {
		known = append(known, f)
	}
	slices.Sort(known)
	hint := yml.DidYouMean(name, known)
	if hint == "" {
		hint = "; there are " + strings.Join(known, ", ")
	}
	return "the function " + name + " is not to be had in mappings" + hint
}

// faultIn reports a fault of a part of a text, at the place that it has in the
// file if the text is written there as it is.
func (r *reader) faultIn(n *yml.Node, part string, offset int, format string, args ...any) {
	at := *n
	if i := strings.Index(n.Value, part); i >= 0 && r.asWritten(n) {
		at.Column += utf8.RuneCountInString(n.Value[:i+offset])
		if !yml.IsPlain(n) {
			at.Column++
		}
	}
	r.faults.Add(r.fileOf(n), &at, format, args...)
}

// asWritten tells whether a text stands in one line of the file, without
// escapes.
func (r *reader) asWritten(n *yml.Node) bool {
	if r.fileOf(n) != r.file || n.Line < 1 || n.Line > len(r.lines) {
		return false
	}
	line := []rune(r.lines[n.Line-1])
	start := n.Column - 1
	if !yml.IsPlain(n) {
		start++
	}
	return start >= 0 && start <= len(line) && strings.HasPrefix(string(line[start:]), n.Value)
}
