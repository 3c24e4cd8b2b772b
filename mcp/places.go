package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/hosts"
)

// patience is how long an answer, and the end of a server, are waited for.
const patience = 5 * time.Second

// Runs tells whether a polylink answers at an address, such as
// http://127.0.0.1:12121. It is an error when something else does, or one
// without a control API.
func Runs(ctx context.Context, base string) (bool, error) {
	if strings.HasSuffix(base, ":0") { // any port is to be picked
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/__admin/health", nil)
	if err != nil {
		return false, err
	}
	resp, err := (&http.Transport{Proxy: nil, DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		return false, nil // nobody is there
	}
	defer func() { _ = resp.Body.Close() }()
	var health struct{ Status, Version string }
	if json.NewDecoder(io.LimitReader(resp.Body, mostAnswer)).Decode(&health) == nil && health.Version != "" {
		return true, nil
	}
	if resp.Header.Get("X-Polylink-Admin") == "off" {
		return false, fmt.Errorf("the polylink at %s serves no control API, which the tools need", base)
	}
	return false, fmt.Errorf("what answers at %s is no polylink; name another address with --addr", base)
}

// Loopback tells whether an address to listen on is reached from this machine
// alone.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}

// Listen serves the tools as streamable HTTP at an address until ctx ends, and
// says where.
func (s *Server) Listen(ctx context.Context, addr string, allowed *hosts.Names, token func(string) bool, out io.Writer) error {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: s.Handler(allowed, token), ReadHeaderTimeout: patience, MaxHeaderBytes: 64 << 10}
	if _, err := fmt.Fprintf(out, "polylink mcp listens on http://%s/mcp\n", ln.Addr()); err != nil {
		_ = ln.Close()
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err = <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if srv.Shutdown(ctx) != nil {
		_ = srv.Close()
	}
	<-failed
	return nil
}
