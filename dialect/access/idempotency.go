package access

import "time"

// Idempotency says how requests with a key are answered when they come again.
type Idempotency struct {
	Header   string // "" where it is only in the body
	Field    string // member of the body, "" where it is only in the header
	Methods  []string
	Required bool
	Longest  int
	Keep     time.Duration
	Wait     time.Duration // how long a second request waits for the first
	Account  bool          // keys are told apart by account
	Mode     bool          // and by mode
	SameM    bool          // the method takes part in what makes a request the same
	SameP    bool          // and the path
	SameB    bool          // and the body
	Keeps    map[int]bool  // status classes that are stored: 2, 4, 5
	First    Headers
	Replay   Headers
	Busy     Headers
	Line     int
}
