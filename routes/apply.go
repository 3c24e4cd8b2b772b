package routes

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// find reads a record of a resource by its id on the wire: one of the
// account's world, whoever owns it.
func (x *exchange) find(res *dialect.Resource, id string) *store.Row {
	if spec := res.ID(); spec != nil && spec.UUID && spec.Match(id) {
		id = spec.Prefix + strings.ToLower(id[len(spec.Prefix):]) // a UUID is the same in any case
	}
	row := x.reader.Get(res.Schema.Kind, store.RowKey(x.d.Name, id))
	if row == nil && x.srv.opts.Shared && res.Schema == record.Links {
		if row = x.alias(id); row != nil && x.mode() == "" {
			return row // a dialect without modes sees all
		}
	}
	if row == nil || !res.Both && row.Record.Get(record.SlotLive) != "" && row.Record.Get(record.SlotLive) != x.mode() {
		return nil
	}
	return row
}

// mine tells whether the account owns a record; records without an owner are
// everybody's.
func (x *exchange) mine(row *store.Row) bool {
	if row.Record.Dialect != x.d.Name {
		return true // which only a world of shared links shows
	}
	owner := row.Record.Text(record.SlotAccount)
	return owner == "" || owner == x.account()
}

// parentVar and idVar name the path variables: parents come first, the record
// itself last.
func (x *exchange) parentVar() string { return x.op.Vars[0] }

func (x *exchange) idVar() string {
	if x.op.ByQuery != "" {
		return x.op.ByQuery
	}
	return x.op.Vars[len(x.op.Vars)-1]
}

// id is the id of the record that the request is about, "" when a query that
// should hold it does not.
func (x *exchange) id() string {
	if x.op.ByQuery != "" {
		return x.param(x.op.ByQuery)
	}
	return x.vars[x.idVar()]
}

// onRecord tells whether the operation works on one record that exists.
func (x *exchange) onRecord() bool {
	return x.op.Does == dialect.Get || x.op.Does == dialect.Update || x.op.Does == dialect.Delete
}

// parent finds the record above, or the one that a create is about.
func (x *exchange) parent() *dialect.Problem {
	res := x.op.Resource
	if res == nil || x.op.Does == dialect.Answer || x.op.Does == dialect.Refuse {
		return nil
	}
	if res.Parent != nil {
		name := x.parentVar()
		row := x.find(res.Parent, x.vars[name])
		if row == nil || !x.mine(row) {
			return &dialect.Problem{Code: record.CodeParentNotFound, Path: name, Value: record.Quote(x.vars[name])}
		}
		x.env.Parent = row.Record
	}
	if res.About != nil && x.op.Does == dialect.Create {
		text := x.in.Text(res.About)
		if text == "" {
			return nil
		}
		row := x.find(res.AboutR, record.Unquote(text))
		if row == nil || !x.mine(row) {
			return &dialect.Problem{Code: record.CodeParentNotFound, Path: x.in.PathOf(res.About), Value: text}
		}
		x.env.About = x.shown(res.AboutR, row.Record)
	}
	return nil
}

// exists finds the record itself.
func (x *exchange) exists() *dialect.Problem {
	if !x.onRecord() {
		return nil
	}
	id := x.id()
	if id == "" {
		return &dialect.Problem{Code: record.CodeMissing, Path: x.idVar(), Why: "is required"}
	}
	row := x.find(x.op.Resource, id)
	if row == nil || x.env.Parent != nil && row.Record.Get(record.SlotParent) != x.env.Parent.Get(record.SlotID) {
		return &dialect.Problem{Code: record.CodeNotFound, Path: x.idVar(), Value: record.Quote(id)}
	}
	x.old = row
	return nil
}

// owner checks that the record is the account's; only then does the exchange
// look into it.
func (x *exchange) owner() *dialect.Problem {
	if x.old == nil {
		return nil
	}
	if !x.mine(x.old) {
		id := x.id()
		return &dialect.Problem{Code: record.CodeNotOwner, Path: x.idVar(), Value: record.Quote(id)}
	}
	x.env.Old = x.shown(x.op.Resource, x.old.Record)
	x.env.It = x.env.Old
	return nil
}

// state checks that the record's state allows the operation, and that the
// request was made with that state in mind.
func (x *exchange) state() *dialect.Problem {
	if x.env.Old != nil && x.op.From != nil && !slices.Contains(x.op.From, x.env.Old.Text(record.SlotStatus)) {
		return &dialect.Problem{Code: x.op.StateCode, Path: x.idVar(), Value: record.Quote(x.id())}
	}
	return x.headersKeep(x.op.RequestHeaders)
}

// merge makes the record that the request asks for, once.
func (x *exchange) merge() {
	if x.merged || x.op.Does != dialect.Create && x.op.Does != dialect.Update {
		return
	}
	x.op.Merge(&x.in, &x.env)
	x.merged = true
	if x.old == nil {
		return
	}
	// In what state this dialect shows another's record is not what it says.
	if x.env.It.Get(record.SlotStatus) == x.env.Old.Get(record.SlotStatus) {
		x.env.It.Set(record.SlotStatus, x.old.Record.Get(record.SlotStatus))
	}
	if home := x.st.ledger.Home(x.env.It); home != nil {
		home.Revive(x.old.Record, x.env.It, x.now())
	}
}

