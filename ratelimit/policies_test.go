package ratelimit

import (
	"strings"
	"testing"
	"time"
)

func TestNewPolicyRefusesNonsense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		policy string
		kind   Kind
		count  int64
		every  time.Duration
		want   string
	}{
		"no name":     {"", Window, 1, time.Second, "needs a name"},
		"no kind":     {"a", 0, 1, time.Second, "has no kind"},
		"a new kind":  {"a", 9, 1, time.Second, "has no kind"},
		"zero":        {"a", Wall, 0, time.Second, "counts to 0"},
		"too many":    {"a", Wall, MaxCount + 1, time.Second, "counts to"},
		"too short":   {"a", Bucket, 1, time.Microsecond, "period of 1µs"},
		"too long":    {"a", Bucket, 1, MaxEvery + 1, "period of"},
		"below zero":  {"a", Bucket, 1, -time.Second, "period of"},
		"fine":        {"a", Bucket, 1, time.Second, ""},
		"at the edge": {"a", Bucket, MaxCount, MaxEvery, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewPolicy(c.policy, c.kind, c.count, c.every)
			if c.want == "" && err == nil {
				return
			}
			if err == nil || c.want == "" || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestKindsKeepTheirNames(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Window, Wall, Bucket} {
		if got, err := ParseKind(kind.String()); got != kind || err != nil {
			t.Errorf("ParseKind(%q) = %v, %v", kind, got, err)
		}
	}
	if _, err := ParseKind("sliding"); err == nil {
		t.Error("sliding is a kind")
	}
}

func TestSecondsAreRoundedUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		v            Verdict
		reset, retry int64
	}{
		"whole":    {Verdict{Reset: noon, RetryAfter: 3 * time.Second}, noon.Unix(), 3},
		"a bit":    {Verdict{Reset: noon.Add(1), RetryAfter: 3*time.Second + 1}, noon.Unix() + 1, 4},
		"at least": {Verdict{Reset: noon.Add(-1), RetryAfter: 0}, noon.Unix(), 1},
	} {
		if got := c.v.ResetUnix(); got != c.reset {
			t.Errorf("%s: reset %d, want %d", name, got, c.reset)
		}
		if got := c.v.RetrySeconds(); got != c.retry {
			t.Errorf("%s: retry %d, want %d", name, got, c.retry)
		}
	}
}
