package ratelimit

import (
	"fmt"
	"time"
)

// Kind is how a policy counts.
type Kind uint8

// The kinds of limits.
const (
	Window Kind = iota + 1 // fixed, opened by the key's first request
	Wall                   // fixed, on the period boundaries of the clock (UTC)
	Bucket                 // starts full and refills steadily
)

// String returns the kind's name in a dialect file.
func (k Kind) String() string {
	switch k {
	case Window:
		return "window"
	case Wall:
		return "wall_window"
	case Bucket:
		return "bucket"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// ParseKind reads a kind's name: window, wall_window or
// bucket.
func ParseKind(name string) (Kind, error) {
	switch name {
	case "window":
		return Window, nil
	case "wall_window":
		return Wall, nil
	case "bucket":
		return Bucket, nil
	}
	return 0, fmt.Errorf("no limit of kind %q, write window, wall_window or bucket", name)
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the kind's name.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = ParseKind(string(text))
	return err
}

// The bounds of a policy. They keep every sum in states.go within int64.
const (
	MaxCount = 1_000_000_000_000
	MaxEvery = 10 * 366 * 24 * time.Hour
)

// Policy is one limit: Count requests per Every. Make it with NewPolicy and
// change nothing afterwards; policies are shared by all sandboxes.
type Policy struct {
	Name  string // counters belong to a name: two policies of one name share them
	Kind  Kind
	Count int64
	Every time.Duration
}

// NewPolicy checks a policy. Its error says what to write instead.
func NewPolicy(name string, kind Kind, count int64, every time.Duration) (*Policy, error) {
	switch {
	case name == "":
		return nil, fmt.Errorf("a limit needs a name")
	case kind < Window || kind > Bucket:
		return nil, fmt.Errorf("limit %q has no kind, write window, wall_window or bucket", name)
	case count < 1 || count > MaxCount:
		return nil, fmt.Errorf("limit %q counts to %d, write 1 to %d", name, count, int64(MaxCount))
	case every < time.Millisecond || every > MaxEvery:
		return nil, fmt.Errorf("limit %q has a period of %s, write 1ms to %s", name, every, MaxEvery)
	}
	return &Policy{name, kind, count, every}, nil
}
