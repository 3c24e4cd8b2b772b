package visits

import (
	"github.com/polylink-dev/polylink/checkout"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
)

// results are what kinds of changes are called in a dialect's file.
var results = map[ledger.Kind]string{ledger.Complete: dialect.Succeeded, ledger.Fail: dialect.Failed, ledger.Cancel: dialect.Cancelled}

// do makes the changes of a visit: the link's own first, then those of what its
// dialect makes or changes along, the session's last.
func (v *visit) do(turn ledger.Turn, outcome string, in *Typed) ([]*ledger.Change, error) {
	kind := turn.Kind
	changes, err := v.l.Pass(v.view, v.row, turn, v.now, func(e *dialect.Env) { v.told(e, outcome, in) })
	if err != nil || kind == ledger.Expire {
		return changes, err
	}
	var session *ledger.Change
	if v.sessions() != nil {
		session = v.visited(kind, outcome, in)
	}
	changes = append(changes, v.along(kind, outcome, in, session)...)
	if session != nil {
		v.settle(session, kind, outcome, in)
		if session.Kind == ledger.Create || session.After != session.Before {
			changes = append(changes, session)
		}
	}
	for _, c := range changes {
		c.Base = v.base
	}
	return changes, v.bounds.Err()
}

// told puts what a person has done into an environment.
func (v *visit) told(e *dialect.Env, outcome string, in *Typed) {
	e.Base, e.Link, e.Outcome, e.Input = v.base, v.link(), outcome, in.value
	if v.session != nil {
		e.Session = v.session.Record
	}
}

// visited is the session as the change that it is: the one of the visit, or a
// new one. It is open.
func (v *visit) visited(kind ledger.Kind, outcome string, in *Typed) *ledger.Change {
	c := &ledger.Change{At: v.now, Base: v.base, Dialect: v.d, Resource: v.sessions()}
	if v.session != nil && v.session.Record.Text(record.SlotStatus) == sessionOpen {
		c.Kind, c.Row, c.Before, c.After = ledger.Update, v.session, v.session.Record, v.session.Record
		return c
	}
	e := v.env()
	v.told(e, outcome, in)
	c.Kind, c.After = ledger.Create, checkout.Session(c.Resource, e, v.record)
	return c
}

// settle writes into the session what has come of it.
func (v *visit) settle(c *ledger.Change, kind ledger.Kind, outcome string, in *Typed) {
	if kind == ledger.Cancel {
		return // it stays open: the person may come back
	}
	e := v.env()
	v.told(e, outcome, in)
	it := c.After.Clone()
	if typed := in.JSON(); typed != "" {
		it.Set(sessionInput, typed)
	}
	it.Set(sessionOutcome, record.Quote(outcome))
	if in != nil && in.Email != "" {
		it.Set(sessionEmail, record.Quote(in.Email))
	}
	if in != nil && in.Quantity > 0 {
		v.total(in.Quantity).Keep(it)
	}
	e.It, e.Session = it, it
	var done *record.Record
	if kind == ledger.Complete {
		done, _ = lifecycle.Complete(c.Resource, e)
	} else {
		done = lifecycle.Move(e, nil)
	}
	switch {
	case c.Kind != ledger.Create:
		c.After = done
		if kind == ledger.Complete {
			c.Kind = ledger.Complete
		}
	case kind == ledger.Complete:
		c.Lapsed, c.Then = done, ledger.Complete
	default:
		c.Lapsed, c.Then = done, ledger.Update
	}
}

// along makes the records that the dialect's file names, and notes in the
// session which they are.
func (v *visit) along(kind ledger.Kind, outcome string, in *Typed, session *ledger.Change) (changes []*ledger.Change) {
	if v.d.Hosted == nil {
		return nil
	}
	for _, r := range v.d.Hosted.Records {
		if !r.On[results[kind]] {
			continue
		}
		e := v.env()
		v.told(e, outcome, in)
		if session != nil {
			e.Session = session.After
		}
		id := record.Unquote(dialect.Value(r.ID, e))
		row := v.rowOf(r.Resource.Schema, id)
		c := &ledger.Change{At: v.now, Dialect: v.d, Resource: r.Resource, Row: row}
		if row != nil {
			e.It = row.Record
		} else {
			e.It = record.New(r.Resource.Schema, v.d.Name)
		}
		if r.When != nil && !r.When.True(&e.Env) || row == nil && r.Resource.IDs == nil {
			continue
		}
		if row == nil {
			v.made(c, r, e)
		} else {
			c.Before, c.After = row.Record, lifecycle.Move(e, r.Set)
			c.Kind = kindOf(row.Record, c.After)
		}
		changes = append(changes, c)
		if r.Into >= 0 && session != nil {
			it := session.After.Clone()
			it.Set(r.Into, c.After.Get(record.SlotID))
			session.After = it
		}
	}
	return changes
}

