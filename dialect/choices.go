package dialect

import (
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
)

// Choice is a rule that is ours and not the provider's word.
type Choice struct {
	Path string // dotted path in the file
	File string
	Line int
	Is   string // the value chosen, when it is a plain one
	Why  string
}

// choices takes the `choice:` marks out of a file, so that the rest of the
// compiler need not know them. A value that is marked is written
// { is: value, choice: reason }.
func (r *reader) choices(n *yml.Node, path string, out *[]Choice) *yml.Node {
	switch n.Kind {
	case yml.Sequence:
		for i, c := range n.Content {
			n.Content[i] = r.choices(c, path+"."+strconv.Itoa(i), out)
		}
	case yml.Mapping:
		return r.choicesOf(n, path, out)
	}
	return n
}

func (r *reader) choicesOf(n *yml.Node, path string, out *[]Choice) *yml.Node {
	var is *yml.Node
	kept := n.Content[:0:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Value == "choice":
			c := Choice{Path: path, File: r.fileOf(k), Line: k.Line, Why: r.str(v)}
			if strings.TrimSpace(c.Why) == "" && v.Kind == yml.Scalar && !yml.IsNull(v) {
				r.Report(v, "say why it was chosen")
			}
			if isMarked(n) {
				c.Is = r.jsonOf(yml.Get(n, "is"))
			}
			*out = append(*out, c)
			continue
		case isTemplate(k.Value) && v.Kind == yml.Mapping && !isMarked(v):
			// The keys of a document are the provider's, whatever they are.
		default:
			v = r.choices(v, join(path, k.Value), out)
		}
		if k.Value == "is" {
			is = v
		}
		kept = append(kept, k, v)
	}
	marked := len(kept) != len(n.Content)
	if marked && is != nil && len(kept) == 2 {
		return is
	}
	n.Content = kept
	return n
}

// isTemplate tells which words hold a document to be filled in.
func isTemplate(word string) bool {
	return word == "body" || word == "answer" || word == "value" || word == "const"
}

// isMarked tells whether a value is written { is: value, choice: reason }.
func isMarked(n *yml.Node) bool {
	return len(n.Content) == 4 && yml.Get(n, "is") != nil && yml.Get(n, "choice") != nil
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
