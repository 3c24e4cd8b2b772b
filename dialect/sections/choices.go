package sections

import (
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/yml"
)

// Choices takes the `choice:` marks out of a file, so that the rest of the
// compiler need not know them. A value that is marked is written
// { is: value, choice: reason }.
func (c Reader) Choices(n *yml.Node, path string, out *[]dialect.Choice) *yml.Node {
	switch n.Kind {
	case yml.Sequence:
		for i, item := range n.Content {
			n.Content[i] = c.Choices(item, path+"."+strconv.Itoa(i), out)
		}
	case yml.Mapping:
		return c.choicesOf(n, path, out)
	}
	return n
}

func (c Reader) choicesOf(n *yml.Node, path string, out *[]dialect.Choice) *yml.Node {
	var is *yml.Node
	kept := n.Content[:0:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		switch {
		case k.Value == "choice":
			one := dialect.Choice{Path: path, File: c.FileOf(k), Line: k.Line, Why: c.Text(v)}
			if strings.TrimSpace(one.Why) == "" && v.Kind == yml.Scalar && !yml.IsNull(v) {
				c.Report(v, "say why it was chosen")
			}
			if Marked(n) {
				one.Is = c.JSON(yml.Get(n, "is"))
			}
			*out = append(*out, one)
			continue
		case isTemplate(k.Value) && v.Kind == yml.Mapping && !Marked(v):
			// The keys of a document are the provider's, whatever they are.
		default:
			v = c.Choices(v, join(path, k.Value), out)
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

// Marked tells whether a value is written { is: value, choice: reason }.
func Marked(n *yml.Node) bool {
	return len(n.Content) == 4 && yml.Get(n, "is") != nil && yml.Get(n, "choice") != nil
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
