package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// connections is how many are open at once.
const connections = 32

// outcome is what came of a load.
type outcome struct {
	requests, bad int
	p50, p99      float64 // milliseconds
}

// generator puts load on a server.
type generator interface {
	name() string
	run(ctx context.Context, address string, requests []request, d time.Duration) (outcome, error)
	close()
}

func newGenerator(want string) (generator, error) {
	file, err := exec.LookPath("wrk")
	switch {
	case want == "go" || want == "" && err != nil:
		return goGenerator{}, nil
	case err != nil:
		return nil, fmt.Errorf("wrk is not installed: %w", err)
	}
	dir, err := os.MkdirTemp("", "bench-http")
	if err != nil {
		return nil, err
	}
	return &wrk{file: file, dir: dir}, os.WriteFile(filepath.Join(dir, "load.lua"), []byte(script), 0o600)
}

// script has wrk send the requests of a file in turn.
//
//go:embed load.lua
var script string

// wrk is wrk of that name, on the second core where there is one.
type wrk struct{ file, dir string }

func (w *wrk) name() string { return "wrk" }
func (w *wrk) close()       { _ = os.RemoveAll(w.dir) }

func (w *wrk) run(ctx context.Context, address string, requests []request, d time.Duration) (outcome, error) {
	var lines strings.Builder
	for _, r := range requests {
		fmt.Fprintf(&lines, "%s\t%s\t%s\t%s\t%s\n", r.method, r.path, r.mime, r.auth, r.body)
	}
	list := filepath.Join(w.dir, "requests")
	if err := os.WriteFile(list, []byte(lines.String()), 0o600); err != nil {
		return outcome{}, err
	}
	seconds := max(1, int((d+time.Second-1)/time.Second))
	args := []string{w.file, "-t1", fmt.Sprintf("-c%d", connections), fmt.Sprintf("-d%ds", seconds), "--timeout", "10s", "-s", filepath.Join(w.dir, "load.lua"), address}
	if pin, err := exec.LookPath("taskset"); err == nil {
		args = append([]string{pin, "-c", "1"}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "BENCH_REQUESTS="+list)
	out, err := cmd.Output()
	if err != nil {
		return outcome{}, fmt.Errorf("wrk: %w", err)
	}
	last := strings.TrimSpace(string(out))
	last = last[strings.LastIndexByte(last, '\n')+1:]
	var got struct {
		Requests, Bad int
		P50, P99      float64
	}
	if err := json.Unmarshal([]byte(last), &got); err != nil {
		return outcome{}, fmt.Errorf("wrk printed %.200q: %w", out, err)
	}
	return outcome{got.Requests, got.Bad, got.P50, got.P99}, nil
}

// goGenerator is as many connections, each with one request at a time under way.
type goGenerator struct{}

func (goGenerator) name() string { return "a generator in Go" }
func (goGenerator) close()       {}

func (goGenerator) run(ctx context.Context, address string, requests []request, d time.Duration) (outcome, error) {
	host := strings.TrimPrefix(address, "http://")
	wire := make([]string, len(requests))
	for i, r := range requests {
		wire[i] = r.wire(host)
	}
	var mu sync.Mutex
	var all []time.Duration
	var out outcome
	var failed error
	var wg sync.WaitGroup
	until := time.Now().Add(d)
	for c := range connections {
		wg.Go(func() {
			took, bad, err := drive(ctx, host, wire, c*len(wire)/connections, until)
			mu.Lock()
			defer mu.Unlock()
			all, out.bad = append(all, took...), out.bad+bad
			if err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	slices.Sort(all)
	if out.requests = len(all); out.requests > 0 {
		at := func(p float64) float64 { return float64(all[int(p*float64(len(all)-1))].Microseconds()) / 1000 }
		out.p50, out.p99 = at(.5), at(.99)
	}
	return out, failed
}

// drive sends requests over one connection, one after the other.
func drive(ctx context.Context, host string, wire []string, from int, until time.Time) (took []time.Duration, bad int, err error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = c.Close() }()
	in := bufio.NewReader(c)
	for i := from; ; i++ {
		now := time.Now()
		if now.After(until) {
			return took, bad, ctx.Err()
		}
		_ = c.SetDeadline(now.Add(10 * time.Second))
		if _, err := io.WriteString(c, wire[i%len(wire)]); err != nil {
			return took, bad, err
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return took, bad, err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return took, bad, err
		}
		if took = append(took, time.Since(now)); resp.StatusCode/100 != 2 {
			bad++
		}
	}
}

// wire is a request as it is sent.
func (r request) wire(host string) string {
	text := r.method + " " + r.path + " HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: " + r.auth + "\r\n"
	if r.mime != "" {
		text += fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n", r.mime, len(r.body))
	}
	return text + "\r\n" + r.body
}
