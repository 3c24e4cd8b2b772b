package grammar

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/internal/yml"
)

// Reader takes a mapping file apart and collects every diagnostic on the way.
type Reader struct {
	File        string
	Lines       []string // of the file
	Diagnostics *yml.Diagnostics
	other       map[*yml.Node]string // files of the nodes that overrides brought
}

// Report notes a mistake at a node.
func (r *Reader) Report(n *yml.Node, format string, args ...any) {
	r.Diagnostics.Add(r.FileOf(n), n, format, args...)
}

// FileOf is the file that a node is written in.
func (r *Reader) FileOf(n *yml.Node) string {
	if file, ok := r.other[n]; ok {
		return file
	}
	return r.File
}

// WrittenIn notes that a node and all in it come from another file.
func (r *Reader) WrittenIn(n *yml.Node, file string) {
	if r.other == nil {
		r.other = map[*yml.Node]string{}
	}
	r.other[n] = file
	for _, c := range n.Content {
		r.WrittenIn(c, file)
	}
}

// Each calls f for every known word of a construct, in the file's order, and
// returns which there were.
func (r *Reader) Each(n *yml.Node, t *Table, f func(key string, k, v *yml.Node)) (seen Words) {
	seen = Words{}
	if n == nil {
		return seen
	}
	if n.Kind != yml.Mapping {
		r.Report(n, "%s must be a mapping such as { %s: … }", t.What, t.Words[0].Name)
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if !t.Has(k.Value) {
			if other := t.Synonym(k.Value); other != "" && yml.DidYouMean(k.Value, t.Names()) == "" {
				r.Report(k, "no word %q in %s; write %s", k.Value, t.What, other)
				continue
			}
			r.Report(k, "no word %q in %s%s", k.Value, t.What, yml.Instead(k.Value, t.Names()))
			seen[yml.Nearest(k.Value, t.Names())] = true // one diagnostic is enough
			continue
		}
		seen[k.Value] = true
		f(k.Value, k, v)
	}
	return seen
}

// Words are the words that a construct has in a file; nil when it is none at
// all.
type Words map[string]bool

// Needs reports the words that a construct must have and has not.
func (r *Reader) Needs(n *yml.Node, what string, seen Words, example string, needed ...string) {
	if seen == nil {
		return
	}
	var missing []string
	for _, w := range needed {
		if !seen[w] {
			missing = append(missing, w+":")
		}
	}
	if missing != nil {
		r.Report(n, "%s needs %s, as in %s", what, strings.Join(missing, " and "), example)
	}
}

// Entries calls f for every entry of a mapping whose keys are the author's.
func (r *Reader) Entries(n *yml.Node, what string, f func(key string, k, v *yml.Node)) {
	if n == nil {
		return
	}
	if n.Kind != yml.Mapping {
		r.Report(n, "%s must be a mapping of names, as in { name: … }", what)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, n.Content[i], n.Content[i+1])
	}
}

// Text reads a text.
func (r *Reader) Text(n *yml.Node) string {
	if n.Kind == yml.Sequence {
		r.Report(n, "write one text here, not a list")
		return ""
	}
	if n.Kind != yml.Scalar || yml.IsNull(n) {
		r.Report(n, "write a text here")
		return ""
	}
	return n.Value
}

// Name reads the name of something there is; ok is false where there is no
// text, which is reported.
func (r *Reader) Name(n *yml.Node) (name string, ok bool) {
	name = r.Text(n)
	return name, n.Kind == yml.Scalar && !yml.IsNull(n)
}

// Bool reads true or false.
func (r *Reader) Bool(n *yml.Node) bool {
	if n.Kind != yml.Scalar || n.Value != "true" && n.Value != "false" {
		r.Report(n, "write true or false here")
		return false
	}
	return n.Value == "true"
}

// Int reads a whole number.
func (r *Reader) Int(n *yml.Node) int {
	i, err := strconv.Atoi(n.Value)
	if n.Kind != yml.Scalar || err != nil {
		r.Report(n, "write a whole number here")
	}
	return i
}

// IntWithin reads a whole number between two others; what says so.
func (r *Reader) IntWithin(n *yml.Node, least, most int, what string) int {
	i, err := strconv.Atoi(n.Value)
	if n.Kind != yml.Scalar || err != nil || i < least || i > most {
		r.Report(n, "%s", what)
		return least
	}
	return i
}

// Positive reads a whole number above zero.
func (r *Reader) Positive(n *yml.Node) int {
	i, err := strconv.Atoi(n.Value)
	if n.Kind != yml.Scalar || err != nil || i < 1 {
		r.Report(n, "write a whole number above zero here")
		return 1
	}
	return i
}

// Period reads a duration above zero.
func (r *Reader) Period(n *yml.Node) time.Duration {
	d, err := durations.Parse(n.Value)
	if n.Kind != yml.Scalar || err != nil || d <= 0 {
		r.Report(n, "write a duration above zero such as 90s, 15m or 24h here")
		return time.Second
	}
	return d
}

// Duration reads a duration, which may be zero.
func (r *Reader) Duration(n *yml.Node) time.Duration {
	d, err := durations.Parse(n.Value)
	if n.Kind != yml.Scalar || err != nil || d < 0 {
		r.Report(n, "write a duration such as 90s, 15m or 24h here")
	}
	return d
}