func (x *exchange) references() {
	if !x.op.Writes() {
		return
	}
	x.merge()
	x.op.References(&x.in, func(res *dialect.Resource, id string) bool {
		return x.named(res, id) != nil
	})
}

func (x *exchange) rules() {
	if x.op.Writes() {
		x.merge()
		x.op.Rules(&x.in, &x.env)
	}
}

// unique checks that what the record claims is not another's.
func (x *exchange) unique() *dialect.Problem {
	if !x.op.Writes() || x.foreign() {
		return nil
	}
	x.merge()
	res := x.op.Resource
	if p := x.op.TakenID(&x.in); p != nil && x.reader.Get(res.Schema.Kind, x.rowKey()) != nil {
		return p
	}
	for i, key := range res.Claims(x.d.Name, x.env.It) {
		if key == "" {
			continue
		}
		for _, row := range x.reader.Find(res.Schema.Kind, key) {
			if row.Key != x.rowKey() && !res.ClaimEnds(i, row.Record, x.now()) {
				p := res.Taken(i, &x.in)
				return &p
			}
		}
	}
	return nil
}

func (x *exchange) rowKey() string { return store.RowKey(x.d.Name, x.env.It.ID()) }

// apply does what the operation does, after every check has passed.
func (x *exchange) apply() {
	switch x.op.Does {
	case dialect.Refuse:
		x.refuse(dialect.Problem{Code: x.op.Refusal})
	case dialect.List:
		x.answerList()
	case dialect.Create, dialect.Update, dialect.Delete:
		x.commit()
	default:
		x.answer()
		x.succeed()
	}
}

// answer encodes the record in the operation's envelope.
func (x *exchange) answer() {
	x.out = x.out[:0]
	it := x.env.It
	if x.op.Resource != nil && it != nil {
		x.env.It = x.shown(x.op.Resource, it)
		x.env.Item = x.op.Encode(x.env.Item[:0], &x.env)
	}
	x.out = x.op.AppendAnswer(x.out, &x.env)
	x.env.It = it
}

// commit stores the change. When a row changed since it was read, everything
// that depends on the store is looked at again.
func (x *exchange) commit() {
	for {
		b := x.batch()
		err := x.sb.DB.Commit(x.r.Context(), b)
		if err == nil {
			x.noteChanges(b)
			x.succeed()
			return
		}
		if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrTaken) || x.r.Context().Err() != nil {
			x.fail(err)
			return
		}
		if !x.again() {
			return
		}
	}
}

// batch is the change as one conditional step, the answer kept under an
// idempotency key included.
func (x *exchange) batch() store.Batch {
	changes := x.changed()
	x.env.It = changes[0].Final()
	if x.env.It == nil {
		x.env.It = x.env.Old // a deletion answers what there was
	}
	x.answer()
	kept := x.kept(reply{x.op.Status, "application/json", x.out})
	return x.st.ledger.Batch(x.view(), kept, changes...)
}

// view is what the ledger makes a batch from: what the exchange has seen.
func (x *exchange) view() ledger.View {
	return ledger.View{Reader: x.reader, Count: func(table string) int {
		n, _ := x.sb.DB.Count(x.r.Context(), table) // a store that is away takes no batch either
		return n
	}}
}

// changed is what the request changes: its record first, and then those that
// are made along.
func (x *exchange) changed() []*ledger.Change {
	x.merge()
	c := &ledger.Change{Operation: x.op.Name, At: x.now(), By: x.by, Dialect: x.d, Resource: x.op.Resource, Row: x.old, Before: x.env.Old}
	switch {
	case x.op.Does == dialect.Delete:
		c.Kind = ledger.Delete
		return []*ledger.Change{c}
	case x.op.Does == dialect.Create:
		c.Kind, c.After = ledger.Create, x.env.It
	default:
		c.Kind, c.After = ledger.Update, x.env.It
		if x.env.It.Get(record.SlotStatus) == record.Quote(record.Revoked) && c.Before.Get(record.SlotStatus) != c.After.Get(record.SlotStatus) {
			c.Kind = ledger.Revoke
		}
		if !x.op.Touch && !dialect.Changed(x.old.Record, x.env.It) {
			c.After = c.Before
			return []*ledger.Change{c}
		}
	}
	x.own(c.After)
	x.st.ledger.Lapse(c)
	list := []*ledger.Change{c}
	for _, m := range x.env.Made {
		x.own(m.Record)
		list = append(list, &ledger.Change{Kind: ledger.Create, At: x.now(), By: x.by, Dialect: x.d, Resource: m.Resource, After: m.Record})
	}
	return list
}

// by is who asks, for the audit trail.
func (x *exchange) by() ledger.By {
	return ledger.By{
		Credential: digest(x.cred.key)[:12],
		Request: `{"method":` + record.Quote(x.r.Method) + `,"path":` + record.Quote(x.env.Path) + `,"address":` + record.Quote(address(x.r)) +
			`,"user_agent":` + record.Quote(clip(x.r.UserAgent(), 200)) + `}`,
	}
}

// clip cuts a text to so many bytes, and never inside a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// named returns a record that the account may name, or nil.
func (x *exchange) named(res *dialect.Resource, id string) *record.Record {
	for _, m := range x.env.Made {
		if m.Resource.Schema == res.Schema && m.Record.ID() == id {
			return m.Record
		}
	}
	row := x.find(res, id)
	if row == nil || !x.mine(row) {
		return nil
	}
	return row.Record
}
