package dialect

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/polylink-dev/polylink/record"
)

var completionCount = record.Links.MustSlot("completion.count")

// Complete returns a link as it is after a person has completed it, and its
// parent if that changes too (nil when it does not). e.It is the link, e.Parent
// its parent.
func (res *Resource) Complete(e *Env) (it, parent *record.Record) {
	above := e.Parent
	it = e.It.Clone()
	if it.Schema == record.Links {
		n, _ := strconv.Atoi(it.Get(completionCount))
		it.Set(completionCount, strconv.Itoa(n+1))
	}
	e.It = it
	for _, a := range res.Completes {
		a.apply(e)
	}
	stamp(false, e)
	if it.Schema == record.Links {
		e.Link = it
	}
	if above != nil && len(res.ParentDone) > 0 {
		parent = above.Clone()
		e.It = parent
		for _, a := range res.ParentDone {
			a.apply(e)
		}
		stamp(false, e)
	}
	e.It = it
	return it, parent
}

// End returns a record whose time comes now, before its date; nil when the
// resource has no expiry or the record is not in a state to expire from. e.Now
// is a time as requests see it, to the millisecond.
func (res *Resource) End(e *Env) *record.Record {
	x := res.Expires
	if x == nil || !x.From[e.It.Get(record.SlotStatus)] {
		return nil
	}
	e.It = e.It.Clone()
	e.It.Set(x.At, record.FormatTime(e.Now))
	e.It.Set(record.SlotStatus, x.To)
	stamp(false, e)
	return e.It
}

// Due returns when a record expires by itself, and whether it will.
func (res *Resource) Due(rec *record.Record) (at time.Time, due bool) {
	x := res.Expires
	if x == nil || !x.From[rec.Get(record.SlotStatus)] {
		return time.Time{}, false
	}
	return rec.Time(x.At)
}

// Revive brings a record back that had expired and whose date is changed to one
// that is not past: into the state that expires, the first where there are
// several. A request that says the state itself is left alone.
func (res *Resource) Revive(old, it *record.Record, now time.Time) {
	x := res.Expires
	if x == nil || old.Get(record.SlotStatus) != x.To || it.Get(record.SlotStatus) != x.To || old.Get(x.At) == it.Get(x.At) {
		return
	}
	if at, ok := it.Time(x.At); !ok || now.Before(at) {
		it.Set(record.SlotStatus, x.Back)
	}
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

var (
	completionLimit   = record.Links.MustSlot("completion.limit")
	completionLimited = record.Links.MustSlot("completion.limited")
)

// Spent tells whether a link was completed as often as it may be.
func Spent(it *record.Record) bool {
	if it.Schema != record.Links || !it.Has(completionLimit) || it.Get(completionLimited) == "false" {
		return false
	}
	most, err := strconv.Atoi(it.Get(completionLimit))
	n, _ := strconv.Atoi(it.Get(completionCount))
	return err == nil && n >= most
}
