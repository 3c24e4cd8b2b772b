package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// target is a server that is measured.
type target struct {
	name    string
	address string
	prefix  string // of the provider's paths
	fixed   bool   // it answers all requests alike
	metrics bool   // it tells what it allocates
	cmd     *exec.Cmd
	dir     string        // of its configuration
	started time.Duration // until the first answer
	atStart int64         // bytes resident then
	ids     []string      // of the links that were made
	samples map[string][]sample
}

// sample is what a request took, in one round.
type sample struct{ cpu, p50, p99, allocs, bytes float64 }

// usage is what a server has taken since it was started.
type usage struct {
	cpu           time.Duration
	allocs, bytes float64
}

// settings give the product limits that no load reaches; requests are counted
// against them all the same.
const settings = "dialects:\n  stripe:\n    limits.live.count: 1000000000\n"

// startAll starts every server.
func startAll(ctx context.Context, o *options) ([]*target, error) {
	var all []*target
	add := func(t *target, args ...string) error {
		t.samples = map[string][]sample{}
		all = append(all, t)
		return t.start(ctx, args)
	}
	if o.soak == 0 {
		if err := add(&target{name: "floor"}, o.floor, "-mode", "store", "-addr"); err != nil {
			return all, err
		}
		if err := add(&target{name: "net/http alone", fixed: true}, o.floor, "-mode", "fixed", "-addr"); err != nil {
			return all, err
		}
	}
	builds := []struct{ name, file string }{{"base", o.base}, {"polylink", o.product}, {"polylink again", o.product}}
	if o.soak > 0 {
		builds = builds[1:2]
	}
	for _, b := range builds {
		if b.file == "" {
			continue
		}
		if err := add(&target{name: b.name, prefix: "/priceblocs", metrics: true}, b.file, "serve", "--addr"); err != nil {
			return all, err
		}
	}
	return all, nil
}

func stopAll(all []*target) {
	for _, t := range all {
		if t.cmd != nil && t.cmd.Process != nil {
			_ = t.cmd.Process.Kill()
			_ = t.cmd.Wait()
		}
		if t.dir != "" {
			_ = os.RemoveAll(t.dir)
		}
	}
}

// start runs a server and waits for its first answer.
func (t *target) start(ctx context.Context, args []string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	file, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	if t.dir, err = os.MkdirTemp("", "bench-http"); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(t.dir, "config.yaml"), []byte(settings), 0o600); err != nil {
		return err
	}
	args = append([]string{file}, append(args[1:], "127.0.0.1:"+port)...)
	if pin, err := exec.LookPath("taskset"); err == nil {
		args = append([]string{pin, "-c", "0"}, args...)
	}
	t.address = "http://127.0.0.1:" + port
	t.cmd = exec.CommandContext(ctx, args[0], args[1:]...)
	t.cmd.Dir = t.dir
	began := time.Now()
	if err := t.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", t.name, err)
	}
	first := t.requests("W1")[0]
	for {
		if _, err = t.send(ctx, first); err == nil {
			break
		}
		if time.Since(began) > 30*time.Second || ctx.Err() != nil {
			return fmt.Errorf("%s does not answer: %w", t.name, err)
		}
		time.Sleep(time.Millisecond)
	}
	t.started, t.atStart = time.Since(began), t.resident()
	return nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// usage reads what the server has taken. Where /proc has no schedstat, the
// processor time is 0.
func (t *target) usage() usage {
	var u usage
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", t.cmd.Process.Pid))
	for _, file := range tasks {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // a thread that has ended
		}
		ns, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseInt(ns, 10, 64)
		u.cpu += time.Duration(n)
	}
	if t.metrics {
		u.allocs, u.bytes = t.metric("go_memstats_mallocs_total"), t.metric("go_memstats_alloc_bytes_total")
	}
	return u
}

// metric reads one of the product's own metrics, 0 where it has none.
func (t *target) metric(name string) float64 {
	resp, err := http.Get(t.address + "/__admin/metrics")
	if err != nil {
		return 0
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(io.LimitReader(resp.Body, 4<<20))
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			f, _ := strconv.ParseFloat(value, 64)
			return f
		}
	}
	return 0
}

// resident is the memory that the server has at the moment, in bytes.
func (t *target) resident() int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", t.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// descriptors is how many files and connections the server has open.
func (t *target) descriptors() int {
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", t.cmd.Process.Pid))
	return len(open)
}
