package access

import "time"

// LimitRule is one rate limit.
type LimitRule struct {
	Name    string
	Kind    string // window, wall_window or bucket
	Count   int64
	Every   time.Duration
	Per     string // account, mode, credential or address
	Methods []string
	Plans   map[string]int64
	On      string   // "unauthorized": counts requests whose credential was refused
	Only    []string // operations it is for; nil is all
	Line    int
}
