// Package yml reads YAML with positions: every diagnostic it or a caller finds
// names file, line and column and says what to write instead.
//
// It is the only package that imports a YAML library, so that a move to
// another one is a change of one line. It knows nothing of mappings, fixtures
// or settings; their readers walk the Nodes. Anchors, aliases, tags of one's
// own and second documents are refused, as are files over MaxSize. Start with
// Parse, then Diagnostics.
package yml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/internal/jsontext"

	"gopkg.in/yaml.v3"
)

// MaxSize is the largest file that is read, in bytes.
const MaxSize = 4 << 20

// Node is a YAML node with its position.
type Node = yaml.Node

// Kinds of nodes.
const (
	Mapping  = yaml.MappingNode
	Sequence = yaml.SequenceNode
	Scalar   = yaml.ScalarNode
)

// Diagnostic is one mistake in a file.
type Diagnostic struct {
	File      string
	Line, Col int
	Msg       string // what, and what to write instead
}

func (f Diagnostic) Error() string { return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Col, f.Msg) }

// Diagnostics is every mistake of a set of files, in order. It is an error when it
// is not empty; use Err.
type Diagnostics []Diagnostic

func (ds Diagnostics) Error() string {
	lines := make([]string, len(ds))
	for i, f := range ds {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Err returns the diagnostics as an error, nil when there are none.
func (ds Diagnostics) Err() error {
	if len(ds) == 0 {
		return nil
	}
	return ds
}

// Add notes a diagnostic at a node.
func (ds *Diagnostics) Add(file string, n *Node, format string, args ...any) {
	line, col := 1, 1
	if n != nil && n.Line > 0 {
		line, col = n.Line, n.Column
	}
	*ds = append(*ds, Diagnostic{file, line, col, fmt.Sprintf(format, args...)})
}

// Unreadable is the diagnostic of a file that cannot be read.
func Unreadable(file string, err error) Diagnostic {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return Diagnostic{file, 1, 1, fmt.Sprintf("it cannot be read: %v; put a file here that can be, or name another", err)}
}

// Sort puts the diagnostics in the order of files, lines and columns, and drops
// repeats.
func (ds *Diagnostics) Sort() {
	list := *ds
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.File != b.File {
			return a.File < b.File
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		if a.Col != b.Col {
			return a.Col < b.Col
		}
		return a.Msg < b.Msg
	})
	out := list[:0]
	for i, f := range list {
		if i == 0 || f != list[i-1] {
			out = append(out, f)
		}
	}
	*ds = out
}

// Parse reads one document. It returns nil for an empty one.
func Parse(file string, data []byte) (*Node, Diagnostics) {
	var found Diagnostics
	if len(data) > MaxSize {
		found.Add(file, nil, "the file is larger than %d bytes; split it", MaxSize)
		return nil, found
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, Diagnostics{syntaxDiagnostic(file, data, err)}
	}
	var second yaml.Node
	if err := dec.Decode(&second); !errors.Is(err, io.EOF) {
		if err != nil {
			return nil, Diagnostics{syntaxDiagnostic(file, data, err)}
		}
		found.Add(file, &second, "a second document starts here; put it into a file of its own")
		return nil, found
	}
	if len(doc.Content) != 1 {
		return nil, nil
	}
	root := doc.Content[0]
	refuse(file, root, &found)
	if len(found) > 0 {
		return nil, found
	}
	return root, nil
}

// refuse finds what no file of ours needs and a hostile one would use, and
// keys that are written twice.
func refuse(file string, n *Node, found *Diagnostics) {
	if n.Anchor != "" || n.Kind == yaml.AliasNode {
		found.Add(file, n, "anchors and aliases are not taken; write the value out")
		return
	}
	if n.Style&yaml.TaggedStyle != 0 {
		found.Add(file, n, "tags are not taken; write the value without %s", n.Tag)
	}
	if n.Kind == yaml.MappingNode {
		seen := make(map[string]int, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if k.Kind != yaml.ScalarNode {
				found.Add(file, k, "a key must be a plain word")
				continue
			}
			if line, twice := seen[k.Value]; twice {
				found.Add(file, k, "key %q is written twice, first in line %d; remove one", k.Value, line)
			}
			seen[k.Value] = k.Line
		}
	}
	for _, c := range n.Content {
		refuse(file, c, found)
	}
}

// Into decodes a document into a struct and refuses keys it does not have.
func Into(file string, data []byte, into any) Diagnostics {
	if _, found := Parse(file, data); len(found) > 0 {
		return found
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	err := dec.Decode(into)
	if err == nil || errors.Is(err, io.EOF) {
		return nil
	}
	if te, ok := errors.AsType[*yaml.TypeError](err); ok {
		var found Diagnostics
		for _, e := range te.Errors {
			f := Diagnostic{file, 1, 1, e}
			if m := lineOf.FindStringSubmatch(e); m != nil {
				f.Line, _ = strconv.Atoi(m[1])
				f.Msg = strings.TrimPrefix(e, m[0]+": ")
			}
			found = append(found, f)
		}
		return found
	}
	return Diagnostics{syntaxDiagnostic(file, data, err)}
}

// Encode writes a value as YAML.
func Encode(v any) ([]byte, error) { return yaml.Marshal(v) }

// Get returns the value of a key of a mapping, or nil.
func Get(n *Node, key string) *Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// IsNull tells whether a node is YAML's null.
func IsNull(n *Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// IsString tells whether a node is a string, quoted or not.
func IsString(n *Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!str" }

// IsPlain tells whether a scalar is written without quotes.
func IsPlain(n *Node) bool {
	return n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
}

// Nearest returns the word of a list that was probably meant, or "". The order
// of the list does not matter.
func Nearest(word string, words []string) string {
	if len(word) > 100 {
		return ""
	}
	// One edit in four letters, two in eight, then one in three: of two short
	// words that are further apart, neither is meant for the other.
	most := len(word) / 3
	switch {
	case word == "":
		return ""
	case len(word) <= 4:
		most = 1
	case len(word) <= 8:
		most = 2
	}
	best, bestAt := "", most+1
	for _, w := range words {
		if d := Distance(word, w); d < bestAt || d == bestAt && best != "" && w < best {
			best, bestAt = w, d
		}
	}
	return best
}

// DidYouMean returns a hint to end a message with, or "".
func DidYouMean(word string, words []string) string {
	if w := Nearest(word, words); w != "" {
		return fmt.Sprintf(", did you mean %q", w)
	}
	return ""
}

// Unknown says that a word is none of those there are, which one was probably
// meant, and which there are.
func Unknown(what, word string, words []string) string {
	sorted := slices.Compact(slices.Sorted(slices.Values(words)))
	return fmt.Sprintf("there is no %s %q%s; write one of %s", what, jsontext.Shorten(word, 80), DidYouMean(word, sorted), strings.Join(sorted, ", "))
}

// Instead returns what to write instead of a word that is not on a list: the
// one that was probably meant, or the whole list where it is short enough to
// be read.
func Instead(word string, words []string) string {
	if hint := DidYouMean(word, words); hint != "" || len(words) == 0 {
		return hint
	}
	sorted := slices.Sorted(slices.Values(words))
	if list := strings.Join(slices.Compact(sorted), ", "); len(list) <= 1000 {
		return "; write one of " + list
	}
	return ""
}

// Distance is the number of edits between two words; two letters that changed
// places are one.
func Distance(a, b string) int {
	var before []int // two rows above
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		above := row
		row = make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before = above
	}
	return row[len(b)]
}

// Article puts a or an before a word.
func Article(word string) string {
	if word != "" && strings.IndexByte("aeiou", word[0]) >= 0 {
		return "an " + word
	}
	return "a " + word
}
