package dialect

import (
	"encoding/binary"
	"strings"

	"github.com/polylink-dev/polylink/record"
)

// tree is the field table as it nests on the wire.
type tree struct {
	path  string
	field *Field
	out   *Field // on the way out, where that is another
	group *group
	kids  map[string]*tree
	order []string
	list  []member // in order
	at    int      // place in the list of the tree around it
}

// member is what a tree expects to find on the wire.
type member struct {
	name, text string // the text is "name":
	head, mask uint64 // its first eight bytes, and which of them are its own
	kid        *tree
}

// put adds a member.
func (t *tree) put(name string, kid *tree) {
	kid.at = len(t.list)
	t.kids[name] = kid
	t.order = append(t.order, name)
	text := record.Quote(name) + ":"
	first := make([]byte, 16)
	copy(first, text[:min(8, len(text))])
	for i := range min(8, len(text)) {
		first[8+i] = 0xff
	}
	t.list = append(t.list, member{name, text, binary.LittleEndian.Uint64(first), binary.LittleEndian.Uint64(first[8:]), kid})
}

// reach is how many members a body may leave out for the next one to be still
// found at a glance: bodies mostly come in the order of the table.
const reach = 6

// expect finds the member that starts at a place of a body among those that
// come next, nil if it is none of them.
func (t *tree) expect(b []byte, s string, i, next int) *member {
	if i+8 > len(b) {
		return nil
	}
	head := binary.LittleEndian.Uint64(b[i:])
	for j := next; j < len(t.list) && j < next+reach; j++ {
		m := &t.list[j]
		if head&m.mask == m.head && (len(m.text) <= 8 || strings.HasPrefix(s[i+8:], m.text[8:])) {
			return m
		}
	}
	return nil
}

// named finds a member, nil if there is none. It looks first among those that
// come next.
func (t *tree) named(name string, next int) (*tree, int) {
	for i := next; i < len(t.order) && i < next+reach; i++ {
		if t.order[i] == name {
			return t.list[i].kid, i + 1
		}
	}
	if kid := t.kids[name]; kid != nil {
		return kid, kid.at + 1
	}
	return nil, next
}
