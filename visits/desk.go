package visits

import (
	"context"
	"errors"
	"io"
	"net/url"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// Desk is where visits are received. It is safe for concurrent use.
type Desk struct {
	Sandboxes *sandbox.Sandboxes
	Ledger    func(ctx context.Context) *ledger.Ledger
	NoLimits  bool // a page may be opened any number of times
}

var _ hosted.Service = (*Desk)(nil)

var (
	sessionLink    = record.Sessions.MustSlot("link")
	sessionEmail   = record.Sessions.MustSlot("customer_email")
	sessionOutcome = record.Sessions.MustSlot("outcome")
	sessionInput   = record.Sessions.MustSlot("input")
)

// The states of a session that matter here.
const sessionOpen = "open"

// visit is one link, as it is at a moment, and who is there.
type visit struct {
	l    *ledger.Ledger
	sb   *sandbox.Sandbox
	view ledger.View
	now  time.Time
	base string // of the dialect's own addresses

	asked  string         // the dialect in whose words the link was named
	bounds dialect.Bounds // hears of values that are too large

	d       *dialect.Dialect
	res     *dialect.Resource
	row     *store.Row // of the link
	session *store.Row // of the visit, nil where there is none that is open
	query   url.Values // of the page's address
}

// enter finds a link by one of the names that its pages have.
func (d *Desk) enter(ctx context.Context, sb *sandbox.Sandbox, l *ledger.Ledger, name, link, session string) (*visit, error) {
	v := &visit{l: l, sb: sb, asked: name, now: sb.Clock.Now().Truncate(time.Millisecond)}
	rows, err := l.Settled(ctx, sb.DB, sb.DB.Read(ctx), v.now)
	if err != nil {
		return nil, err
	}
	v.view = ledger.ViewOf(ctx, sb.DB, rows)
	if v.row = v.find(name, link); v.row == nil {
		if err := rows.Err(); err != nil {
			return nil, err
		}
		return nil, hosted.ErrNotFound
	}
	it := v.row.Record
	if v.d, v.res = l.Set.Dialect(it.Dialect), l.Home(it); v.res == nil {
		return nil, hosted.ErrNotFound
	}
	v.base = hosted.Base(ctx, v.d.Name)
	if session != "" {
		row := v.view.Get(record.Sessions.Kind, store.RowKey(v.d.Name, session))
		if row != nil && row.Record.Text(sessionLink) == it.ID() && row.Record.Text(record.SlotStatus) == sessionOpen {
			v.session = row
		}
	}
	return v, nil
}

// find looks for a link by its id, by the id that it has in a dialect that
// shows it, by a slot that stands in the addresses of its pages, and by that of
// one of its sessions.
func (v *visit) find(name, link string) *store.Row {
	if row := v.view.Get(record.Links.Kind, store.RowKey(name, link)); row != nil {
		return row
	}
	if alias := v.view.Get(record.Aliases.Kind, store.RowKey(name, link)); alias != nil {
		return v.view.Get(record.Links.Kind, sharing.AliasOf(alias))
	}
	if s := v.view.Get(record.Sessions.Kind, store.RowKey(name, link)); s != nil {
		if s.Record.Text(record.SlotStatus) == sessionOpen {
			v.session = s
		}
		return v.view.Get(record.Links.Kind, store.RowKey(name, s.Record.Text(sessionLink)))
	}
	d := v.l.Set.Dialect(name)
	if d == nil {
		return nil
	}
	for _, slot := range d.PageSlots() {
		if slot == record.SlotID {
			continue
		}
		quoted := record.Quote(link)
		rows := v.view.Scan(record.Links.Kind, "", store.Page{Limit: 1, Keep: func(row *store.Row) bool {
			return row.Record.Get(slot) == quoted && (row.Record.Dialect == name || v.l.Shared && sharing.Shows(d, row.Record))
		}})
		if len(rows) > 0 {
			return rows[0]
		}
	}
	return nil
}

// env is what the texts of the link's page can name.
func (v *visit) env() *dialect.Env {
	it := v.link()
	e := &dialect.Env{Random: v.random()}
	e.Bounds = &v.bounds
	e.Now, e.Base, e.It, e.Link = v.now, v.base, it, it
	if v.session != nil {
		e.Session = v.session.Record
	}
	if v.res.Parent != nil {
		e.Parent = v.record(v.res.Parent.Schema, it.Text(record.SlotParent))
	}
	if v.res.AboutR != nil && v.res.About != nil {
		e.About = v.record(v.res.AboutR.Schema, record.Unquote(v.res.About.Get(it)))
	}
	e.Account = v.record(record.Accounts, it.Text(record.SlotAccount))
	e.Find = func(res *dialect.Resource, id string) *record.Record { return v.record(res.Schema, id) }
	return e
}

// random is what ids are drawn from.
func (v *visit) random() io.Reader {
	if v.l.Random == nil {
		return ids.Random()
	}
	return v.l.Random
}

// record is a record of the link's dialect, nil where there is none.
func (v *visit) record(s *record.Schema, id string) *record.Record {
	if row := v.rowOf(s, id); row != nil {
		return row.Record
	}
	return nil
}

func (v *visit) rowOf(s *record.Schema, id string) *store.Row {
	if id == "" {
		return nil
	}
	return v.view.Get(s.Kind, store.RowKey(v.row.Record.Dialect, id))
}

// sessions is the resource of a dialect's sessions, nil where visits make none.
func (v *visit) sessions() *dialect.Resource {
	if res := v.d.ResourceFor(record.Sessions.Kind); res != nil && res.IDs != nil {
		return res
	}
	return nil
}

// status is the link's, and completed where it is used up.
func (v *visit) status() string {
	status := v.row.Record.Text(record.SlotStatus)
	if status == record.Active && lifecycle.Spent(v.row.Record) {
		return record.Completed
	}
	return status
}

// Open returns the page of a link. A visit makes an open session where the
// dialect has sessions, and something can be done on the page.
func (d *Desk) Open(ctx context.Context, at hosted.Visit) (hosted.Page, error) {
	sb, err := d.Sandboxes.Get(ctx, sandbox.Name(ctx))
	if err != nil {
		return hosted.Page{}, err
	}
	l := d.Ledger(ctx)
	counted := false
	for {
		v, err := d.enter(ctx, sb, l, at.Dialect, at.Link, at.Session)
		if err != nil {
			return hosted.Page{}, err
		}
		v.query = at.Query
		if at.Method == "GET" && !counted {
			if err := d.count(ctx, v); err != nil {
				return hosted.Page{}, err
			}
			counted = true
		}
		if at.Method != "GET" || v.session != nil || v.sessions() == nil || v.status() != record.Active {
			return v.page(), nil
		}
		c := v.visited(ledger.Kind(""), "", nil)
		if err = sb.DB.Commit(ctx, v.batch([]*ledger.Change{c})); err == nil {
			v.session = &store.Row{Record: c.Final()}
			return v.page(), nil
		}
		if !errors.Is(err, store.ErrConflict) || ctx.Err() != nil {
			return hosted.Page{}, err
		}
	}
}

// Act does what a person chose on a page.
func (d *Desk) Act(ctx context.Context, at hosted.Visit, a hosted.Action) (hosted.Result, error) {
	sb, err := d.Sandboxes.Get(ctx, sandbox.Name(ctx))
	if err != nil {
		return hosted.Result{}, err
	}
	v, err := d.enter(ctx, sb, d.Ledger(ctx), at.Dialect, at.Link, at.Session)
	if err != nil {
		return hosted.Result{}, err
	}
	v.query = at.Query
	if v.unknown() != "" {
		return hosted.Result{Page: v.page(), Failed: true}, nil
	}
	kind, outcome := v.chosen(a)
	v, did, err := d.carry(ctx, v, at.Link, Wish{Dialect: at.Dialect, Link: at.Link, Kind: kind, Outcome: outcome, Typed: inputOf(a.Input)})
	switch e, _ := errors.AsType[*record.Error](err); {
	case e != nil && e.Code == record.CodeState: // somebody was faster
		return hosted.Result{Page: v.page(), Failed: true}, nil
	case err != nil:
		return hosted.Result{}, err
	}
	return v.result(did), nil
}

// chosen is what an action asks for. A test card has an outcome of its own.
func (v *visit) chosen(a hosted.Action) (ledger.Kind, string) {
	if a.Cancel {
		return ledger.Cancel, ""
	}
	outcome := a.Outcome
	if h := v.d.Hosted; h != nil && a.Card != "" && h.Cards[a.Card] != "" {
		outcome = h.Cards[a.Card]
	}
	if outcome == dialect.Succeeded {
		return ledger.Complete, outcome
	}
	return ledger.Fail, outcome
}

// Wish is what is asked for without a page.
type Wish struct {
	Dialect, Link string
	Kind          ledger.Kind
	Outcome       string // of a payment
	Typed         *Typed
}

// Do does what the buttons of a page do, in a sandbox, and returns the link
// afterwards. It returns hosted.ErrNotFound where there is no such link, and a
// record.Error with CodeState where nothing can be done about it, or with
// CodeInvalid where what was typed does not fit.
func (d *Desk) Do(ctx context.Context, sb *sandbox.Sandbox, w Wish) (*record.Record, error) {
	v, err := d.enter(ctx, sb, d.Ledger(ctx), w.Dialect, w.Link, "")
	if err != nil {
		return nil, err
	}
	if err := v.fits(w.Typed); err != nil {
		return nil, err
	}
	v, _, err = d.carry(ctx, v, w.Link, w)
	if err != nil {
		return nil, err
	}
	return v.row.Record, nil
}

// done is what came of a wish.
type done struct {
	kind    ledger.Kind
	outcome string
}

// carry carries a wish out, and returns the visit as it is then and what came of
// the wish: what was asked for, or what a scenario makes of a payment, one turn
// after the other.
func (d *Desk) carry(ctx context.Context, v *visit, link string, w Wish) (*visit, done, error) {
	var did done
	for _, turn := range v.turns(w.Kind) {
		did = done{turn.Kind, w.Outcome}
		if turn.Kind != w.Kind {
			did.outcome = v.outcome(turn.Kind)
		}
		if turn.Outcome != "" {
			did.outcome = turn.Outcome
		}
		for {
			changes, err := v.do(turn, did.outcome, w.Typed)
			if err == nil {
				err = v.sb.DB.Commit(ctx, v.batch(changes))
			}
			if err == nil {
				v.after(changes)
				break
			}
			if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrTaken) || ctx.Err() != nil {
				return v, did, err
			}
			if v, err = d.again(ctx, v, link); err != nil {
				return v, did, err
			}
		}
		hold(ctx, v.sb, v.d.Name, turn.Kind.Event(record.Links.Kind))
		next, err := d.again(ctx, v, link)
		if err != nil {
			return v, did, err
		}
		v.view = next.view
		v.row = next.row
		if next.session != nil {
			v.session = next.session
		}
	}
	return v, did, nil
}

// again is a visit on the newest rows.
func (d *Desk) again(ctx context.Context, v *visit, link string) (*visit, error) {
	session := ""
	if v.session != nil {
		session = v.session.Record.ID()
	}
	next, err := d.enter(ctx, v.sb, v.l, v.asked, link, session)
	if err != nil {
		return v, err
	}
	next.query = v.query
	return next, nil
}
