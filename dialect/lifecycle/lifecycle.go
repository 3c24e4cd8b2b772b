package lifecycle

import (
	"strconv"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

var completionCount = record.Links.MustSlot("completion.count")

// Complete returns a link as it is after a person has completed it, and its
// parent if that changes too (nil when it does not). e.It is the link, e.Parent
// its parent.
func Complete(res *dialect.Resource, e *dialect.Env) (it, parent *record.Record) {
	above := e.Parent
	it = e.It.Clone()
	if it.Schema == record.Links {
		n, _ := strconv.Atoi(it.Get(completionCount))
		it.Set(completionCount, strconv.Itoa(n+1))
	}
	e.It = it
	for _, a := range res.Completes {
		a.Apply(e)
	}
	dialect.Stamp(false, e)
	if it.Schema == record.Links {
		e.Link = it
	}
	if above != nil && len(res.ParentDone) > 0 {
		parent = above.Clone()
		e.It = parent
		for _, a := range res.ParentDone {
			a.Apply(e)
		}
		dialect.Stamp(false, e)
	}
	e.It = it
	return it, parent
}

// End returns a record whose time comes now, before its date; nil when the
// resource has no expiry or the record is not in a state to expire from. e.Now
// is a time as requests see it, to the millisecond.
func End(res *dialect.Resource, e *dialect.Env) *record.Record {
	x := res.Expires
	if x == nil || !x.From[e.It.Get(record.SlotStatus)] {
		return nil
	}
	e.It = e.It.Clone()
	e.It.Set(x.At, record.FormatTime(e.Now))
	e.It.Set(record.SlotStatus, x.To)
	dialect.Stamp(false, e)
	return e.It
}

// Revive brings a record back that had expired and whose date is changed to one
// that is not past: into the state that expires, the first where there are
// several. A request that says the state itself is left alone.
func Revive(res *dialect.Resource, old, it *record.Record, now time.Time) {
	x := res.Expires
	if x == nil || old.Get(record.SlotStatus) != x.To || it.Get(record.SlotStatus) != x.To || old.Get(x.At) == it.Get(x.At) {
		return
	}
	if at, ok := it.Time(x.At); !ok || now.Before(at) {
		it.Set(record.SlotStatus, x.Back)
	}
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

// Make returns a new record of a resource as nobody has said anything about it:
// with an id, in the state it starts in, e.Now old. e.It is the record as it is
// begun.
func Make(res *dialect.Resource, e *dialect.Env, begin func(it *record.Record)) *record.Record {
	e.It = record.New(res.Schema, e.Link.Dialect)
	e.It.Set(record.SlotID, record.Quote(res.IDs.New(e.Now, e.Random)))
	begin(e.It)
	for _, a := range res.Start {
		a.Apply(e)
	}
	dialect.Stamp(true, e)
	return e.It
}

// Move returns a record with some slots set.
func Move(e *dialect.Env, set []dialect.Assignment) *record.Record {
	e.It = e.It.Clone()
	for _, a := range set {
		a.Apply(e)
	}
	dialect.Stamp(false, e)
	return e.It
}
