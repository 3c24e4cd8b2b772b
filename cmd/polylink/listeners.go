package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/internal/forward"
)

// headerCap is how many bytes of headers a request may have.
const headerCap = 64 << 10

// listener is one address that is served, or what comes in through the forward
// proxy.
type listener struct {
	ln      net.Listener
	srv     *http.Server
	dialect string // whose own address it is, "" for everybody's
	tls     bool
	inside  bool // of the forward proxy, and no address
}

// listeners are all of them: that of everybody first, the others by dialect.
type listeners []listener

// listenAll opens every address, or none.
func (p *process) listenAll(ctx context.Context, c *config.Config) (listeners, error) {
	var all listeners
	add := func(l listener, h http.Handler) {
		l.srv = &http.Server{
			Handler: h, ReadHeaderTimeout: c.Timeouts.ReadHeader, ReadTimeout: c.Timeouts.Read, WriteTimeout: c.Timeouts.Write,
			IdleTimeout: c.Timeouts.Idle, MaxHeaderBytes: headerCap, ErrorLog: slog.NewLogLogger(p.log.Handler(), slog.LevelWarn),
		}
		if l.tls {
			l.srv.TLSConfig = p.authority.TLS(p.ours)
		}
		all = append(all, l)
	}
	open := func(key, addr, dialect string, h http.Handler) error {
		ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
		if err != nil {
			return cannotListen(key, addr, err)
		}
		add(listener{ln: ln, dialect: dialect, tls: c.TLS[dialect]}, h)
		return nil
	}
	front := http.Handler(p.server)
	if c.Forward.Enabled {
		p.proxy = forward.New(forward.Options{Next: p.server, Ours: p.ours, Tunnel: c.Forward.Others == config.OthersTunnel})
		front = p.proxy
	}
	err := open("--addr", c.Addr, "", front)
	for _, name := range slices.Sorted(maps.Keys(c.Listen)) {
		if err == nil {
			err = open("listen."+name, c.Listen[name], name, p.server.ForDialect(name))
		}
	}
	if err != nil {
		all.close()
		return nil, err
	}
	if p.proxy != nil {
		secure, plain := forward.Split(p.proxy.Listener())
		add(listener{ln: secure, tls: true, inside: true}, p.server)
		add(listener{ln: plain, inside: true}, p.server)
	}
	return all, nil
}

func cannotListen(key, addr string, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return &exitError{exitAddress, fmt.Errorf("%s is in use; stop what listens there, or choose another with %s (port 0 picks a free one)", addr, key)}
	}
	return &exitError{exitFailure, fmt.Errorf("listen: %w", err)}
}

// close closes addresses that are not served yet.
func (ls listeners) close() {
	for _, l := range ls {
		_ = l.ln.Close()
	}
}

// portsFor gives every dialect that has no address of its own a free port
// where everybody's is.
func portsFor(c *config.Config, dialects []string) map[string]string {
	listen := maps.Clone(c.Listen)
	if listen == nil {
		listen = map[string]string{}
	}
	host, _, err := net.SplitHostPort(c.Addr)
	for _, name := range dialects {
		if listen[name] == "" && err == nil {
			listen[name] = net.JoinHostPort(host, "0")
		}
	}
	return listen
}

func (l listener) url() string {
	if l.tls {
		return "https://" + reachable(l.ln.Addr().String())
	}
	return "http://" + reachable(l.ln.Addr().String())
}

// places is what the start prints, all in one write; scripts that asked for
// port 0 read the addresses in it. With --ports there is a line a dialect, and
// on a terminal it tells where everything is.
func (p *process) places(f loaded) string {
	var b strings.Builder
	for _, l := range p.listeners {
		switch {
		case l.inside:
		case l.dialect == "":
			fmt.Fprintf(&b, "polylink listens on %s\n", l.url())
		case p.app.ports:
			fmt.Fprintf(&b, "%s  %s\n", l.dialect, l.url())
		default:
			fmt.Fprintf(&b, "polylink listens on %s (%s)\n", l.url(), l.dialect)
		}
	}
	if !terminal(p.app.screen) {
		return b.String()
	}
	base := p.listeners[0].url()
	t := table(&b)
	for _, name := range f.names() {
		if !p.app.ports {
			fmt.Fprintf(t, "  %s\t%s/%s\n", name, base, name)
		}
	}
	if p.adminServed() {
		fmt.Fprintf(t, "  page\t%s/\n  control API\t%s/__admin/\n", base, base)
	}
	_ = t.Flush()
	return b.String()
}

// serve answers on every address until shutdown, and tells failed of the first
// that stops by itself. wait returns when none is served any more.
func (ls listeners) serve() (failed <-chan error, wait func()) {
	ch := make(chan error, len(ls))
	var wg sync.WaitGroup
	for _, l := range ls {
		wg.Go(func() {
			serve := l.srv.Serve
			if l.tls {
				serve = func(ln net.Listener) error { return l.srv.ServeTLS(ln, "", "") }
			}
			if err := serve(l.ln); err != nil && !errors.Is(err, http.ErrServerClosed) {
				ch <- err
			}
		})
	}
	return ch, wg.Wait
}

// shutdown lets requests that are under way finish until ctx ends, on all
// addresses at once, and cuts the others off.
func (ls listeners) shutdown(ctx context.Context) error {
	errs := make([]error, len(ls))
	var wg sync.WaitGroup
	for i, l := range ls {
		wg.Go(func() {
			if errs[i] = l.srv.Shutdown(ctx); errs[i] != nil {
				_ = l.srv.Close()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
