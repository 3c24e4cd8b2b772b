package bench

import (
	"net/http"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
)

// updates are two bodies that are sent by turns, so that each one changes
// something.
var updates = [2]string{
	`{"title":"Premium Subscription","description":"Monthly access to all premium features","amount":29.99,"currency":"usdc","recurringType":"MONTHLY","taxId":"tax_550e8400-e29b-41d4-a716-446655440000","collectTax":true,"collectAddress":true,"requirePhoneNumber":true,"maxPayments":null,"confirmationPage":"SHOW","customFields":{"department":{"type":"select","required":true,"options":["Sales","Support"]}}}`,
	`{"title":"Premium Subscription, yearly","description":"All premium features for a year","amount":299,"currency":"eurc","recurringType":"ANNUALLY","taxId":"tax_550e8400-e29b-41d4-a716-446655440000","collectTax":true,"collectAddress":false,"requirePhoneNumber":false,"maxPayments":100,"confirmationPage":"REDIRECT","customFields":{"department":{"type":"text","required":false}}}`,
}

// refused has a fault in every other field.
const refused = `{"title":"ab","amount":0,"currency":"usd","collectTax":"yes","maxPayments":0,"coverImage":"no address","paymentLinkProducts":[{"productId":"123e4567-e89b-12d3-a456-426614174009","quantity":1}]}`

// BenchmarkDecodeEncode35 checks and decodes a body and encodes an answer.
func BenchmarkDecodeEncode35(b *testing.B) {
	w := newWide(b)
	b.ReportAllocs()
	for b.Loop() {
		w.decode(b)
		w.encode()
	}
	b.ReportMetric(float64(len(w.body)), "bytes_in")
	b.ReportMetric(float64(len(w.out)), "bytes_out")
}

// BenchmarkDecodeMergeEncode35 also makes the record that the request asks for
// out of the old one.
func BenchmarkDecodeMergeEncode35(b *testing.B) {
	w := newWide(b)
	b.ReportAllocs()
	for b.Loop() {
		w.run(b)
	}
}

func BenchmarkUpdate(b *testing.B) {
	compare(b, http.StatusOK, put(linkA, updates[0]), put(linkA, updates[1]))
}

func BenchmarkRead(b *testing.B) { compare(b, http.StatusOK, get(linkA), get(linkB)) }

func BenchmarkRefusal(b *testing.B) {
	compare(b, http.StatusBadRequest, put(linkA, refused), put(linkB, refused))
}

// compare runs the server and the baseline by themselves, and then turn by
// turn for the ratio of their times.
func compare(b *testing.B, status int, calls ...call) {
	srv, base := pair(b, nil)
	one := func(h http.Handler) func(*testing.B) {
		return func(b *testing.B) {
			s := newSender(b, h, status, calls)
			b.ReportAllocs()
			for b.Loop() {
				s.send()
			}
		}
	}
	b.Run("server", one(srv))
	b.Run("baseline", one(base))
	b.Run("ratio", func(b *testing.B) {
		ratio(b, newSender(b, srv, status, calls), newSender(b, base, status, calls))
	})
}

// turn is how many requests each side answers before it is the other's turn.
const turn = 64

// ratio reports the medians over all turns, which a collection or another
// process on the machine does not move.
func ratio(b *testing.B, server, baseline *sender) {
	var ratios, ours, theirs []float64
	for i := 0; b.Loop(); i++ {
		var s, t time.Duration
		if i%2 == 0 {
			s, t = server.turn(), baseline.turn()
		} else {
			t, s = baseline.turn(), server.turn()
		}
		ratios = append(ratios, float64(s)/float64(t))
		ours = append(ours, float64(s)/turn)
		theirs = append(theirs, float64(t)/turn)
	}
	b.ReportMetric(0, "ns/op") // of a turn, which is nothing
	b.ReportMetric(median(ratios), "x_baseline")
	b.ReportMetric(median(ours), "server-ns")
	b.ReportMetric(median(theirs), "baseline-ns")
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// sender sends requests to a handler in process, by turns.
type sender struct {
	b      testing.TB
	h      http.Handler
	status int
	w      *recorder
	reqs   []*http.Request
	rewind []func()
	next   int
}

func newSender(tb testing.TB, h http.Handler, status int, calls []call) *sender {
	s := &sender{b: tb, h: h, status: status, w: newRecorder()}
	for _, c := range calls {
		r, rewind := c.request()
		s.reqs = append(s.reqs, r)
		s.rewind = append(s.rewind, rewind)
	}
	return s
}

func (s *sender) send() {
	i := s.next % len(s.reqs)
	s.next++
	s.rewind[i]()
	s.w.reset()
	s.h.ServeHTTP(s.w, s.reqs[i])
	if s.w.status != s.status {
		s.b.Fatalf("answered %d, want %d: %s", s.w.status, s.status, s.w.body)
	}
}

func (s *sender) turn() time.Duration {
	start := time.Now()
	for range turn {
		s.send()
	}
	return time.Since(start)
}

// BenchmarkUpdateParallel has every processor update: one and the same link,
// and a link in a sandbox of its own as parallel tests do.
func BenchmarkUpdateParallel(b *testing.B) {
	srv, base := pair(b, nil)
	for _, c := range []struct {
		name string
		h    http.Handler
		own  bool
	}{{"server/one_link", srv, false}, {"server/own_sandbox", srv, true}, {"baseline/one_link", base, false}} {
		b.Run(c.name, func(b *testing.B) {
			var workers atomic.Int64
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				calls := []call{put(linkA, updates[0]), put(linkA, updates[1])}
				if c.own {
					name := "worker-" + strconv.FormatInt(workers.Add(1), 10)
					calls[0], calls[1] = calls[0].in(name), calls[1].in(name)
				}
				s := newSender(b, c.h, http.StatusOK, calls)
				for pb.Next() {
					s.send()
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
		})
	}
}

// BenchmarkCompile compiles every shipped dialect and loads the fixtures, as a
// start and a reload do.
func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		set, err := compile.Compile(mappings.FS, nil)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := seed.Load(fixtures.FS, set); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSandbox makes a sandbox with all the fixtures in it.
func BenchmarkSandbox(b *testing.B) {
	set, fix := shipped(b)
	srv, err := routes.New(routes.Options{Engine: mockstore.Make, Set: set, Fixtures: fix})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := srv.Sandbox("s" + strconv.Itoa(i)); err != nil {
			b.Fatal(err)
		}
	}
}
