package routes_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestClientThatSendsAllBeforeItReads is how many HTTP libraries send a body.
func TestClientThatSendsAllBeforeItReads(t *testing.T) {
	t.Parallel()
	ts := listen(t, newServer(t))
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", ts.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	const size = 8 << 20
	if _, err := fmt.Fprintf(conn, "PUT /devdraft%s HTTP/1.1\r\nHost: x\r\n%s\r\n%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		devdraftPath, devdraft[0], devdraft[1], size); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(bytes.Repeat([]byte{' '}, size)); err != nil {
		t.Fatalf("the body could not be sent: %v", err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != 413 {
		t.Errorf("answered %d, want 413", res.StatusCode)
	}
}

// TestBodyThatIsTooLargeIsLikeNoOther has a key that was used before, and
// keeps nothing under one that was not.
func TestBodyThatIsTooLargeIsLikeNoOther(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	change := func(key, body string) answer {
		return do(t, srv, asks("POST /leanrails"+leanrailsPath, body, leanrails, "Content-Type: application/json", "Idempotency-Key: "+key))
	}
	large := `{"active":false,"x":"` + strings.Repeat("a", 1<<20) + `"}`
	change("a", "{}").want(t, 200)
	change("a", large).want(t, 413)
	change("b", large).want(t, 413)
	change("b", "{}").want(t, 200)
}

func TestBodyInAnotherCodingIsRefused(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	send := func(coding string) answer {
		return do(t, srv, asks("PUT /devdraft"+devdraftPath, `{"title":"A title"}`, append([]string{"Content-Type: application/json", "Content-Encoding: " + coding}, devdraft...)...))
	}
	send("gzip").want(t, 415)
	send("identity").want(t, 200)
}
