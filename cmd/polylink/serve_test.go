package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// launch starts a process in this one; it ends when the context does.
func launch(t *testing.T, ctx context.Context, settings map[string]string) (addr string, ended <-chan error) {
	t.Helper()
	env := func(name string) (string, bool) {
		v, ok := settings[name]
		return v, ok
	}
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	a := &app{out: io.Discard, err: io.Discard, env: env, file: file, flags: map[string]string{"addr": "127.0.0.1:0"}}
	p, err := a.start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	ch := make(chan error, 1)
	go func() { ch <- p.run(ctx, nil) }()
	return p.listeners[0].ln.Addr().String(), ch
}

// halfRequest sends a request up to its body, and returns when the server has
// begun to read that.
func halfRequest(t *testing.T, addr, body string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	fmt.Fprintf(conn, "PUT /devdraft/api/v0/payment-links/550e8400-e29b-41d4-a716-446655440000 HTTP/1.1\r\nHost: %s\r\n"+
		"x-client-key: your_client_key\r\nx-client-secret: your_client_secret\r\nContent-Type: application/json\r\n"+
		"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n", addr, len(body))
	r := bufio.NewReader(conn)
	line, err := r.ReadString('\n')
	if err != nil || !strings.Contains(line, "100 Continue") {
		t.Fatalf("got %q, %v; want 100 Continue", line, err)
	}
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return conn, r
}

// refused waits until nobody listens at an address any more.
func refused(t *testing.T, addr string) {
	t.Helper()
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); <-ticker.C {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		_ = conn.Close()
	}
	t.Fatalf("%s is still open", addr)
}

func TestStoppingLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	addr, ended := launch(t, ctx, nil)
	const body = `{"title":"At the last moment"}`
	conn, r := halfRequest(t, addr, body)
	stop()
	refused(t, addr)
	if _, err := io.WriteString(conn, body); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(got), "At the last moment") {
		t.Errorf("answered %s %s, %v", resp.Status, got, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestStoppingCutsOffRequestsThatTakeTooLong(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	addr, ended := launch(t, ctx, map[string]string{"POLYLINK_TIMEOUTS_DRAIN": "20ms"})
	_, r := halfRequest(t, addr, "{}")
	stop()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
	if _, err := r.ReadString('\n'); err == nil {
		t.Error("the connection was answered, want it closed")
	}
}

// TestStoppingDoesNotWaitForFilesThatDoNotCome lets a reload hang, as on a
// disk that no longer answers.
func TestStoppingDoesNotWaitForFilesThatDoNotCome(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	hang, hanging, hup := make(chan struct{}), make(chan struct{}), make(chan os.Signal, 1)
	t.Cleanup(func() { close(hang) })
	started, once := false, sync.Once{}
	env := func(name string) (string, bool) {
		if started {
			once.Do(func() { close(hanging) })
			<-hang
		}
		return "20ms", name == "POLYLINK_TIMEOUTS_DRAIN"
	}
	a := &app{out: io.Discard, err: io.Discard, env: env, flags: map[string]string{"addr": "127.0.0.1:0"}}
	p, err := a.start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	started = true
	ended := make(chan error, 1)
	go func() { ended <- p.run(ctx, hup) }()
	hup <- os.Interrupt
	<-hanging
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v", err)
		}
	case <-time.After(limit):
		t.Error("it has not ended")
	}
}

// TestStopDeliversWhatIsDue stops a process while its receiver is slow: the
// delivery that is under way arrives.
func TestStopDeliversWhatIsDue(t *testing.T) {
	t.Parallel()
	begun, arrived, let := make(chan struct{}), make(chan struct{}), make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-let
		if _, err := io.ReadAll(r.Body); err == nil {
			close(arrived)
		}
	}))
	defer receiver.Close()
	ctx, cancel := context.WithCancel(t.Context())
	addr, ended := launch(t, ctx, nil)
	for path, body := range map[string]string{
		"/__admin/webhooks": `{"dialect":"devdraft","url":"` + receiver.URL + `","events":["payment_link.paid"]}`,
	} {
		resp, err := http.Post("http://"+addr+path, "application/json", strings.NewReader(body))
		if err != nil || resp.StatusCode != http.StatusCreated {
			t.Fatal(resp, err)
		}
		_ = resp.Body.Close()
	}
	resp, err := http.Post("http://"+addr+"/__admin/links/devdraft/550e8400-e29b-41d4-a716-446655440000/complete", "", nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	_ = resp.Body.Close()
	<-begun
	cancel()
	close(let)
	select {
	case <-arrived:
	case err := <-ended:
		t.Fatalf("it ended with a delivery under way: %v", err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}
