package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// kills is how often the test kills: POLYLINK_KILLS, or fifty times in CI.
func kills(t *testing.T) int {
	n := 3
	if os.Getenv("CI") == "true" {
		n = 50
	}
	if text := os.Getenv("POLYLINK_KILLS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			t.Fatalf("POLYLINK_KILLS is %q, and no number", text)
		}
	}
	return n
}

// victim is a polylink that keeps its sandboxes in a file and is killed again
// and again.
type victim struct {
	t    *testing.T
	dir  string
	cmd  *exec.Cmd
	url  string
	http *http.Client
}

// start runs it, and waits until it serves.
func (v *victim) start() {
	v.t.Helper()
	v.cmd = exec.Command("polylink", "serve", "--addr", "127.0.0.1:0", "--quiet", "--store", "file:x.db")
	v.cmd.Dir = v.dir
	v.cmd.Env = append(os.Environ(), "POLYLINK_LIMITS_RATE=off", "POLYLINK_TIMEOUTS_DRAIN=1s")
	out, err := v.cmd.StdoutPipe()
	if err != nil {
		v.t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(v.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		v.t.Fatal(err)
	}
	defer log.Close()
	v.cmd.Stderr = log
	if err := v.cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, url, ok := strings.Cut(lines.Text(), "listens on "); ok {
			v.url = url
			break
		}
	}
	if v.url == "" {
		data, _ := os.ReadFile(filepath.Join(v.dir, "log"))
		v.t.Fatalf("it does not serve:\n%s", data)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // which ends with the process
	v.http = &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}
}

func (v *victim) kill() {
	_ = v.cmd.Process.Kill()
	_ = v.cmd.Wait()
	v.http.CloseIdleConnections()
	v.url = ""
}

