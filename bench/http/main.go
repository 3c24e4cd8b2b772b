// Package http measures what a request costs: polylink, an earlier build of it if
// there is one, and servers written by hand, side by side.
//
// All of them run at once, on one core where the machine lets them be pinned, and
// are asked in turn for a moment each from another one, so that whatever else the
// machine does falls on all alike. What counts is the processor time of a request
// as a ratio to the hand-written server of the same round; the product runs twice,
// and how far its two copies are apart says how far the other ratios are to be
// trusted. The result is written down as Markdown. `make bench-http` runs it. It
// leaves profiles and long soaks to the flags. Start with run, then loads.go for
// what is asked.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"
)

// options are the command line.
type options struct {
	product, base, floor string
	rounds               int
	slice                time.Duration
	loads                string
	out                  string
	generator            string // wrk, go, or "" for wrk where it is installed
	soak                 time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.product, "product", "bin/polylink", "the build to measure")
	flag.StringVar(&o.base, "base", "", "an earlier build to measure it against")
	flag.StringVar(&o.floor, "floor", "bin/floor", "the hand-written server")
	flag.IntVar(&o.rounds, "rounds", 5, "how often each load is put on each server")
	flag.DurationVar(&o.slice, "slice", time.Second, "for how long each time")
	flag.StringVar(&o.loads, "loads", "W1,W2,W3,W6,W7,W8,W9", "which loads, by name")
	flag.StringVar(&o.out, "out", "bench/RESULTS.md", "where the result is written; - is the terminal")
	flag.StringVar(&o.generator, "generator", "", "wrk or go; by default wrk where it is installed")
	flag.DurationVar(&o.soak, "soak", 0, "put W3 on the product alone for so long, and tell what it holds")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, &o); err != nil {
		fmt.Fprintln(os.Stderr, "bench-http:", err)
		os.Exit(1)
	}
}

// run measures and writes the result.
func run(ctx context.Context, o *options) error {
	gen, err := newGenerator(o.generator)
	if err != nil {
		return err
	}
	defer gen.close()
	targets, err := startAll(ctx, o)
	defer stopAll(targets)
	if err != nil {
		return err
	}
	if o.soak > 0 {
		return soak(ctx, o, gen, targets)
	}
	names := strings.Split(o.loads, ",")
	for _, t := range targets {
		if err := t.fill(ctx); err != nil {
			return fmt.Errorf("%s: %w", t.name, err)
		}
	}
	for round := range o.rounds + 1 { // the first warms up
		for _, name := range names {
			for _, t := range targets {
				if err := measure(ctx, gen, t, name, o.slice, round > 0); err != nil {
					return fmt.Errorf("%s, %s: %w", t.name, name, err)
				}
			}
		}
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round, o.rounds)
	}
	return write(o.out, report(o, gen.name(), names, targets))
}

// measure puts one load on one server for a moment, and keeps what it took.
func measure(ctx context.Context, gen generator, t *target, load string, slice time.Duration, keep bool) error {
	requests := t.requests(load)
	if requests == nil {
		return nil
	}
	before := t.usage()
	got, err := gen.run(ctx, t.address, requests, slice)
	if err != nil {
		return err
	}
	after := t.usage()
	if got.requests == 0 {
		return fmt.Errorf("no answers")
	}
	if wrong := got.bad; load == "W6" && wrong != got.requests || load != "W6" && wrong > 0 {
		return fmt.Errorf("%d of %d answers have another status than they should", wrong, got.requests)
	}
	if !keep {
		return nil
	}
	n := float64(got.requests)
	t.samples[load] = append(t.samples[load], sample{
		cpu: float64((after.cpu - before.cpu).Microseconds()) / n, p50: got.p50, p99: got.p99,
		allocs: (after.allocs - before.allocs) / n, bytes: (after.bytes - before.bytes) / n,
	})
	return nil
}
