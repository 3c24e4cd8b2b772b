package dialect

import (
	"strconv"
	"strings"
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
)

// PathStyles are the styles by their words.
var PathStyles = map[string]*PathStyle{"dotted": DottedPaths, "brackets": bracketPaths, "indexed": indexPaths, "pointer": pointerPaths}

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
	if p == pointerPaths {
		return pointer.Replace(name)
	}
	return name
}
