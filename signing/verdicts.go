package signing

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Verdict is what an answer means for a delivery.
type Verdict string

// The verdicts.
const (
	Arrived Verdict = "arrived" // done
	Again   Verdict = "again"   // try again by the schedule
	Stop    Verdict = "stop"    // give this delivery up
	Disable Verdict = "disable" // give it up, and the endpoint with it
)

// NoAnswer is the status of an attempt that got none: refused, reset, timed
// out.
const NoAnswer = 0

// Rule gives a range of statuses its verdict.
type Rule struct {
	From, To int
	Verdict  Verdict
}

// DefaultRules is the table behind every style's own rules: 2xx arrives and
// everything else is tried again.
var DefaultRules = []Rule{
	{200, 299, Arrived},
	{NoAnswer, 599, Again},
}

// ParseRule reads a status or a class of them, such as 410 or 4xx; "none" is
// no answer at all.
func ParseRule(status string, v Verdict) (Rule, error) {
	if status == "none" {
		return Rule{NoAnswer, NoAnswer, v}, nil
	}
	if class, ok := strings.CutSuffix(status, "xx"); ok && len(class) == 1 && class[0] >= '1' && class[0] <= '5' {
		from := int(class[0]-'0') * 100
		return Rule{from, from + 99, v}, nil
	}
	n, err := strconv.Atoi(status)
	if err != nil || n < 100 || n > 599 {
		return Rule{}, fmt.Errorf("%q is no status; write one such as 410, a class such as 4xx, or none", status)
	}
	return Rule{n, n, v}, nil
}

func (r Rule) check() error {
	if r.From < NoAnswer || r.To > 599 || r.From > r.To {
		return fmt.Errorf("%d to %d are no statuses", r.From, r.To)
	}
	switch r.Verdict {
	case Arrived, Again, Stop, Disable:
		return nil
	}
	return fmt.Errorf("there is no verdict %q; write %s, %s, %s or %s", r.Verdict, Arrived, Again, Stop, Disable)
}

// Verdict looks a status up: the style's own rules first.
func (s *Style) Verdict(status int) Verdict {
	for _, table := range [][]Rule{s.Rules, DefaultRules} {
		for _, r := range table {
			if status >= r.From && status <= r.To {
				return r.Verdict
			}
		}
	}
	return Again
}

// maxRetryAfter bounds what a receiver can ask for.
const maxRetryAfter = 24 * time.Hour

// RetryAfter reads the header of that name at a moment of the wall clock.
func RetryAfter(h http.Header, wall time.Time) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(maxRetryAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(wall), 0), maxRetryAfter)
}
