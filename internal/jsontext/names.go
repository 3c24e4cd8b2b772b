package jsontext

import (
	"encoding/binary"
	"strings"

	"github.com/polylink-dev/polylink/record"
)

// Names are the members that a scan expects in an object, in the order in
// which they mostly come. The zero value expects none.
type Names struct {
	list  []expected
	index map[string]int // places in the list
}

// expected is a member as a body begins it.
type expected struct {
	name, text string // the text is "name":
	head, mask uint64 // its first eight bytes, and which of them are its own
}

// Add adds a name behind the others.
func (n *Names) Add(name string) {
	if n.index == nil {
		n.index = map[string]int{}
	}
	n.index[name] = len(n.list)
	text := record.Quote(name) + ":"
	first := make([]byte, 16)
	copy(first, text[:min(8, len(text))])
	for i := range min(8, len(text)) {
		first[8+i] = 0xff
	}
	n.list = append(n.list, expected{name, text, binary.LittleEndian.Uint64(first), binary.LittleEndian.Uint64(first[8:])})
}

// Place is where a name is in the list, -1 when it is not in it. It looks first
// among those that come next.
func (n *Names) Place(name string, next int) int {
	for i := next; i < len(n.list) && i < next+reach; i++ {
		if n.list[i].name == name {
			return i
		}
	}
	if at, ok := n.index[name]; ok {
		return at
	}
	return -1
}

// reach is how many members a body may leave out for the next one to be still
// found at a glance: bodies mostly come in the order of the list.
const reach = 6

// expect is the place of the name that begins at a byte of a body, among those
// that come next; -1 when it is none of them.
func (n *Names) expect(b []byte, s string, i, next int) int {
	if i+8 > len(b) {
		return -1
	}
	head := binary.LittleEndian.Uint64(b[i:])
	for j := next; j < len(n.list) && j < next+reach; j++ {
		m := &n.list[j]
		if head&m.mask == m.head && (len(m.text) <= 8 || strings.HasPrefix(s[i+8:], m.text[8:])) {
			return j
		}
	}
	return -1
}
