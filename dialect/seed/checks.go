package seed

import (
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// Strays reports the folders of fixtures whose dialect has no mapping file.
func Strays(fsys fs.FS, set *dialect.Set) error {
	names, err := fs.Glob(fsys, "*/world.yaml")
	if err != nil {
		return err
	}
	var found yml.Diagnostics
	for _, name := range names {
		if d := path.Dir(name); !slices.Contains(set.Files, d) {
			found.Add(name, nil, "there is no mapping file %s.yaml for these fixtures%s", d, yml.Instead(d, set.Files))
		}
	}
	return found.Err()
}

// later is a name that can only be looked up when the whole file is read.
type later struct {
	at   *yml.Node
	kind string // of the record that is named
	what string // "account", as messages say it
}

// names notes that a value names a record of the file.
func (r *fixtureReader) names(at *yml.Node, kind, what string) {
	if at != nil && at.Kind == yml.Scalar && !yml.IsNull(at) && at.Value != "" {
		r.later = append(r.later, later{at, kind, what})
	}
}

// named reports names of records that are not in the file.
func (r *fixtureReader) named() {
	for _, l := range r.later {
		if r.ids[l.kind+" "+l.at.Value] == 0 && r.ids[l.kind] == 0 {
			r.Report(l.at, "%s names no %s of this file%s", l.what, l.kind, yml.Instead(l.at.Value, r.known(l.kind)))
		}
	}
}

// known lists the ids of a kind.
func (r *fixtureReader) known(kind string) []string {
	var out []string
	for id := range r.ids {
		if rest, ok := strings.CutPrefix(id, kind+" "); ok && rest != "" {
			out = append(out, rest)
		}
	}
	sort.Strings(out)
	return out
}

// references looks at what a record names: the account that owns it, the errors
// that a credential gets, and what fields of its resources refer to.
func (r *fixtureReader) references(schema *record.Schema, n *yml.Node) {
	r.names(yml.Get(n, "account"), record.Accounts.Kind, "account")
	if schema == record.Credentials {
		for _, key := range []string{"refused", "gate"} {
			if v := yml.Get(n, key); v != nil && v.Kind == yml.Scalar {
				r.class(v)
			}
		}
	}
	for _, res := range r.d.Resources {
		if res.Schema != schema {
			continue
		}
		if res.Parent != nil {
			r.names(yml.Get(n, "parent"), res.Parent.Schema.Kind, "parent")
		}
		for _, f := range res.Fields {
			if f.Target == dialect.ToNothing {
				continue
			}
			name := "ext." + strings.TrimPrefix(f.Ext, r.d.Name+".")
			if f.Target == dialect.ToSlot {
				name = schema.Slots[f.Slot].Name
			}
			if v := yml.Get(n, name); v != nil {
				r.reference(f, v, name)
			}
		}
	}
}

// reference looks at one field of a record.
func (r *fixtureReader) reference(f *dialect.Field, v *yml.Node, name string) {
	if f.Exists != "" {
		r.names(v, r.d.Resources[f.Exists].Schema.Kind, name)
	}
	c, ok := f.Codec.(*dialect.ListCodec)
	if !ok || v.Kind != yml.Sequence {
		return
	}
	for _, item := range v.Content {
		if c.Of != nil {
			r.reference(c.Of, item, name)
		}
		for _, m := range c.Each {
			member := yml.Get(item, m.Item)
			if member == nil || m.Item == "" {
				continue
			}
			if _, ok := m.Codec.(codec.Amount); ok && r.major(member, m.Item, item) {
				continue
			}
			r.reference(m, member, m.Item)
		}
	}
}

// class checks the name of an error.
func (r *fixtureReader) class(n *yml.Node) {
	known := r.d.ErrorCodes()
	for _, code := range record.Codes() {
		known = append(known, string(code))
	}
	if !slices.Contains(known, n.Value) {
		r.Report(n, "no error %q in the catalogue%s", n.Value, yml.Instead(n.Value, known))
	}
}

// major reports money that is not in minor units; of is the mapping with the
// currency.
func (r *fixtureReader) major(n *yml.Node, name string, of *yml.Node) bool {
	if n.Kind != yml.Scalar || !jsontext.IsNumber(n.Value) || !strings.Contains(n.Value, ".") {
		return false
	}
	digits := 2
	if c := yml.Get(of, "currency"); c != nil {
		digits = record.CurrencyDigits(strings.ToUpper(c.Value))
	}
	minor, ok := record.Minor(n.Value, digits)
	if !ok {
		minor = "a whole number"
	}
	r.Report(n, "%s is kept in minor units of its currency; write %s", name, minor)
	return true
}
