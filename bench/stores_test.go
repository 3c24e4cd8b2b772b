package bench

import (
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/store/filestore"
)

// newKeeping is a server on a keeper, nil for memory, with as many links as there
// are clients.
func newKeeping(tb testing.TB, keeper store.Keeper, clients int) (*routes.Server, []call) {
	tb.Helper()
	set, fix := shipped(tb)
	worlds, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Keeper: keeper, Rows: fix.Rows})
	if err != nil {
		tb.Fatal(err)
	}
	s, err := routes.New(routes.Options{Sandboxes: worlds, Set: set, Fixtures: fix, NoLimits: true})
	if err != nil {
		tb.Fatal(err)
	}
	calls := make([]call, clients)
	for i := range calls {
		calls[i] = put(linkA, fmt.Sprintf(`{"title":"Client %d","description":"%d"}`, i, i)).in(fmt.Sprint("s", i%4))
	}
	return s, calls
}

func openFile(b *testing.B, o filestore.Options) *filestore.File {
	b.Helper()
	f, err := filestore.Open(filepath.Join(b.TempDir(), "x.db"), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := f.Close(); err != nil {
			b.Error(err)
		}
	})
	return f
}

// BenchmarkUpdateInAFile compares the processor's time of an update with the file,
// where changes are gathered, to that in memory: x_memory. Both take turns.
func BenchmarkUpdateInAFile(b *testing.B) {
	const turn = 2000
	type side struct {
		s     *routes.Server
		calls []call
		spent time.Duration
	}
	file := openFile(b, filestore.Options{Interval: 100 * time.Millisecond})
	sides := [2]side{}
	sides[0].s, sides[0].calls = newKeeping(b, nil, 8)
	sides[1].s, sides[1].calls = newKeeping(b, file, 8)
	for b.Loop() {
		for i := range sides {
			it := &sides[i]
			begin := cpu()
			for n := range turn {
				if w := it.calls[n%len(it.calls)].to(it.s); w.status != http.StatusOK {
					b.Fatalf("%d %s", w.status, w.body)
				}
			}
			time.Sleep(150 * time.Millisecond) // so that the last interval is written in its own turn
			it.spent += cpu() - begin
		}
	}
	b.ReportMetric(float64(sides[1].spent)/float64(sides[0].spent), "x_memory")
	b.ReportMetric(float64(sides[1].spent.Microseconds())/float64(b.N*turn), "cpu-us/update")
}

// BenchmarkDurableUpdates has 32 clients update links, each answered once it is
// in the file: updates/s, beside those of a loop that does nothing but put a
// value of a KiB into bbolt in a transaction of its own: x_bbolt.
func BenchmarkDurableUpdates(b *testing.B) {
	const clients = 32
	s, calls := newKeeping(b, openFile(b, filestore.Options{}), clients)
	plain, err := bbolt.Open(filepath.Join(b.TempDir(), "plain.db"), 0o600, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer plain.Close()
	value := make([]byte, 1024)
	rate := func(n int, do func(client int) error) float64 {
		begin := time.Now()
		var left atomic.Int64
		left.Store(int64(n))
		var wg sync.WaitGroup
		for c := range clients {
			wg.Go(func() {
				for left.Add(-1) >= 0 {
					if err := do(c); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wg.Wait()
		return float64(n) / time.Since(begin).Seconds()
	}
	var ours, theirs []float64
	for b.Loop() {
		ours = append(ours, rate(5000, func(c int) error {
			if w := calls[c].to(s); w.status != http.StatusOK {
				return fmt.Errorf("%d %s", w.status, w.body)
			}
			return nil
		}))
		theirs = append(theirs, rate(1000, func(c int) error {
			return plain.Update(func(tx *bbolt.Tx) error {
				bucket, err := tx.CreateBucketIfNotExists([]byte("b"))
				if err != nil {
					return err
				}
				return bucket.Put([]byte{byte(c)}, value)
			})
		}))
	}
	b.ReportMetric(median(ours), "updates/s")
	b.ReportMetric(median(ours)/median(theirs), "x_bbolt")
}

// BenchmarkStartWithAFile opens a file with 100,000 links: ms until a server could
// listen, and read-ms until all rows can be read.
func BenchmarkStartWithAFile(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.db")
	f, err := filestore.Open(path, filestore.Options{Interval: time.Second})
	if err != nil {
		b.Fatal(err)
	}
	_, fix := shipped(b)
	worlds, err := sandbox.New(sandbox.Options{Keeper: f, Rows: fix.Rows})
	if err != nil {
		b.Fatal(err)
	}
	rows := fix.Rows(time.Now())
	at := 0
	for rows[at].Table != "link" {
		at++
	}
	for i := range 100_000 {
		one := *rows[at]
		one.Key, one.Seq, one.Keys = fmt.Sprint(one.Key, i), 0, []string{fmt.Sprint("key", i)}
		rows = append(rows, &one)
	}
	if _, err := worlds.Put(b.Context(), sandbox.Default, rows, nil); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	var open, read []float64
	for b.Loop() {
		begin := time.Now()
		f, err := filestore.Open(path, filestore.Options{})
		if err != nil {
			b.Fatal(err)
		}
		worlds, err := sandbox.New(sandbox.Options{Keeper: f, Rows: fix.Rows})
		if err != nil {
			b.Fatal(err)
		}
		open = append(open, float64(time.Since(begin).Milliseconds()))
		if n, err := worlds.Peek(sandbox.Default).DB.Count(b.Context(), "link"); err != nil || n < 100_000 {
			b.Fatalf("%d links, %v", n, err)
		}
		read = append(read, float64(time.Since(begin).Milliseconds()))
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(median(open), "ms")
	b.ReportMetric(median(read), "read-ms")
}
