package dialect

import (
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/record"
)

// PathStyle says how the place of a violation is written.
type PathStyle struct {
	before      string // stands before the first name
	left, right string // around the names behind it
	open, close string // around the place in a list
}

var (
	DottedPaths  = &PathStyle{"", ".", "", ".", ""}
	bracketPaths = &PathStyle{"", "[", "]", "[", "]"}
	indexPaths   = &PathStyle{"", ".", "", "[", "]"}
	pointerPaths = &PathStyle{"/", "/", "", "/", ""}
	partPaths    = &PathStyle{"/", "/", "", "/", ""} // until it is shown, see PathParts
)

// PathStyles are the styles by their words.
var PathStyles = map[string]*PathStyle{"dotted": DottedPaths, "brackets": bracketPaths, "indexed": indexPaths, "pointer": pointerPaths, "parts": partPaths}

func (p *PathStyle) index(path string, i int) string {
	return path + p.open + strconv.Itoa(i) + p.close
}

func (p *PathStyle) root(name string) string { return p.before + p.escape(name) }

func (p *PathStyle) member(path, name string) string {
	return path + p.left + p.escape(name) + p.right
}

// pointer escapes what means something in a JSON pointer.
var pointer = strings.NewReplacer("~", "~0", "/", "~1")

func (p *PathStyle) escape(name string) string {
	if p == pointerPaths || p == partPaths {
		return pointer.Replace(name)
	}
	return name
}

// unpointer undoes escape.
var unpointer = strings.NewReplacer("~1", "/", "~0", "~")

// PathParts is a place of the style parts as it is shown: a list that begins with
// body or query, and in which places in lists are whole numbers.
func PathParts(path string) string {
	pointer, inBody := strings.CutPrefix(path, "/")
	if !inBody {
		return `["query",` + record.Quote(path) + "]"
	}
	out := []byte(`["body"`)
	for _, part := range strings.Split(pointer, "/") {
		out = append(out, ',')
		if n, err := strconv.Atoi(part); err == nil && n >= 0 && strconv.Itoa(n) == part {
			out = append(out, part...)
		} else {
			out = record.AppendQuote(out, unpointer.Replace(part))
		}
	}
	return string(append(out, ']'))
}
