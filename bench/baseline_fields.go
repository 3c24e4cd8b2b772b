package bench

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// amount is money in millionths, shown as a decimal number.
type amount int64

const decimals = 6

func (a *amount) UnmarshalJSON(text []byte) error {
	whole, part, _ := strings.Cut(string(text), ".")
	part = strings.TrimRight(part, "0")
	if len(part) > decimals || strings.ContainsAny(whole+part, "eE") {
		return errMoney
	}
	n, err := strconv.ParseInt(whole+part+"000000"[len(part):], 10, 64)
	if err != nil {
		return errMoney
	}
	*a = amount(n)
	return nil
}

func (a amount) MarshalJSON() ([]byte, error) {
	digits := strconv.FormatInt(int64(a), 10)
	for len(digits) <= decimals {
		digits = "0" + digits
	}
	at := len(digits) - decimals
	return []byte(strings.TrimSuffix(strings.TrimRight(digits[:at]+"."+digits[at:], "0"), ".")), nil
}

// opt is a field of a request: missing, null, of another type, or a value.
type opt[T any] struct {
	set, null, bad bool
	v              T
}

func (o *opt[T]) UnmarshalJSON(text []byte) error {
	*o = opt[T]{set: true}
	switch v := any(&o.v).(type) {
	case *string:
		switch {
		case string(text) == "null":
			o.null = true
		case text[0] != '"':
			o.bad = true
		case strings.IndexByte(string(text), '\\') < 0:
			*v = string(text[1 : len(text)-1])
		default:
			o.bad = json.Unmarshal(text, v) != nil
		}
	case *bool:
		switch string(text) {
		case "true", "false":
			*v = text[0] == 't'
		case "null":
			o.null = true
		default:
			o.bad = true
		}
	default:
		if string(text) == "null" {
			o.null = true
		} else if json.Unmarshal(text, &o.v) != nil {
			o.bad = true
		}
	}
	return nil
}

// text takes a text that null clears.
func (o *opt[T]) text(to **string, name string, most int, long string, fs *faults) {
	if !o.set {
		return
	}
	s, _ := any(o.v).(string)
	switch {
	case o.null:
		*to = nil
	case o.bad:
		fs.add("%s must be a string", name)
	case utf8.RuneCountInString(s) > most:
		fs.add("%s", long)
	default:
		*to = &s
	}
}

// oneOf takes one of a list of words.
func (o *opt[T]) oneOf(to *string, name string, words []string, fs *faults) {
	if !o.set {
		return
	}
	s, _ := any(o.v).(string)
	switch {
	case o.null:
		fs.add("%s must not be null", name)
	case o.bad, !slices.Contains(words, s):
		fs.add("%s must be one of %s", name, strings.Join(words, ", "))
	default:
		*to = s
	}
}

// reference takes the id of a record of the account; null and "" clear it.
func (o *opt[T]) reference(to **string, name, noun string, exists func(kind, id string) bool, fs *faults) {
	if !o.set {
		return
	}
	s, _ := any(o.v).(string)
	switch {
	case o.bad:
		fs.add("%s must be a string", name)
	case o.null, s == "":
		*to = nil
	case !exists(strings.ToLower(noun), s):
		fs.add("%s with ID %s not found", noun, s)
	default:
		*to = &s
	}
}

func flag(o opt[bool], to *bool, name string, fs *faults) {
	switch {
	case !o.set:
	case o.null:
		fs.add("%s must not be null", name)
	case o.bad:
		fs.add("%s must be true or false", name)
	default:
		*to = o.v
	}
}
