package dialect

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/polylink-dev/polylink/record"
)

// Due returns when a record expires by itself, and whether it will.
func (res *Resource) Due(rec *record.Record) (at time.Time, due bool) {
	x := res.Expires
	if x == nil || !x.From[rec.Get(record.SlotStatus)] {
		return time.Time{}, false
	}
	return rec.Time(x.At)
}

// Expiry tells by what rule records of the resource expire, "" where they do
// not: two resources with the same one have records that fall due alike.
func (res *Resource) Expiry() string {
	x := res.Expires
	if x == nil {
		return ""
	}
	return fmt.Sprint(x.At, slices.Sorted(maps.Keys(x.From)))
}

// DueAt is a time as rows say when they are due: in milliseconds, as requests
// see time, and never too early.
func DueAt(at time.Time) int64 {
	ms := at.UnixMilli()
	if time.UnixMilli(ms).Before(at) {
		ms++
	}
	return max(ms, 1) // 0 is never
}
