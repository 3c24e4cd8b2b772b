package config

import (
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// hidden is what a Secret prints as.
const hidden = "<secret>"

// Secret is a string that is not to be seen: every way of printing it gives
// <secret>, or nothing where it is empty. The zero Secret is empty.
type Secret struct {
	// A pointer, because fmt reads unexported fields without asking for
	// their String; it shows an address then, and not the text.
	text *string
}

// NewSecret hides a text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsSet tells whether there is a text.
func (s Secret) IsSet() bool { return s.text != nil }

// Matches compares with what a caller sent, in constant time. An empty Secret
// matches nothing.
func (s Secret) Matches(sent string) bool {
	return s.IsSet() && subtle.ConstantTimeCompare([]byte(*s.text), []byte(sent)) == 1
}

// Equal tells whether two Secrets hide the same text.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String returns <secret>.
func (s Secret) String() string {
	if !s.IsSet() {
		return ""
	}
	return hidden
}

// GoString returns <secret>.
func (s Secret) GoString() string { return s.String() }

// Format writes <secret> for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText returns <secret>; JSON uses it too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML returns <secret>.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// LogValue returns <secret>.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
