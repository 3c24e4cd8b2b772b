package admin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
)

const clockExample = `{"now":"2026-01-02T03:04:05Z","frozen":true}, {"rate":60} for an hour a minute, or {"now":null} for real time`

// Clock is the time of a sandbox.
type Clock struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
	Rate   float64   `json:"rate" doc:"how fast it runs: 1 is real time, 60 makes a minute of an hour, 0 stands still"`
}

func showClock(c sandbox.Clock) Clock { return Clock{c.Now(), c.Frozen(), c.Rate()} }

// Clock tells the sandbox's time.
func (a *API) Clock(ctx context.Context, _ None) (Clock, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return Clock{}, err
	}
	return showClock(sb.Clock), nil
}

// ClockChange sets the clock.
type ClockChange struct {
	Now    json.RawMessage `json:"now,omitempty" schema:"time" doc:"a time of RFC 3339, or a date for its midnight in UTC; null returns to real time; left out, the clock keeps its time"`
	Frozen *bool           `json:"frozen,omitempty" doc:"whether it stands still there; false when left out"`
	Rate   *float64        `json:"rate,omitempty" doc:"how fast it runs: 60 makes a minute of an hour, 0 stands still; 1 when left out"`
}

// SetClock sets, freezes or frees the clock.
func (a *API) SetClock(ctx context.Context, in ClockChange) (Clock, error) {
	var to time.Time
	switch {
	case in.Now == nil && in.Frozen == nil && in.Rate == nil:
		return Clock{}, bad("say what to set; send %s", clockExample)
	case in.Now == nil || string(in.Now) == record.Null:
	default:
		var text, ok = "", false
		if json.Unmarshal(in.Now, &text) == nil {
			to, ok = readTime(text)
		}
		if !ok {
			return Clock{}, bad("now must be a time of RFC 3339 or a date, between the years 1970 and 9000; send %s", clockExample)
		}
	}
	rate, err := in.rate()
	if err != nil {
		return Clock{}, err
	}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return Clock{}, err
	}
	if in.Now != nil && to.IsZero() {
		sb.Clock.Unset()
	}
	switch {
	case !to.IsZero():
		sb.Clock.Run(to, rate)
	case rate != 1 || !sb.Clock.Real():
		sb.Clock.Run(sb.Clock.Now(), rate)
	}
	if sb.Post != nil {
		sb.Post.Moved()
	}
	return showClock(sb.Clock), nil
}

// rate is how fast the clock is to run.
func (in *ClockChange) rate() (float64, error) {
	switch frozen := in.Frozen != nil && *in.Frozen; {
	case in.Rate == nil && frozen:
		return 0, nil
	case in.Rate == nil:
		return 1, nil
	case *in.Rate < 0 || *in.Rate > clock.MaxRate:
		return 0, bad("rate must be a number from 0 to %d; send %s", clock.MaxRate, clockExample)
	case in.Frozen != nil && frozen != (*in.Rate == 0):
		return 0, bad("a frozen clock has the rate 0, and no other has; send %s", clockExample)
	}
	return *in.Rate, nil
}

// readTime reads a time of RFC 3339, or a date for its midnight in UTC.
func readTime(text string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		at, err = time.Parse(time.DateOnly, text)
	}
	return at, err == nil && clock.InRange(at)
}

// Effect is something that fell due.
type Effect struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind" doc:"such as link.expired, or delivery.attempted with the delivery's id"`
	Dialect string    `json:"dialect"`
	ID      string    `json:"id"`
}

// Advance says by how much the clock is to move on, or to when.
type Advance struct {
	By string `json:"by,omitempty" doc:"a duration such as 90s, 61m, 24h or 7d"`
	To string `json:"to,omitempty" doc:"in place of by: a time of RFC 3339, or a date for its midnight in UTC; not in the past"`
}

// Advanced is the clock after it was moved on, and what that brought.
type Advanced struct {
	Now     time.Time `json:"now"`
	Frozen  bool      `json:"frozen"`
	Effects []Effect  `json:"effects" doc:"what fell due and was not told before, in order"`
}

const advanceExample = `{"by":"61m"} or {"to":"2026-01-02T03:04:05Z"}`

// AdvanceClock moves the clock on and tells what falls due, in order.
func (a *API) AdvanceClock(ctx context.Context, in Advance) (Advanced, error) {
	by, to, err := in.check()
	if err != nil {
		return Advanced{}, err
	}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return Advanced{}, err
	}
	out := Advanced{Effects: []Effect{}}
	move := func() { out, err = a.advance(ctx, sb, by, to) }
	if sb.Post == nil {
		move()
		return out, err
	}
	waiting, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	done, stopped := sb.Post.Outbox().Advance(waiting, move)
	if err == nil && (ctx.Err() != nil || !errors.Is(stopped, context.DeadlineExceeded)) { // what takes longer goes on by itself
		err = stopped
	}
	for _, d := range done {
		out.Effects = append(out.Effects, Effect{d.At, deliveryTried, d.Dialect, d.Delivery})
	}
	slices.SortStableFunc(out.Effects, func(a, b Effect) int { return a.At.Compare(b.At) })
	sb.Post.Moved()
	return out, err
}

// deliveryTried is the kind of an effect that is an attempt of a delivery.
const deliveryTried = "delivery.attempted"

// advance moves the clock on, and writes what falls due.
func (a *API) advance(ctx context.Context, sb *sandbox.Sandbox, by time.Duration, to time.Time) (Advanced, error) {
	switch {
	case to.IsZero() && !clock.InRange(sb.Clock.Now().Add(by)):
		return Advanced{}, bad("that is past the year 9000; advance by less")
	case to.IsZero():
		to = sb.Clock.Advance(by)
	case !sb.Clock.AdvanceTo(to):
		return Advanced{}, bad("to is in the past: it is %s; PUT /__admin/clock sets a clock back", sb.Clock.Now().Format(time.RFC3339Nano))
	}
	list, err := a.ledger(ctx).Effects(ctx, sb.DB, to.Truncate(time.Millisecond))
	if err != nil {
		return Advanced{}, err
	}
	effects := make([]Effect, len(list))
	for i, e := range list {
		effects[i] = Effect(e)
	}
	return Advanced{to, sb.Clock.Frozen(), effects}, nil
}

// check reads by how much to advance, or to when.
func (in Advance) check() (by time.Duration, to time.Time, err error) {
	if (in.By == "") == (in.To == "") {
		return 0, to, bad("send either by, a duration such as 90s, 61m or 7d, or to; as in %s", advanceExample)
	}
	if in.To != "" {
		at, ok := readTime(in.To)
		if !ok {
			return 0, to, bad("to must be a time of RFC 3339 or a date, between the years 1970 and 9000, and is %q; send %s", cut(in.To), advanceExample)
		}
		return 0, at.UTC(), nil
	}
	if by, err = durations.Parse(in.By); err != nil || by < 0 {
		return 0, to, bad("by must be a duration that is not negative, such as 90s, 61m or 7d, and is %q; send %s", cut(in.By), advanceExample)
	}
	return by, to, nil
}
