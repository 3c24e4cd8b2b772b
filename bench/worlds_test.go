package bench

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// manyWorlds is how many sandboxes stand for a busy test farm.
const manyWorlds = 1000

// worldsServer is a server with sandboxes w0, w1, … beside the default one.
func worldsServer(tb testing.TB, n int) (*routes.Server, *sandbox.Sandboxes) {
	tb.Helper()
	set, fix := shipped(tb)
	worlds, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: fix.Rows})
	if err != nil {
		tb.Fatal(err)
	}
	srv, err := routes.New(routes.Options{Set: set, Fixtures: fix, Sandboxes: worlds})
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		if _, err := worlds.Get(tb.Context(), "w"+strconv.Itoa(i)); err != nil {
			tb.Fatal(err)
		}
	}
	return srv, worlds
}

// BenchmarkWorldsRequests reads and updates a link, journal and all, in one
// sandbox and spread over a thousand.
func BenchmarkWorldsRequests(b *testing.B) {
	for _, n := range []int{1, manyWorlds} {
		srv, _ := worldsServer(b, n)
		for name, c := range map[string]call{"read": get(linkA), "update": put(linkA, updates[0])} {
			b.Run(fmt.Sprintf("%s/sandboxes=%d", name, n), func(b *testing.B) {
				var next atomic.Int64
				b.ReportAllocs()
				began := time.Now()
				b.RunParallel(func(pb *testing.PB) {
					calls := make([]*http.Request, n)
					rewinds := make([]func(), n)
					for i := range n {
						calls[i], rewinds[i] = c.in("w" + strconv.Itoa(i)).request()
					}
					at := int(next.Add(1)) * 97 % n
					w := newRecorder()
					for pb.Next() {
						// The journal keeps the headers of an answer.
						w.header, w.status, w.body = http.Header{}, 0, w.body[:0]
						rewinds[at]()
						srv.ServeHTTP(w, calls[at])
						if w.status != http.StatusOK {
							b.Errorf("%d %s", w.status, w.body)
							return
						}
						at = (at + 1) % n
					}
				})
				b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "req/s")
			})
		}
	}
}

// BenchmarkWorldsFork forks an empty sandbox and one of 100,000 links, and drops
// the fork again.
func BenchmarkWorldsFork(b *testing.B) {
	for _, n := range []int{0, 100_000} {
		b.Run("links="+strconv.Itoa(n), func(b *testing.B) {
			worlds, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: func(start time.Time) []*store.Row { return manyLinks(n, start) }})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := worlds.Fork(b.Context(), "default", "f"); err != nil {
					b.Fatal(err)
				}
				if _, err := worlds.Drop(b.Context(), "f"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func manyLinks(n int, start time.Time) []*store.Row {
	rows := make([]*store.Row, n)
	for i := range rows {
		rec := record.New(record.Links, "x")
		rec.Set(record.SlotID, record.Quote(strconv.Itoa(i)))
		rec.Set(record.SlotStatus, record.Quote(record.Active))
		rec.Set(record.SlotCreated, record.FormatTime(start.Add(time.Duration(i))))
		rows[i] = dialect.NewRow(nil, rec)
	}
	return rows
}

// BenchmarkWorldsMemory tells the bytes of a thousand sandboxes of the fixtures:
// untouched, and after one request in each.
func BenchmarkWorldsMemory(b *testing.B) {
	for name, used := range map[string]bool{"untouched": false, "used": true} {
		b.Run(name, func(b *testing.B) {
			var kept []*routes.Server
			var bytes uint64
			for b.Loop() {
				srv, _ := worldsServer(b, 0)
				before := heapBytes()
				for i := range manyWorlds {
					if _, err := srv.Sandboxes().Get(b.Context(), "w"+strconv.Itoa(i)); err != nil {
						b.Fatal(err)
					}
					if used {
						if w := get(linkA).in("w" + strconv.Itoa(i)).to(srv); w.status != http.StatusOK {
							b.Fatalf("%d %s", w.status, w.body)
						}
					}
				}
				bytes += heapBytes() - before
				kept = append(kept[:0], srv)
			}
			b.ReportMetric(float64(bytes)/float64(b.N)/(1<<10), "KiB/1000")
			runtime.KeepAlive(kept)
		})
	}
}

func heapBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
