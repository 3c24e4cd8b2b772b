package dialect

import "github.com/polylink-dev/polylink/internal/jsontext"

// FieldTree is the field table as it nests on the wire.
type FieldTree struct {
	Path  string
	Field *Field
	Out   *Field // on the way out, where that is another
	Group *Group
	Kids  map[string]*FieldTree
	nodes []*FieldTree   // the same, in order
	names jsontext.Names // theirs, as a body has them
	Order []string
}

// Add adds a member.
func (t *FieldTree) Add(name string, kid *FieldTree) {
	t.Kids[name] = kid
	t.Order = append(t.Order, name)
	t.nodes = append(t.nodes, kid)
	t.names.Add(name)
}

// node is the member at a place among the names, nil for none.
func (t *FieldTree) node(at int) *FieldTree {
	if at < 0 {
		return nil
	}
	return t.nodes[at]
}

// named finds a member, nil if there is none, and the place of the one that
// comes behind it. It looks first among those that come next.
func (t *FieldTree) named(name string, next int) (*FieldTree, int) {
	at := t.names.Place(name, next)
	if at < 0 {
		return nil, next
	}
	return t.nodes[at], at + 1
}

// shown is the field of a leaf as answers show it.
func (t *FieldTree) shown() *Field {
	if t.Out != nil {
		return t.Out
	}
	return t.Field
}
