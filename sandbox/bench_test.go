package sandbox_test

import (
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// BenchmarkMake makes a sandbox from forty fixture rows.
func BenchmarkMake(b *testing.B) {
	w := make1(b, sandbox.Options{Rows: linkRows(40)})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		get(b, w, strconv.Itoa(i))
	}
}

// BenchmarkMakeApart makes sandboxes that are more than a second apart, so
// each builds the fixtures anew.
func BenchmarkMakeApart(b *testing.B) {
	real := &fake{}
	w := make1(b, sandbox.Options{Rows: linkRows(40), Real: real.now, Max: 100})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		real.pass(2 * time.Second)
		get(b, w, strconv.Itoa(i))
	}
}

// BenchmarkGet finds a sandbox that is there, as every request does.
func BenchmarkGet(b *testing.B) {
	w := make1(b, sandbox.Options{})
	name := "worker-7"
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			get(b, w, name)
		}
	})
}

// BenchmarkMemory tells the bytes of a thousand sandboxes that were made at
// once, untouched and with one link in each.
func BenchmarkMemory(b *testing.B) {
	for name, write := range map[string]bool{"untouched": false, "written": true} {
		b.Run(name, func(b *testing.B) {
			var all []*sandbox.Sandboxes
			before := heapBytes()
			for b.Loop() {
				w := make1(b, sandbox.Options{Rows: linkRows(40)})
				for i := range 1000 {
					if sb := get(b, w, strconv.Itoa(i)); write {
						add(b, sb, store.RowKey("x", strconv.Itoa(i)))
					}
				}
				all = append(all, w)
			}
			b.ReportMetric(float64(heapBytes()-before)/float64(b.N), "B/1000")
			runtime.KeepAlive(all)
		})
	}
}

func heapBytes() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
