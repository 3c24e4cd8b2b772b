package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// report writes the result down.
func report(o *options, gen string, loads []string, targets []*target) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What a request costs\n\nWritten by `make bench-http` on %s: %d cores, %s, %d rounds of %s each, %d connections, %s. "+
		"Load of the machine at the end: %s.\nAll servers run at once and are asked in turn. A ratio is the median of the rounds, each to the floor (or the base) of the same round; "+
		"between the two copies of one build it says how far the others can be trusted.\n",
		time.Now().UTC().Format("2006-01-02 15:04 MST"), runtime.NumCPU(), runtime.Version(), o.rounds, o.slice, connections, gen, machineLoad())
	b.WriteString("The floor is a server written by hand for one provider (`bench/floor`); it checks no more than a token and two members, keeps no journal, and counts nothing.\n")
	for _, load := range loads {
		fmt.Fprintf(&b, "\n## %s: %s\n\n| server | CPU µs | × floor | × base | p50 ms | p99 ms | allocations | bytes |\n|---|--:|--:|--:|--:|--:|--:|--:|\n", load, loadTitles[load])
		for _, t := range targets {
			s := t.samples[load]
			if len(s) == 0 {
				continue
			}
			fmt.Fprintf(&b, "| %s | %.1f | %s | %s | %.2f | %.2f | %s | %s |\n", t.name, median(s, cpuOf), against(targets, "floor", t, load), against(targets, "base", t, load),
				median(s, func(s sample) float64 { return s.p50 }), median(s, func(s sample) float64 { return s.p99 }),
				known(median(s, func(s sample) float64 { return s.allocs })), known(median(s, func(s sample) float64 { return s.bytes })))
		}
	}
	b.WriteString("\n## W4: start and memory\n\n| server | first answer ms | MiB then | MiB at the end |\n|---|--:|--:|--:|\n")
	for _, t := range targets {
		fmt.Fprintf(&b, "| %s | %d | %.1f | %.1f |\n", t.name, t.started.Milliseconds(), mib(t.atStart), mib(t.resident()))
	}
	return b.String()
}

func cpuOf(s sample) float64 { return s.cpu }

func median(list []sample, of func(sample) float64) float64 {
	values := make([]float64, len(list))
	for i, s := range list {
		values[i] = of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// against is a target's ratio to another one, "–" where there is none.
func against(all []*target, name string, t *target, load string) string {
	i := slices.IndexFunc(all, func(t *target) bool { return t.name == name })
	if i < 0 || len(all[i].samples[load]) != len(t.samples[load]) {
		return "–"
	}
	var ratios []sample
	for n, s := range t.samples[load] {
		if other := all[i].samples[load][n].cpu; other > 0 {
			ratios = append(ratios, sample{cpu: s.cpu / other})
		}
	}
	if len(ratios) == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", median(ratios, cpuOf))
}

func known(v float64) string {
	if v <= 0 || math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf("%.0f", v)
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }

// machineLoad is the load of the last minutes, "unknown" where it is not told.
func machineLoad() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	fields := strings.Fields(string(text))
	return strings.Join(fields[:3], ", ")
}

// write writes the result to a file, and what was there below it stays: all from
// the first line that says so on.
func write(path, text string) error {
	if path == "-" {
		_, err := os.Stdout.WriteString(text)
		return err
	}
	if old, err := os.ReadFile(path); err == nil {
		if _, kept, ok := strings.Cut(string(old), handwritten); ok {
			text += "\n" + handwritten + kept
		}
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

// handwritten begins what people have added to the result.
const handwritten = "<!-- by hand -->"

// soak puts load on one server for long, and prints what it holds in between.
func soak(ctx context.Context, o *options, gen generator, targets []*target) error {
	t := targets[0]
	if err := t.fill(ctx); err != nil {
		return err
	}
	fmt.Println("| minutes | requests | MiB | heap MiB | goroutines | descriptors |\n|--:|--:|--:|--:|--:|--:|")
	total := 0
	for began := time.Now(); ; {
		at := time.Since(began)
		fmt.Printf("| %.1f | %d | %.1f | %.1f | %.0f | %d |\n", at.Minutes(), total, mib(t.resident()), t.metric("go_memstats_heap_alloc_bytes")/(1<<20), t.metric("go_goroutines"), t.descriptors())
		if at >= o.soak {
			return nil
		}
		got, err := gen.run(ctx, t.address, t.requests("W3"), min(30*time.Second, o.soak-at+time.Second))
		if err != nil {
			return err
		}
		if total += got.requests; got.bad > 0 {
			return fmt.Errorf("%d answers have another status than they should", got.bad)
		}
	}
}
