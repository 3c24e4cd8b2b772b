// Package durations reads lengths of time as people write them: Go's notation,
// and days before it.
//
// Configuration, control API, mapping files and fixtures read theirs with
// Parse, so that 7d means the same in all of them. A day is 24 hours: clocks
// here are UTC. It knows no limits; whoever asks has their own. Start with
// Parse.
package durations

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Day is 24 hours.
const Day = 24 * time.Hour

// Parse reads a duration such as 500ms, 30s, 1h30m, 7d, 1d12h or -2d. Days are
// whole and stand in front. The error says what to write instead.
func Parse(text string) (time.Duration, error) {
	if d, err := time.ParseDuration(text); err == nil {
		return d, nil
	}
	rest, negative := strings.CutPrefix(text, "-")
	if !negative {
		rest = strings.TrimPrefix(text, "+")
	}
	number, rest, ok := strings.Cut(rest, "d")
	if !ok || number == "" || strings.Trim(number, "0123456789") != "" {
		return 0, wrong(text)
	}
	days, err := strconv.ParseInt(number, 10, 64)
	if err != nil || days > int64(math.MaxInt64/Day) {
		return 0, fmt.Errorf("%q is too long, write at most %dd", text, int64(math.MaxInt64/Day))
	}
	sum := time.Duration(days) * Day
	if rest != "" {
		more, err := time.ParseDuration(rest)
		if err != nil || rest[0] == '-' || rest[0] == '+' {
			return 0, wrong(text)
		}
		if sum += more; sum < 0 {
			return 0, fmt.Errorf("%q is too long, write at most %dd", text, int64(math.MaxInt64/Day))
		}
	}
	if negative {
		sum = -sum
	}
	return sum, nil
}

// wrong says what to write instead of a text that is no duration.
func wrong(text string) error {
	if _, err := strconv.ParseFloat(text, 64); err == nil && strings.ContainsAny(text, "0123456789") {
		return fmt.Errorf("%q has no unit, write %ss or %sm", text, text, text)
	}
	return fmt.Errorf("%q is no duration, write one such as 500ms, 30s, 1h30m or 7d", text)
}
