package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// The parts of a sandbox that are kept beside its rows, each as a JSON document.
const (
	partMade   = "made"
	partUse    = "use"
	partClock  = "clock"
	partFaults = "faults"
	partPlays  = "scenarios"
	partTold   = "told"

	limitPart    = "limit/"    // and its kind, policy and key
	deliveryPart = "delivery/" // and its id
	entryPart    = "entry/"    // of the journal, and its number
)

// keptMade is what does not change.
type keptMade struct {
	Start   time.Time `json:"start"`
	Created time.Time `json:"created"`
}

// keptUse is written along with other changes.
type keptUse struct {
	Used   int64 `json:"used"`
	Number int64 `json:"number"` // of the last exchange
}

// keeping keeps a sandbox beyond the process.
type keeping struct {
	sb    *Sandbox
	db    store.Engine // as its maker knows it
	parts Parts        // as they are, without marks
	space store.Space  // nil until it is placed
	told  told

	journal bool // is kept, too
}

// place keeps the sandbox from here on.
func (k *keeping) place(in store.Keeper) {
	keys := []string{partMade, partUse, partClock, partFaults, partPlays}
	for _, e := range k.parts.Limits.Export() {
		keys = append(keys, limitKey(e.Kind, e.Policy, e.Key))
	}
	k.space = in.Place(k.sb.Name, k.db, k, keys...)
	k.told.keep = k.space
	// Events that it was made with, by a fork or of a snapshot, are of the past.
	k.told.end(nil, k.db.Read(context.Background()).Scan(record.Events.Kind, "", store.Page{}))
}

// mark says that a part has changed. Before the sandbox is placed that is
// nothing new.
func (k *keeping) mark(key string) {
	if k.space != nil {
		k.space.Mark(key)
	}
}

func limitKey(kind ratelimit.Kind, policy, key string) string {
	return limitPart + kind.String() + "\x00" + policy + "\x00" + key
}

func entryKey(n int64) string { return entryPart + strconv.FormatInt(n, 10) }

// limit says that a counter has changed, or is gone.
func (k *keeping) limit(e ratelimit.Entry) { k.mark(limitKey(e.Kind, e.Policy, e.Key)) }

// DeliveryChanged says that a delivery of the sandbox is new, was tried or is
// gone.
func (sb *Sandbox) DeliveryChanged(id string) {
	if sb.keep != nil {
		sb.keep.mark(deliveryPart + id)
	}
}

// Part returns a part as it is now.
func (k *keeping) Part(key string) []byte {
	switch key {
	case partMade:
		return encode(keptMade{k.sb.Start, k.sb.Created})
	case partUse:
		return encode(keptUse{k.sb.used.Load(), k.parts.Journal.Last()})
	case partClock:
		return encode(k.parts.Clock.State())
	case partFaults:
		list := []faults.Shown{}
		for _, f := range k.parts.Faults.List() {
			list = append(list, f.Show())
		}
		return encode(list)
	case partPlays:
		return encode(k.parts.Plays.List())
	}
	if v := k.member(key); v != nil {
		return encode(v)
	}
	return nil
}

// member is one of many of a kind, nil when it is gone.
func (k *keeping) member(key string) any {
	if rest, ok := strings.CutPrefix(key, limitPart); ok {
		name, rest, _ := strings.Cut(rest, "\x00")
		policy, key, _ := strings.Cut(rest, "\x00")
		kind, err := ratelimit.ParseKind(name)
		if e, there := k.parts.Limits.Entry(kind, policy, key); err == nil && there {
			return e
		}
	}
	if id, ok := strings.CutPrefix(key, deliveryPart); ok && k.sb.Post != nil {
		if d, there := k.sb.Post.Outbox().Get(id); there {
			return d
		}
	}
	if number, ok := strings.CutPrefix(key, entryPart); ok && k.journal {
		n, err := strconv.ParseInt(number, 10, 64)
		if e := k.parts.Journal.Entry(n); err == nil && e != nil {
			return json.RawMessage(e.Encode())
		}
	}
	return nil
}

// encode writes a part. A time that JSON cannot say, past the year 9999, is not
// kept.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return b
}

// told knows up to which row events were handed over to whoever delivers them:
// what comes after it is handed over again by the next process, for it may not
// have been.
type told struct {
	mu      sync.Mutex
	highest uint64           // Seq of the rows that were seen
	open    map[*ticket]bool // batches that are on their way
	keep    store.Space      // nil before there is one
	first   *ticket          // of what was kept, until Resume has told of it
}

// ticket is a batch whose rows come after one.
type ticket struct{ after uint64 }

func (t *told) begin() *ticket {
	t.mu.Lock()
	defer t.mu.Unlock()
	it := &ticket{t.highest}
	t.open[it] = true
	return it
}

// end says that a batch was told of, or was not taken. What is kept never comes
// before the deliveries that it stands for.
func (t *told) end(it *ticket, rows []*store.Row) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, r := range rows {
		t.highest = max(t.highest, r.Seq)
	}
	delete(t.open, it)
	until := t.highest
	for it := range t.open {
		until = min(until, it.after)
	}
	if t.keep != nil {
		t.keep.Set(partTold, encode(until))
	}
}

// commit takes a batch, and tells of it once it is kept. Whether it was taken is
// not known where the store is away: then it is looked for.
func (k *keeping) commit(ctx context.Context, c counting, b store.Batch) error {
	var event *store.Row
	for _, r := range b.Put {
		if r != nil && r.Table == record.Events.Kind {
			event = r
		}
	}
	k.mark(partUse)
	if event == nil {
		err := c.Engine.Commit(ctx, b)
		if err == nil {
			c.taken(b)
		}
		return err
	}
	it := k.told.begin()
	err := c.Engine.Commit(ctx, b)
	switch {
	case err == nil:
		c.taken(b)
		k.told.end(it, b.Put)
	case errors.Is(err, store.ErrUnavailable) && c.Engine.Read(context.WithoutCancel(ctx)).Get(event.Table, event.Key) != nil:
		c.taken(b)
		k.told.end(it, b.Put)
	default:
		k.told.end(it, nil)
	}
	return err
}
