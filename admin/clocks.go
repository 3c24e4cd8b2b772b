package admin

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

const clockExample = `{"now":"2026-01-02T03:04:05Z","frozen":true}, or {"now":null} for real time`

type shownClock struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
}

func showClock(c *call) (any, error) {
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	return shownClock{sb.Clock.Now(), sb.Clock.Frozen()}, nil
}

type clockChange struct {
	Now    json.RawMessage `json:"now,omitempty" schema:"time" doc:"null returns to real time; left out, the clock keeps its time"`
	Frozen *bool           `json:"frozen,omitempty" doc:"whether it stands still there; false when left out"`
}

func setClock(c *call) (any, error) {
	var in clockChange
	if err := c.read(&in, clockExample); err != nil {
		return nil, err
	}
	var to time.Time
	switch {
	case in.Now == nil && in.Frozen == nil:
		return nil, bad("say what to set; send %s", clockExample)
	case in.Now == nil || string(in.Now) == record.Null:
	default:
		if err := json.Unmarshal(in.Now, &to); err != nil || !sane(to) {
			return nil, bad("now must be a time of RFC 3339 between the years 1970 and 9000; send %s", clockExample)
		}
	}
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	frozen := in.Frozen != nil && *in.Frozen
	sb.State.Dues.Set(sb.Clock, func() {
		switch {
		case !to.IsZero():
			sb.Clock.Set(to, frozen)
		case in.Now != nil && !frozen:
			sb.Clock.Unset()
		case in.Now != nil:
			sb.Clock.Unset()
			sb.Clock.Set(sb.Clock.Now(), true)
		case frozen || !sb.Clock.Real():
			sb.Clock.Set(sb.Clock.Now(), frozen)
		}
	})
	return shownClock{sb.Clock.Now(), sb.Clock.Frozen()}, nil
}

// sane keeps clocks where every time can still be written down.
func sane(t time.Time) bool { return t.Year() >= 1970 && t.Year() <= 9000 }

// effect is something that fell due.
type effect struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind" doc:"such as link.expired"`
	Dialect string    `json:"dialect"`
	ID      string    `json:"id"`
}

type advance struct {
	By string `json:"by" need:"true" doc:"a duration such as 90s, 61m or 24h"`
}

type advanceAnswer struct {
	Now     time.Time `json:"now"`
	Frozen  bool      `json:"frozen"`
	Effects []effect  `json:"effects" doc:"what fell due and was not told before, in order"`
}

func advanceClock(c *call) (any, error) {
	var in advance
	const example = `{"by":"61m"}`
	if err := c.read(&in, example); err != nil {
		return nil, err
	}
	by, err := time.ParseDuration(in.By)
	if err != nil || by < 0 {
		return nil, bad("by must be a duration that is not negative, such as 90s, 61m or 24h, and is %q; send %s", cut(in.By), example)
	}
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	if !sane(sb.Clock.Now().Add(by)) {
		return nil, bad("that is past the year 9000; advance by less")
	}
	from, to := sb.State.Dues.Advance(sb.Clock, by)
	return advanceAnswer{to, sb.Clock.Frozen(), c.due(sb, from, to.Truncate(time.Millisecond))}, nil
}

// due lists what falls due after a time and up to another one, in order.
// Nothing has to be written for it to happen: a record past its time is seen
// so by every reader.
func (c *call) due(sb *sandbox.Sandbox, from, to time.Time) []effect {
	out := []effect{}
	reader := sb.DB.Read()
	for _, kind := range record.Kinds() {
		for _, row := range reader.Scan(kind, "", store.Page{Ascending: true}) {
			d := c.o.Set().Dialect(row.Record.Dialect)
			if d == nil {
				continue
			}
			res := d.ResourceFor(kind)
			if res == nil {
				continue
			}
			if at, due := res.Due(row.Record); due && at.After(from) && !at.After(to) {
				out = append(out, effect{At: at, Kind: kind + ".expired", Dialect: d.Name, ID: row.Record.ID()})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b effect) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Dialect, b.Dialect), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.ID, b.ID))
	})
	return out
}
