package dispatch

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/webhook"
)

// Endpoint is one that the configuration registers for every sandbox.
type Endpoint struct {
	Dialect string
	URL     string
	Secrets []string // the current one first
	Events  []string // none is all
}

// Options is what a dispatcher is made of. All but Set may be left out.
type Options struct {
	Set       func() *dialect.Set // the dialects that are served now
	Endpoints []Endpoint          // beside those in the sandboxes
	Targets   *webhook.Targets    // what may be called; nil is everything
	Sender    webhook.Sender      // nil is HTTP
	Shared    bool                // every dialect shows all links of its kind
	Base      func() string       // where the dialects are reached, where no request tells
	Wall      func() time.Time    // the wall clock; nil is the machine's
	Random    io.Reader           // for the ids of deliveries; nil is the system's
	Memory    *memory.Budget      // what is kept is counted with; nil is none
	Log       *slog.Logger        // nil is the default one
}

// Dispatcher delivers the events of all sandboxes. It is safe for concurrent
// use. Make it with New, and end it with Drain.
type Dispatcher struct {
	o    Options
	pool *webhook.Pool
	http *webhook.HTTP // nil where another sender is used

	mu    sync.Mutex
	posts map[*post]bool
	gone  webhook.Counts // of sandboxes that are no more
	ended bool
}

// New makes a dispatcher.
func New(o Options) *Dispatcher {
	if o.Wall == nil {
		o.Wall = clock.Real
	}
	if o.Random == nil {
		o.Random = ids.Random()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	d := &Dispatcher{o: o, posts: map[*post]bool{}}
	sender := o.Sender
	if sender == nil {
		d.http = webhook.NewHTTP(o.Targets)
		sender = d.http
	}
	d.pool = webhook.NewPool(sender)
	return d
}

// Post is what delivers the events of a sandbox, for sandbox.Options.
func (d *Dispatcher) Post(sb *sandbox.Sandbox) sandbox.Post {
	p := &post{d: d, sb: sb, off: map[string]bool{}}
	p.outbox = webhook.New(webhook.Options{
		Pool: d.pool, Clock: sb.Clock, Wall: d.o.Wall, NewID: d.deliveryID, Endpoint: p.endpoint, Disable: p.disable,
		Changed: sb.DeliveryChanged, Grown: func(n int64) { d.o.Memory.Add(memory.Deliveries, n) }, Log: d.o.Log.With("sandbox", sb.Name),
	})
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		p.outbox.Abandon()
		return p
	}
	d.posts[p] = true
	return p
}

// deliveryID is the id of a delivery of a dialect.
func (d *Dispatcher) deliveryID(name string, at time.Time) string {
	if it := d.o.Set().Dialect(name); it != nil && it.Webhooks != nil {
		return it.Webhooks.DeliveryIDs.New(at, d.o.Random)
	}
	return plainID.New(at, d.o.Random)
}

// plainID is the shape of the ids of a dialect that is not served any more.
var plainID = ids.Spec{Prefix: "dlv_", Alphabet: "0123456789abcdefghijklmnopqrstuvwxyz", Length: 24}

// Counts tells what became of the deliveries of all sandboxes, those that are
// gone too.
func (d *Dispatcher) Counts() webhook.Counts {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := d.gone
	for p := range d.posts {
		all = all.Plus(p.outbox.Counts())
	}
	return all
}

// ledger makes changes by the rules of the dialects that are served now.
func (d *Dispatcher) ledger(sb *sandbox.Sandbox) *ledger.Ledger {
	l := &ledger.Ledger{Set: d.o.Set(), Shared: d.o.Shared, Random: ids.Random()}
	if d.o.Base == nil {
		return l
	}
	l.Base = d.o.Base()
	if sb.Name != sandbox.Default {
		l.Base += "/~" + sb.Name
	}
	return l
}

// atOnce is how many sandboxes are drained side by side.
const atOnce = 32

// Drain delivers what is due in all sandboxes until the context ends, takes
// nothing more and returns how many deliveries stay undone: those that are
// tried again later, and those for which there was no time.
func (d *Dispatcher) Drain(ctx context.Context) (left int) {
	d.mu.Lock()
	d.ended = true
	list := make([]*post, 0, len(d.posts))
	for p := range d.posts {
		list = append(list, p)
	}
	d.mu.Unlock()
	counts := make([]int, len(list))
	var done sync.WaitGroup
	turn := make(chan struct{}, atOnce)
	for i, p := range list {
		turn <- struct{}{}
		done.Go(func() {
			defer func() { <-turn }()
			p.stop()
			counts[i] = p.outbox.Drain(ctx)
		})
	}
	done.Wait()
	d.pool.Close()
	if d.http != nil {
		d.http.Close()
	}
	for i, n := range counts {
		left += n
		if n > 0 {
			d.o.Log.Warn("webhook deliveries stay undone", "sandbox", list[i].sb.Name, "deliveries", n)
		}
	}
	return left
}

// Check tells what is wrong with a configured endpoint, for a dialect that is
// served.
func (e Endpoint) Check(set *dialect.Set) error {
	d := set.Dialect(e.Dialect)
	switch {
	case d == nil:
		return fmt.Errorf("there is no dialect %q", e.Dialect)
	case len(d.Events) == 0:
		return fmt.Errorf("%s tells of nothing, as its file has no events", d.Name)
	}
	if err := CheckEvents(d, e.Events); err != nil {
		return err
	}
	for _, secret := range e.Secrets {
		if err := CheckSecret(d, secret); err != nil {
			return err
		}
	}
	return nil
}
