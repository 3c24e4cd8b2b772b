package proxy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

func batch(rows []*store.Row) store.Batch { return store.Batch{Put: rows} }

// key gives a request the client's idempotency key, or one of its own, and tells
// whether the upstream takes one, so that the request may be sent again.
func (o *operation) key(op *dialect.Op, r *client.Request) bool {
	rule := op.Owner.Idempotency
	if rule == nil || !op.Keyed() {
		return false
	}
	key := o.Edge.Key()
	switch {
	case key == "":
		key = (&ids.Spec{UUID: true}).New(o.Env.Now, o.Env.Random)
	case len(key) > rule.Longest:
		sum := sha256.Sum256([]byte(key))
		key = hex.EncodeToString(sum[:min(16, rule.Longest/2)])
	}
	r.Key(op, key)
	return true
}

// pendingKey is the row of a create whose outcome is not known.
func (o *operation) pendingKey(key string) string {
	return store.RowKey(o.b.From.Name, o.pendingID(key))
}

func (o *operation) pendingID(key string) string {
	sum := sha256.Sum256([]byte(o.b.To.Name + "\x00" + o.Account() + "\x00" + o.Mode() + "\x00" + key))
	return "pending " + hex.EncodeToString(sum[:])
}

// outcome notes a create that came to an end which is not known: the upstream
// knows no keys, so the client's retry could make a second link.
func (o *operation) outcome(ctx context.Context, op *dialect.Op, err error) error {
	up, is := errors.AsType[*backend.UpstreamError](err)
	key := o.Edge.Key()
	unsure := is && up.Unknown || ctx.Err() != nil
	if !unsure || key == "" || o.Op.Does != dialect.Create || op.Keyed() {
		return err
	}
	b := store.Batch{Put: []*store.Row{o.pending(key)}, Del: o.outdated()}
	if failed := o.DB.Commit(context.WithoutCancel(ctx), b); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}

// pending is the row of a create whose outcome is not known.
func (o *operation) pending(key string) *store.Row {
	row := o.alias(o.pendingID(key), record.Unquote(record.FormatTime(clock.Real())), pendingList)
	row.Record.Set(record.SlotExpires, record.FormatTime(o.Env.Now.Add(o.b.From.Idempotency.Keep)))
	return row
}

// pendingList is the list that those rows are in, and maxPending how many there
// are at most.
const (
	pendingList = "pending"
	maxPending  = 1000
)

// outdated are some of the rows of creates that no retry will ask about any
// more, and the oldest ones where there are too many.
func (o *operation) outdated() (gone []store.Expect) {
	const some = 16
	rows, list := o.DB.Read(context.WithoutCancel(o.ctx())), store.ScopeKey(o.b.From.Name, "", "", pendingList)
	expired := func(row *store.Row) bool {
		ends, ok := row.Record.Time(record.SlotExpires)
		return ok && !o.Env.Now.Before(ends)
	}
	for _, row := range rows.Scan(record.Aliases.Kind, list, store.Page{Ascending: true, Limit: some}) {
		if expired(row) {
			gone = append(gone, store.Expect{Table: row.Table, Key: row.Key})
		}
	}
	for _, row := range rows.Scan(record.Aliases.Kind, list, store.Page{Skip: maxPending - 1, Limit: some}) {
		if !expired(row) {
			gone = append(gone, store.Expect{Table: row.Table, Key: row.Key})
		}
	}
	return gone
}

// unknown looks for the link that an earlier request with the same key may have
// made; found tells that the call is at an end.
func (o *operation) unknown(ctx context.Context, op *dialect.Op) (res backend.Result, found bool, err error) {
	key := o.Edge.Key()
	if key == "" || op.Keyed() {
		return res, false, nil
	}
	row := o.Rows.Get(record.Aliases.Kind, o.pendingKey(key))
	if row == nil {
		return res, false, nil
	}
	if ends, ok := row.Record.Time(record.SlotExpires); ok && !o.Env.Now.Before(ends) {
		return res, false, nil
	}
	since, _ := record.ParseTime(row.Record.Get(aliasRecord))
	rec, err := o.alike(ctx, op, since.Add(-skew))
	switch {
	case err != nil:
		return res, true, err
	case rec == nil:
		// An error, so that it is not kept under the key itself.
		return res, true, &backend.UpstreamError{Status: o.b.From.Errors.Class(record.CodeConflict).Status, Code: record.CodeConflict,
			Msg: "Whether the first request with this idempotency key has made a link is not known: the upstream " + o.b.Upstream.Name + " did not answer it"}
	}
	res, err = o.done(ctx, o.ours(o.Op.Resource, rec))
	return res, true, err
}

// skew is how far the upstream's clock may be behind ours, and how long before
// its end a call that failed may have made the link.
const skew = 5 * time.Minute

// alike looks through the newest links of the upstream for one that says what
// this request says, and is no older.
func (o *operation) alike(ctx context.Context, op *dialect.Op, since time.Time) (*record.Record, error) {
	list := o.b.list(o.Op)
	if list == nil {
		return nil, nil
	}
	p := o.pages(list, 100, nil)
	recs, problems, err := p.read(ctx)
	if err != nil || len(problems) > 0 {
		return nil, err
	}
	for _, rec := range recs {
		if made, shown := rec.Time(record.SlotCreated); shown && made.Before(since) {
			continue
		}
		if o.says(op, rec) {
			return rec, nil
		}
	}
	return nil, nil
}

// says tells whether a record has everything that the request has said and the
// upstream shows.
func (o *operation) says(op *dialect.Op, rec *record.Record) bool {
	same := 0
	for _, f := range o.Input.Said() {
		place := client.Place(o.Op.Resource, f)
		for _, theirs := range op.Resource.Fields {
			if !theirs.In || !theirs.Out || client.Place(op.Resource, theirs) != place || f.Target != dialect.ToSlot {
				continue
			}
			have, want := theirs.Get(rec), client.Renamed(place, f.Get(o.Env.It), o.theirRef)
			if list, is := theirs.Codec.(*dialect.ListCodec); is && list.Each != nil {
				n, ok := holds(list, have, want)
				if same += n; !ok {
					return false
				}
				continue
			}
			if have != want {
				return false
			}
			same++
		}
	}
	return same > 0
}

// holds tells whether a list of objects that is shown says of each what was
// said, and how many members do: more may be shown.
func holds(c *dialect.ListCodec, shown, said string) (same int, ok bool) {
	if shown == "" {
		return 0, true
	}
	have, want := items(shown), items(said)
	if len(have) != len(want) {
		return 0, false
	}
	for i := range want {
		for _, m := range c.Each {
			v := jsontext.LastMember(want[i], m.Item)
			if !m.In || !m.Out || v.Raw == "" || v.Raw == record.Null {
				continue
			}
			if !jsontext.Same(v, jsontext.LastMember(have[i], m.Item)) {
				return same, false
			}
			same++
		}
	}
	return same, true
}

func items(text string) (out []jsontext.Value) {
	if v := jsontext.ValueOf(text); v.IsArray() {
		v.ForEach(func(_ string, item jsontext.Value) bool {
			out = append(out, item)
			return true
		})
	}
	return out
}
