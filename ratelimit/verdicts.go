package ratelimit

import "time"

// Verdict is the answer to one request, with what a dialect's headers need.
type Verdict struct {
	Allowed    bool
	Limit      int64         // the count in force
	Remaining  int64         // whole requests left at this moment
	Reset      time.Time     // window, wall: when it ends; bucket: when it is full
	RetryAfter time.Duration // until one request is possible; 0 when allowed
}

// ResetUnix returns Reset in whole seconds of Unix time, rounded up: a client
// that comes back at that second is not too early.
func (v Verdict) ResetUnix() int64 {
	if v.Reset.Nanosecond() > 0 {
		return v.Reset.Unix() + 1
	}
	return v.Reset.Unix()
}

// Emptied is the verdict on a request that the policy refuses at a moment,
// for answers that are asked for without requests before them.
func (v Verdict) Emptied(p *Policy, now time.Time) Verdict {
	v.Allowed, v.Remaining = false, 0
	if p.Kind == Bucket {
		v.Reset, v.RetryAfter = now.Add(p.Every), p.Every/time.Duration(max(v.Limit, 1))
		return v
	}
	v.RetryAfter = v.Reset.Sub(now)
	return v
}

// RetrySeconds returns RetryAfter in whole seconds, rounded up and at least 1.
func (v Verdict) RetrySeconds() int64 {
	return max(1, int64((v.RetryAfter+time.Second-1)/time.Second))
}
