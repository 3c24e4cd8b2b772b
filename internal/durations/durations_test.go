package durations

import (
	"math"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"0": 0, "0s": 0, "0d": 0, "500ms": 500 * time.Millisecond, "1h30m": 90 * time.Minute, "-1h": -time.Hour,
		"7d": 7 * Day, "1d12h": 36 * time.Hour, "-2d": -2 * Day, "-1d12h": -36 * time.Hour, "+1d": Day, "1d0.5h": Day + 30*time.Minute,
		"106751d": 106751 * Day, "106751d23h47m16.854775807s": math.MaxInt64,
	} {
		if got, err := Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestParseSaysWhatToWrite(t *testing.T) {
	t.Parallel()
	const such = " is no duration, write one such as 500ms, 30s, 1h30m or 7d"
	for text, want := range map[string]string{
		"":                           `""` + such,
		"d":                          `"d"` + such,
		"soon":                       `"soon"` + such,
		"inf":                        `"inf"` + such,
		"1.5d":                       `"1.5d"` + such,
		"1d-2h":                      `"1d-2h"` + such,
		"1d+2h":                      `"1d+2h"` + such,
		"--1d":                       `"--1d"` + such,
		"2h1d":                       `"2h1d"` + such,
		"1d1d":                       `"1d1d"` + such,
		"1d 2h":                      `"1d 2h"` + such,
		"30":                         `"30" has no unit, write 30s or 30m`,
		"106752d":                    `"106752d" is too long, write at most 106751d`,
		"99999999999999999999d":      `"99999999999999999999d" is too long, write at most 106751d`,
		"106751d23h47m16.854775808s": `"106751d23h47m16.854775808s" is too long, write at most 106751d`,
	} {
		got, err := Parse(text)
		if err == nil || err.Error() != want {
			t.Errorf("Parse(%q) = %v, %v; want %s", text, got, err, want)
		}
	}
}