// ask sends a request; status is 0 when there was no whole answer.
func (v *victim) ask(method, path, key string, body any) (status int, answer []byte) {
	data, _ := json.Marshal(body)
	req, _ := http.NewRequest(method, v.url+path, bytes.NewReader(data))
	req.Header.Set("Content-Type", "application/json")
	if strings.Contains(path, "/leanrails/v1/") {
		req.SetBasicAuth("sk_test_main", "")
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := v.http.Do(req)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	return res.StatusCode, answer
}

// must is ask for what has to succeed, with the answer read into a value.
func (v *victim) must(method, path string, body, into any) {
	v.t.Helper()
	status, answer := v.ask(method, path, "", body)
	if status < 200 || status > 299 {
		v.t.Fatalf("%s %s = %d %s", method, path, status, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			v.t.Fatalf("%s %s: %v in %s", method, path, err, answer)
		}
	}
}

// marked is what is looked at of a link, on the wire or in the model.
type marked struct {
	ID       string
	Version  int
	Metadata struct{ Mark string }
}

// writer changes one link of its own, in a sandbox that it shares with others.
type writer struct {
	n       int
	sandbox string
	id      string // of its link, once it was told
	marks   int
	last    string // mark that was acknowledged last
	maybe   string // mark of the request that had no answer
	writes  int    // changes of the link that were acknowledged
	unsure  int    // and those without an answer
	key     string // of the last request that was
	body    map[string]any
	answer  []byte
}

// write changes the link until the process is gone.
func (w *writer) write(v *victim, told *sync.Map) {
	for {
		w.marks++
		mark := fmt.Sprintf("w%d-%d", w.n, w.marks)
		path, body := w.sandbox+"/leanrails/v1/checkout_links", map[string]any{"metadata": map[string]any{"mark": mark}}
		if w.id == "" {
			body["title"], body["line_items"] = "Tea", []any{map[string]any{"price": "price_3fg6hj9km1np", "quantity": 1}}
		} else {
			path += "/" + w.id
		}
		w.maybe = mark
		status, answer := v.ask("POST", path, mark, body)
		if status == 0 {
			if w.id != "" {
				w.unsure++
			}
			return
		}
		var link marked
		if err := json.Unmarshal(answer, &link); err != nil || status != 200 || link.Metadata.Mark != mark {
			v.t.Errorf("POST %s = %d %s", path, status, answer)
			return
		}
		if w.id != "" {
			w.writes++
		}
		w.id, w.last, w.maybe, w.key, w.body, w.answer = link.ID, mark, "", mark, body, answer
		told.Store(mark, true)
	}
}

// check looks that nothing is lost of what was acknowledged, nor half there.
func (w *writer) check(v *victim) {
	if w.id == "" {
		return
	}
	var link marked
	v.must("GET", w.sandbox+"/__admin/links/leanrails/"+w.id, nil, &link)
	if link.Metadata.Mark != w.last && link.Metadata.Mark != w.maybe {
		v.t.Errorf("%s was acknowledged as %s, maybe changed to %q, and is %s", w.id, w.last, w.maybe, link.Metadata.Mark)
	}
	if n := link.Version - 1; n < w.writes || n > w.writes+w.unsure {
		v.t.Errorf("%s was changed %d times and maybe %d more, and has version %d", w.id, w.writes, w.unsure, link.Version)
	}
	var audit struct {
		Audit []struct{ After map[string]any }
	}
	v.must("GET", w.sandbox+"/__admin/audit", nil, &audit)
	entries := 0
	for _, e := range audit.Audit {
		if e.After["id"] == w.id {
			entries++
		}
	}
	const most = 1000 // entries of a sandbox; the oldest go first
	if len(audit.Audit) < most && entries != link.Version-1 {
		v.t.Errorf("%s has version %d and %d entries in the audit trail", w.id, link.Version, entries)
	}
	if link.Metadata.Mark == w.last && w.key != "" {
		path := w.sandbox + "/leanrails/v1/checkout_links"
		if w.body["line_items"] == nil {
			path += "/" + w.id
		}
		if status, answer := v.ask("POST", path, w.key, w.body); status != 200 || plainURL(answer) != plainURL(w.answer) {
			v.t.Errorf("the answer kept for %s is %d %s, and was %s", w.key, status, answer, w.answer)
		}
	}
	w.last, w.maybe, w.writes, w.unsure = link.Metadata.Mark, "", link.Version-1, 0
}

// plainURL is an answer without the address of the process that gave it.
func plainURL(answer []byte) string {
	before, rest, _ := strings.Cut(string(answer), "http://127.0.0.1:")
	_, after, _ := strings.Cut(rest, "/")
	return before + after
}

// TestKilledProcessesLoseNothing kills a process that is written to at random
// moments: whatever it acknowledged is there afterwards, whole, and every event
// of it arrives.
func TestKilledProcessesLoseNothing(t *testing.T) {
	t.Parallel()
	var arrived sync.Map
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var event struct {
			Data struct{ Object marked }
		}
		if err := json.NewDecoder(r.Body).Decode(&event); err != nil {
			t.Errorf("a delivery: %v", err)
		}
		arrived.Store(event.Data.Object.Metadata.Mark, true)
	}))
	defer receiver.Close()

	v := &victim{t: t, dir: t.TempDir()}
	v.start()
	round := 0
	defer func() {
		v.kill()
		if data, err := os.ReadFile(filepath.Join(v.dir, "log")); t.Failed() && err == nil {
			t.Logf("round %d; the log ends with\n%s", round, data[max(0, len(data)-4000):])
		}
	}()
	for _, sandbox := range []string{"", "/~a"} {
		v.must("POST", sandbox+"/__admin/webhooks", map[string]any{"dialect": "leanrails", "url": receiver.URL, "secret": "whsec_secret"}, nil)
	}
	var writers []*writer
	for i := range 8 {
		writers = append(writers, &writer{n: i, sandbox: []string{"", "/~a"}[i%2]})
	}
	var told sync.Map
	var total atomic.Int64
	for round = range kills(t) {
		frozen := time.Date(2030, 1, 1, 0, round, 0, 0, time.UTC)
		v.must("PUT", "/__admin/clock", map[string]any{"now": frozen, "frozen": true}, nil)
		v.must("POST", "/__admin/sandboxes", map[string]any{"name": fmt.Sprint("r", round)}, nil)
		if round > 0 {
			v.must("DELETE", fmt.Sprint("/__admin/sandboxes/r", round-1), nil, nil)
		}
		v.must("POST", "/__admin/faults", map[string]any{"operation": "price.list", "status": 503, "times": round + 1}, nil)
		if round%2 == 0 {
			v.must("POST", "/~reset/__admin/reset", nil, nil)
		}
		var wg sync.WaitGroup
		for _, w := range writers {
			wg.Go(func() { w.write(v, &told) })
		}
		time.Sleep(time.Duration(20+rand.IntN(300)) * time.Millisecond) // the moment is the point
		_ = v.cmd.Process.Kill()                                        // so that writers end; kill then waits for it
		wg.Wait()
		v.kill()
		v.start()
		for _, w := range writers {
			w.check(v)
		}
		checkWorld(v, round, frozen)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		told.Range(func(mark, _ any) bool {
			for {
				if _, ok := arrived.Load(mark); ok {
					total.Add(1)
					told.Delete(mark)
					return true
				}
				if ctx.Err() != nil {
					t.Errorf("round %d: nobody was told of %s", round, mark)
					return false
				}
				time.Sleep(pace)
			}
		})
		cancel()
		if t.Failed() {
			t.FailNow()
		}
	}
	if total.Load() == 0 {
		t.Error("nothing was acknowledged before a kill")
	}
	t.Logf("%d acknowledged changes", total.Load())
}

// checkWorld looks at what the control API acknowledged.
func checkWorld(v *victim, round int, frozen time.Time) {
	v.t.Helper()
	var clock struct {
		Now    time.Time
		Frozen bool
	}
	v.must("GET", "/__admin/clock", nil, &clock)
	if !clock.Frozen || !clock.Now.Equal(frozen) {
		v.t.Errorf("round %d: the clock was set to %s and shows %+v", round, frozen, clock)
	}
	var list struct{ Sandboxes []struct{ Name string } }
	v.must("GET", "/__admin/sandboxes", nil, &list)
	there := map[string]bool{}
	for _, s := range list.Sandboxes {
		there[s.Name] = true
	}
	if !there[fmt.Sprint("r", round)] || there[fmt.Sprint("r", round-1)] {
		v.t.Errorf("round %d: the sandboxes are %v", round, there)
	}
	var faults struct{ Faults []struct{ Times int } }
	v.must("GET", "/__admin/faults", nil, &faults)
	if len(faults.Faults) != round+1 || faults.Faults[round].Times != round+1 {
		v.t.Errorf("round %d: the faults are %+v", round, faults)
	}
}