// OneOf reads a word out of a closed list.
func (r *Reader) OneOf(n *yml.Node, e Enum) string {
	s, words := n.Value, e.Words
	for _, w := range words {
		if n.Kind == yml.Scalar && s == w {
			return s
		}
	}
	switch choice := strings.Join(words, ", "); {
	case n.Kind == yml.Sequence && len(n.Content) > 0:
		r.Report(n, "write one word, not a list; one of %s", choice)
	case n.Kind != yml.Scalar || s == "":
		r.Report(n, "write one of %s here", choice)
	default:
		r.Report(n, "no %s %q%s; write one of %s", e.What, s, yml.DidYouMean(s, words), choice)
	}
	return words[0]
}

// Set reads a list out of a closed set.
func (r *Reader) Set(n *yml.Node, e Enum) map[string]bool {
	out := map[string]bool{}
	if n.Kind != yml.Sequence {
		r.Report(n, "write a list such as [%s] here", strings.Join(e.Words, ", "))
		return out
	}
	for _, item := range n.Content {
		out[r.OneOf(item, e)] = true
	}
	return out
}

// List reads a text or a list of texts.
func (r *Reader) List(n *yml.Node) []string {
	if n.Kind == yml.Scalar {
		return []string{r.Text(n)}
	}
	if n.Kind != yml.Sequence {
		r.Report(n, "write a list such as [a, b] here")
		return nil
	}
	out := make([]string, 0, len(n.Content))
	for _, c := range n.Content {
		out = append(out, r.Text(c))
	}
	return out
}

// NonEmpty reads a list that is not empty.
func (r *Reader) NonEmpty(n *yml.Node) []string {
	list := r.List(n)
	if n.Kind == yml.Sequence && len(list) == 0 {
		r.Report(n, "write at least one text here, or remove the word")
	}
	return list
}

// Keyword reports a text that looks like a misspelt word of the language where
// any text may stand.
func (r *Reader) Keyword(n *yml.Node, words ...string) {
	if !yml.IsString(n) || !yml.IsPlain(n) || len(n.Value) < 3 || slices.Contains(words, n.Value) {
		return
	}
	if w := yml.Nearest(n.Value, words); w != "" && w[0] == n.Value[0] {
		r.Report(n, "%s looks like %s; write that, or put the text in quotes", n.Value, w)
	}
}

// Items are the values of a list, or the one value that stands for it.
func Items(n *yml.Node) []*yml.Node {
	if n.Kind == yml.Sequence {
		return n.Content
	}
	return []*yml.Node{n}
}

// Pattern reads a regular expression that the whole text must match.
func (r *Reader) Pattern(n *yml.Node) *regexp.Regexp {
	src := r.Text(n)
	_, err := regexp.Compile(src)
	re, whole := regexp.Compile(`^(?:` + src + `)$`)
	if err == nil && whole != nil {
		r.Report(n, `not a regular expression: it has no end; close \Q with \E`)
		return nil
	}
	if err != nil {
		msg := strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		if strings.Contains(src, "(?=") || strings.Contains(src, "(?!") || strings.Contains(src, "(?<=") || strings.Contains(src, "(?<!") {
			msg += "; looking ahead and behind is not supported, write what is there"
		}
		r.Report(n, "not a regular expression: %s", msg)
		return nil
	}
	return re
}

var spanForm = regexp.MustCompile(`^(\d*)\.\.(\d*)$`)

// Range reads 3..100, ..500, 1.. or 5.
func (r *Reader) Range(n *yml.Node) (least, most int) {
	if i, err := strconv.Atoi(n.Value); err == nil && n.Kind == yml.Scalar && i >= 0 {
		return i, i
	}
	m := spanForm.FindStringSubmatch(n.Value)
	if n.Kind != yml.Scalar || m == nil || m[1]+m[2] == "" {
		r.Report(n, "write a range such as 3..100, ..500 or 1.. here")
		return 0, -1
	}
	most = -1
	if m[1] != "" {
		least, _ = strconv.Atoi(m[1])
	}
	if m[2] != "" {
		most, _ = strconv.Atoi(m[2])
	}
	if most >= 0 && least > most {
		r.Report(n, "the range %s is empty; write the smaller number first", n.Value)
	}
	return least, most
}

// JSON turns a YAML value into JSON text, key order and numbers kept.
func (r *Reader) JSON(n *yml.Node) string {
	return string(yml.JSON(n, r.Report))
}

// ReportIn notes a mistake in a part of a text, at the place that it has in the
// file if the text is written there as it is.
func (r *Reader) ReportIn(n *yml.Node, part string, offset int, format string, args ...any) {
	at := r.PlaceIn(n, part, offset)
	at.Msg = fmt.Sprintf(format, args...)
	*r.Diagnostics = append(*r.Diagnostics, at)
}

// PlaceIn is that place, without a message.
func (r *Reader) PlaceIn(n *yml.Node, part string, offset int) yml.Diagnostic {
	at := *n
	if i := strings.Index(n.Value, part); i >= 0 && r.asWritten(n) {
		at.Column += utf8.RuneCountInString(n.Value[:i+offset])
		if !yml.IsPlain(n) {
			at.Column++
		}
	}
	var one yml.Diagnostics
	one.Add(r.FileOf(n), &at, "")
	return one[0]
}

// asWritten tells whether a text stands in one line of the file, without
// escapes.
func (r *Reader) asWritten(n *yml.Node) bool {
	if r.FileOf(n) != r.File || n.Line < 1 || n.Line > len(r.Lines) {
		return false
	}
	line := []rune(r.Lines[n.Line-1])
	start := n.Column - 1
	if !yml.IsPlain(n) {
		start++
	}
	return start >= 0 && start <= len(line) && strings.HasPrefix(string(line[start:]), n.Value)
}
