package template

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"

	"github.com/polylink-dev/polylink/internal/yml"
)

// What the diagnostics of an expression say. The library's own words are about its
// parser, and its places are within the expression.

var (
	unknownName = regexp.MustCompile(`^unknown name (\S+)`)
	unexpected  = regexp.MustCompile(`^unexpected token \w+\("(.*)"\)`)
	dashedName  = regexp.MustCompile(`\b(header|query)\.([A-Za-z0-9_]+-[A-Za-z0-9_-]*[A-Za-z0-9_])`)
)

// noMethods says what to write instead of a method.
const noMethods = "values have no methods; write a function, as in len(it.title)"

// diagnose reports what is wrong with an expression, at the character
// that is to blame as far as that is known.
func (c *collector) diagnose(n *yml.Node, src string, err error) {
	msg, at := c.err, c.at.From
	if msg == "" {
		var wrong *file.Error
		if msg, at = err.Error(), 0; errors.As(err, &wrong) {
			msg, at = wrong.Message, wrong.From
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
	c.scope.ReportIn(n, src, start, "in %q: %s", src, msg)
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
	if strings.Count(src, `"`)%2 == 1 || strings.Count(src, "'")%2 == 1 && !strings.Contains(src, `"`) {
		return "a quote has no end; write it at both ends of the text"
	}
	if strings.HasSuffix(msg, "is not callable") {
		name, _, _ := strings.Cut(string([]rune(src)[at:]), "(")
		return unknownFunction(strings.TrimSpace(name))
	}
	if strings.Contains(msg, "has no method") {
		return noMethods
	}
	msg = goTypes.Replace(msg)
	if kind, ok := strings.CutPrefix(msg, "expected bool, but got "); ok {
		return "a condition is true or false and this is " + kind + "; compare it with something"
	}
	switch m := unexpected.FindStringSubmatch(msg); {
	case strings.TrimSpace(src) == "":
		return "write an expression"
	case strings.HasPrefix(msg, "unexpected token EOF"):
		return "the expression ends too early"
	case strings.Count(src, "(") > strings.Count(src, ")"):
		return "a bracket is open at the end; write ) where it closes"
	case m != nil && m[1] == ":" && strings.Contains(src, "{"):
		return "a map is written in brackets, as in $({ 'name': it.title })"
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

// goTypes says the library's types in the words of the reference.
var goTypes = strings.NewReplacer("time.Duration", "duration", "time.Time", "time", "interface {}", "any value", "[]any value", "list", "map[string]any value", "map")

// Functions lists what expressions can call.
func Functions() []string {
	return append(slices.Sorted(maps.Keys(allowed)), "has", "money", "major", "tail", "seconds", "unix", "duration")
}

// unknownFunction lists the functions that there are.
func unknownFunction(name string) string {
	known := []string{"has", "money", "major", "tail", "seconds", "unix", "duration"}
	for f := range allowed {
		known = append(known, f)
	}
	slices.Sort(known)
	hint := yml.DidYouMean(name, known)
	if hint == "" {
		hint = "; there are " + strings.Join(known, ", ")
	}
	return "the function " + name + " is not available in mappings" + hint
}
