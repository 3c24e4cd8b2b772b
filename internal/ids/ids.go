// Package ids makes identifiers from one source of randomness: prefix,
// alphabet and length, a UUID or a ULID.
//
// It stands below everything that makes a record or a request id, and knows no
// dialect. The source is passed in, so that a sandbox can make its ids
// reproducible, and Match promises to take whatever New gives. That an id is not
// given out twice is its caller's to see to. Start with Spec.
package ids

import (
	"bufio"
	"crypto/rand"
	"encoding/hex"
	"io"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"
)

// Alphabets by the name that mapping files use.
var alphabets = map[string]string{
	"base36":    "0123456789abcdefghijklmnopqrstuvwxyz",
	"base58":    "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
	"base62":    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
	"base64url": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
	"CROCKFORD": "0123456789ABCDEFGHJKMNPQRSTVWXYZ",
	"crockford": "0123456789abcdefghjkmnpqrstvwxyz",
	"digits":    "0123456789",
	"hex":       "0123456789abcdef",
}

// Alphabet returns a named alphabet.
func Alphabet(name string) (string, bool) {
	a, ok := alphabets[name]
	return a, ok
}

// AlphabetNames lists the alphabets.
func AlphabetNames() []string {
	names := make([]string, 0, len(alphabets))
	for n := range alphabets {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Spec says what an identifier looks like.
type Spec struct {
	Prefix   string
	Alphabet string // the characters themselves
	Length   int    // without the prefix
	UUID     bool   // version 4 instead of an alphabet
	ULID     bool   // 26 characters of CROCKFORD or crockford that sort by time
}

// ULIDLength is how many characters a ULID has.
const ULIDLength = ulid.EncodedSize

// New draws an identifier, at a moment that those which sort by time begin
// with.
func (s *Spec) New(now time.Time, src io.Reader) string {
	switch {
	case s.UUID:
		return s.Prefix + newUUID(src)
	case s.ULID:
		return s.Prefix + s.newULID(now, src)
	}
	buf := make([]byte, len(s.Prefix), len(s.Prefix)+s.Length)
	copy(buf, s.Prefix)
	// Bytes past the last whole multiple of the alphabet are thrown away, so
	// that every character is as likely as any other.
	fair := 256 - 256%len(s.Alphabet)
	var draw [64]byte
	for len(buf) < cap(buf) {
		n := min(len(draw), cap(buf)-len(buf))
		read(src, draw[:n])
		for _, b := range draw[:n] {
			if int(b) < fair {
				buf = append(buf, s.Alphabet[int(b)%len(s.Alphabet)])
			}
		}
	}
	return string(buf)
}

// Match tells whether an identifier has this shape.
func (s *Spec) Match(id string) bool {
	if s.UUID {
		rest, ok := strings.CutPrefix(id, s.Prefix)
		return ok && IsUUID(rest)
	}
	if len(id) != len(s.Prefix)+s.Length || id[:len(s.Prefix)] != s.Prefix {
		return false
	}
	for i := len(s.Prefix); i < len(id); i++ {
		if !contains(s.Alphabet, id[i]) {
			return false
		}
	}
	return true
}

func contains(alphabet string, c byte) bool {
	for i := 0; i < len(alphabet); i++ {
		if alphabet[i] == c {
			return true
		}
	}
	return false
}

// newULID draws a ULID; a moment that it cannot hold counts as the nearest.
func (s *Spec) newULID(now time.Time, src io.Reader) string {
	var u ulid.ULID
	ms := min(uint64(max(now.UnixMilli(), 0)), ulid.MaxTime())
	_ = u.SetTime(ms)
	read(src, u[6:])
	text := u.String()
	if s.Alphabet == alphabets["crockford"] {
		text = strings.ToLower(text)
	}
	return text
}

func newUUID(src io.Reader) string {
	var u [16]byte
	read(src, u[:])
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	var out [36]byte
	hex.Encode(out[0:8], u[0:4])
	out[8], out[13], out[18], out[23] = '-', '-', '-', '-'
	hex.Encode(out[9:13], u[4:6])
	hex.Encode(out[14:18], u[6:8])
	hex.Encode(out[19:23], u[8:10])
	hex.Encode(out[24:36], u[10:16])
	return string(out[:])
}

// IsUUID tells whether s is a UUID of any version, in any case.
func IsUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return false
			}
		}
	}
	return true
}

// read fills b. A source of randomness that fails leaves nothing sensible to
// do, so its bytes are then zero.
func read(src io.Reader, b []byte) {
	n, _ := io.ReadFull(src, b)
	clear(b[n:])
}

// Random returns the system's randomness, buffered and safe for concurrent use.
func Random() io.Reader { return random }

var random = &locked{r: bufio.NewReaderSize(rand.Reader, 4096)}

type locked struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *locked) Read(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return io.ReadFull(l.r, b)
}
