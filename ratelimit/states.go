package ratelimit

import (
	"math/bits"
	"time"

	"github.com/ulule/limiter/v3"
)

// State is what is known of one key under one policy. The zero State is a key
// that was never seen.
//
// A bucket is kept as the moment it will be full, not as a number of tokens:
// refilling then needs no arithmetic, and Part holds the exact rest, so no
// token is lost or won by rounding.
type State struct {
	At    time.Time `json:"at"`             // the last request that counted
	Until time.Time `json:"until"`          // when the window ends, or the bucket is full
	Used  int64     `json:"used,omitempty"` // requests in this window
	Part  int64     `json:"part,omitempty"` // bucket: Until is Part/limit ns later than it says
}

// at returns the state as it is at a time: a window that ended is a new one.
// Where the clock was set back, the state is as it was at its last request.
func (s State) at(now time.Time, kind Kind, rate limiter.Rate) State {
	if kind == Wall {
		if end := now.Truncate(rate.Period).Add(rate.Period); !s.Until.Equal(end) {
			return State{At: now, Until: end}
		}
		return s
	}
	if now.Before(s.At) {
		s.At, s.Until = now, s.Until.Add(now.Sub(s.At))
	}
	left := s.Until.Sub(now)
	if kind == Window {
		if left <= 0 {
			return State{At: now, Until: now.Add(rate.Period)}
		}
		s.Until = now.Add(min(left, rate.Period))
		return s
	}
	if left < 0 || left == 0 && s.Part == 0 {
		return State{At: now, Until: now}
	}
	s.Part = min(s.Part, rate.Limit-1) // a smaller plan has coarser parts
	if left >= rate.Period {
		s.Until, s.Part = now.Add(rate.Period), 0
	}
	return s
}

// add counts n requests, or gives -n back. It needs a state from at, and
// returns it unchanged, and false, when there is no room for all of them.
func (s State) add(now time.Time, kind Kind, rate limiter.Rate, n int64) (State, bool) {
	if n > rate.Limit {
		return s, false
	}
	n = max(n, -rate.Limit)
	next := s
	next.At = now
	switch {
	case kind != Bucket:
		if n > 0 && n > rate.Limit-s.Used {
			return s, false
		}
		next.Used = max(0, s.Used+n)
	case n < 0:
		whole, part := cost(-n, rate)
		next.Until, next.Part = s.Until.Add(-whole), s.Part-part
		if next.Part < 0 {
			next.Until, next.Part = next.Until.Add(-1), next.Part+rate.Limit
		}
		if next.Until.Before(now) {
			next.Until, next.Part = now, 0
		}
	default:
		whole, part := cost(n, rate)
		next.Until, next.Part = s.Until.Add(whole), s.Part+part
		if next.Part >= rate.Limit {
			next.Until, next.Part = next.Until.Add(1), next.Part-rate.Limit
		}
		if left := next.Until.Sub(now); left > rate.Period || left == rate.Period && next.Part > 0 {
			return s, false
		}
	}
	return next, true
}

// remaining returns how many requests there is room for.
func (s State) remaining(now time.Time, kind Kind, rate limiter.Rate) int64 {
	if kind != Bucket {
		return max(0, rate.Limit-s.Used)
	}
	room := rate.Period - s.Until.Sub(now)
	if room <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(room), uint64(rate.Limit))
	lo, borrow := bits.Sub64(lo, uint64(s.Part), 0)
	n, _ := bits.Div64(hi-borrow, lo, uint64(rate.Period))
	return int64(n)
}

// verdict describes the state to the caller.
func (s State) verdict(now time.Time, kind Kind, rate limiter.Rate, allowed bool) Verdict {
	v := Verdict{Allowed: allowed, Limit: rate.Limit, Remaining: s.remaining(now, kind, rate), Reset: s.Until}
	if kind == Bucket && s.Part > 0 {
		v.Reset = v.Reset.Add(1)
	}
	switch {
	case allowed:
	case kind == Bucket:
		whole, part := cost(1, rate)
		v.RetryAfter = max(1, s.Until.Sub(now)+whole-rate.Period+ceil(s.Part+part, rate.Limit))
	default:
		v.RetryAfter = s.Until.Sub(now)
	}
	return v
}

// cost returns how long a bucket needs to gain n tokens: whole nanoseconds and
// the rest in parts of 1/limit. n is at most the limit.
func cost(n int64, rate limiter.Rate) (time.Duration, int64) {
	hi, lo := bits.Mul64(uint64(n), uint64(rate.Period))
	whole, part := bits.Div64(hi, lo, uint64(rate.Limit))
	return time.Duration(whole), int64(part)
}

// ceil returns parts of 1/limit ns as whole nanoseconds, rounded up.
func ceil(parts, limit int64) time.Duration {
	return time.Duration((parts + limit - 1) / limit)
}
