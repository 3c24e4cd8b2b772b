package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Size is a number of bytes.
type Size int64

// Units of sizes.
const (
	Byte Size = 1
	KiB       = 1024 * Byte
	MiB       = 1024 * KiB
	GiB       = 1024 * MiB
)

var units = []struct {
	name string
	size Size
}{{"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}, {"B", Byte}}

// ParseSize reads a size: 1MiB, 64KiB, 2GiB, or plain bytes.
func ParseSize(text string) (Size, error) {
	number, unit := text, Byte
	for _, u := range units {
		if cut, ok := strings.CutSuffix(text, u.name); ok {
			number, unit = strings.TrimSpace(cut), u.size
			break
		}
	}
	n, err := strconv.ParseUint(number, 10, 63)
	switch {
	case errors.Is(err, strconv.ErrRange) || err == nil && Size(n) > (1<<63-1)/unit:
		return 0, fmt.Errorf("%q is too large a size, write one such as 1MiB", text)
	case err != nil:
		return 0, fmt.Errorf("%q is no size, write bytes or one such as 64KiB, 1MiB or 2GiB", text)
	}
	return Size(n) * unit, nil
}

// String writes a size in the largest unit that divides it.
func (s Size) String() string {
	for _, u := range units {
		if s != 0 && s%u.size == 0 && u.size != Byte {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

// MarshalText writes a size as ParseSize reads it.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