// made is a record that comes into being, and at once into the state that the
// result brings it to.
func (v *visit) made(c *ledger.Change, r *dialect.ResultRecord, e *dialect.Env) {
	link := v.row.Record
	c.Kind = ledger.Create
	c.After = lifecycle.Make(r.Resource, e, func(it *record.Record) {
		it.Set(record.SlotAccount, link.Get(record.SlotAccount))
		it.Set(record.SlotLive, link.Get(record.SlotLive))
	})
	e.It = c.After
	it := lifecycle.Move(e, r.Set)
	if kind := kindOf(c.After, it); kind != ledger.Update {
		c.Lapsed, c.Then = it, kind
		// What was said of it holds from the beginning, but for its state.
		begun := it.Clone()
		begun.Set(record.SlotStatus, c.After.Get(record.SlotStatus))
		begun.Set(record.SlotVersion, c.After.Get(record.SlotVersion))
		c.After = begun
		return
	}
	it.Set(record.SlotVersion, c.After.Get(record.SlotVersion))
	c.After = it
}

// kindOf is what happens to a record that is one thing and then another.
func kindOf(before, after *record.Record) ledger.Kind {
	if before.Get(record.SlotStatus) == after.Get(record.SlotStatus) {
		return ledger.Update
	}
	switch after.Text(record.SlotStatus) {
	case record.Completed:
		return ledger.Complete
	case "failed":
		return ledger.Fail
	case "cancelled":
		return ledger.Cancel
	}
	return ledger.Update
}

// result is where a person goes after what has been done.
func (v *visit) result(did done) hosted.Result {
	kind, outcome := did.kind, did.outcome
	e := v.env()
	e.Outcome = outcome
	out := hosted.Result{Page: v.page(), Failed: kind == ledger.Fail, Redirect: v.address(results[kind], e), Message: v.text(results[kind], e)}
	switch kind {
	case ledger.Complete:
		out.Heading = "Payment received"
		if out.Page.Setup {
			out.Heading = "Set up"
		}
		out.Message = either(out.Message, "Thank you. Nothing was really charged.")
	case ledger.Cancel:
		out.Heading, out.Message = "Cancelled", either(out.Message, "Nothing was paid.")
	default:
		out.Heading, out.Message = "It did not work", either(out.Message, "The outcome was "+outcome+". Nothing was paid, and it can be tried again.")
	}
	return out
}

// after puts what was written in the place of what was read.
func (v *visit) after(changes []*ledger.Change) {
	link := *v.row
	link.Record = changes[0].Final()
	v.row = &link
	for _, c := range changes {
		it := c.Final()
		if it.Schema != record.Sessions {
			continue
		}
		session := *c.Resource.Row(it)
		v.session = &session
	}
}

// address is where a result leads, "" where a page says what has happened.
func (v *visit) address(result string, e *dialect.Env) string {
	h := v.d.Hosted
	if h == nil || h.Redirects[result] == nil {
		return ""
	}
	r := h.Redirects[result]
	to := record.Unquote(dialect.Value(r.To, e))
	if to == "" || r.When != nil && !r.When.True(&e.Env) {
		return ""
	}
	fill := map[string]string{}
	for _, p := range r.Fill {
		fill[p.Name] = p.Text.Render(&e.Env)
	}
	var add []hosted.Param
	for _, p := range r.Add {
		if text := p.Text.Render(&e.Env); text != "" {
			add = append(add, hosted.Param{Name: p.Name, Value: text})
		}
	}
	return hosted.Target(to, fill, add...)
}
