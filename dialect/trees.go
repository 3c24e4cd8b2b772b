package dialect

import "github.com/polylink-dev/polylink/internal/jsontext"

// tree is the field table as it nests on the wire.
type tree struct {
	path  string
	field *Field
	out   *Field // on the way out, where that is another
	group *group
	kids  map[string]*tree
	nodes []*tree        // the same, in order
	names jsontext.Names // theirs, as a body has them
	order []string
}

// put adds a member.
func (t *tree) put(name string, kid *tree) {
	t.kids[name] = kid
	t.order = append(t.order, name)
	t.nodes = append(t.nodes, kid)
	t.names.Add(name)
}

// node is the member at a place among the names, nil for none.
func (t *tree) node(at int) *tree {
	if at < 0 {
		return nil
	}
	return t.nodes[at]
}

// named finds a member, nil if there is none, and the place of the one that
// comes behind it. It looks first among those that come next.
func (t *tree) named(name string, next int) (*tree, int) {
	at := t.names.Place(name, next)
	if at < 0 {
		return nil, next
	}
	return t.nodes[at], at + 1
}
