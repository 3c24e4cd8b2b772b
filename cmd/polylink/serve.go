package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"polylink/config"
	"polylink/dialect"
	"polylink/fixtures"
	"polylink/mappings"
	"polylink/routes"
)

func (a *app) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve every dialect (what polylink does without a command)",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.serve(cmd) },
	}
	cmd.Flags().Var(&setting{a: a, key: "addr"}, "addr", "address to listen on; port 0 picks one and prints it (127.0.0.1:12121)")
	cmd.Flags().Var(&setting{a: a, key: "admin.enabled"}, "admin", "serve the control API: true or false")
	return cmd
}

// world is what mapping and fixture files make together.
type files struct {
	set      *dialect.Set
	fixtures *dialect.Fixtures
}

// load compiles the mappings and the fixtures that the configuration names.
func load(c *config.Config) (files, error) {
	var f files
	var mapFS, fixFS fs.FS = mappings.FS, fixtures.FS
	if c.Mappings != "" {
		mapFS = os.DirFS(c.Mappings)
	}
	if c.Fixtures != "" {
		fixFS = os.DirFS(c.Fixtures)
	}
	overrides := make([]dialect.Override, len(c.Dialects))
	for i, o := range c.Dialects {
		overrides[i] = dialect.Override{Dialect: o.Dialect, Path: o.Path, File: o.File, Node: o.Node}
	}
	set, err := dialect.Compile(mapFS, overrides)
	if err != nil {
		return f, fmt.Errorf("%w", err)
	}
	fix, err := dialect.LoadFixtures(fixFS, set)
	if err != nil {
		return f, err
	}
	return files{set, fix}, nil
}

// serve runs until a signal or the command's context ends it.
func (a *app) serve(cmd *cobra.Command) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	log := newLogger(&c, a.err)
	f, err := load(&c)
	if err != nil {
		return invalid(err)
	}
	srv, err := routes.New(routes.Options{
		Set: f.set, Fixtures: f.fixtures, Log: log, Body: int64(c.Limits.Body), Worlds: c.Limits.Sandboxes, Idle: c.Limits.Idle,
		NoLimits: !c.Limits.Rate, NoAdmin: !c.AdminServed(), Version: version(),
	})
	if err != nil {
		return &exitError{exitFailure, err}
	}
	ctx, stop := signal.NotifyContext(cmdContext(cmd), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := listenAll(ctx, &c, srv)
	if err != nil {
		return err
	}
	for _, at := range l {
		fmt.Fprintf(a.out, "polylink listens on http://%s%s\n", at.ln.Addr(), at.note())
	}
	log.Info("serving", "dialects", len(f.set.Dialects), "addr", l[0].ln.Addr().String())
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	return a.run(ctx, &c, srv, l, hup, log)
}

func cmdContext(cmd *cobra.Command) context.Context {
	if ctx := cmd.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

// listener is one address that is served.
type listener struct {
	ln      net.Listener
	srv     *http.Server
	dialect string
}

func (l listener) note() string {
	if l.dialect == "" {
		return ""
	}
	return " (" + l.dialect + ")"
}

// listenAll opens every address, or none.
func listenAll(ctx context.Context, c *config.Config, srv *routes.Server) ([]listener, error) {
	var out []listener
	open := func(addr, dialect string, h http.Handler) error {
		ln, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
		if err != nil {
			for _, l := range out {
				_ = l.ln.Close()
			}
			code := exitFailure
			if errors.Is(err, syscall.EADDRINUSE) {
				code = exitAddress
				err = fmt.Errorf("%s is in use; stop what listens there, or choose another with --addr", addr)
			}
			return &exitError{code, err}
		}
		out = append(out, listener{ln: ln, dialect: dialect, srv: &http.Server{
			Handler: h, ReadHeaderTimeout: c.Timeouts.ReadHeader, ReadTimeout: c.Timeouts.Read, WriteTimeout: c.Timeouts.Write,
			IdleTimeout: c.Timeouts.Idle, MaxHeaderBytes: 64 << 10,
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelWarn),
		}})
		return nil
	}
	if err := open(c.Addr, "", srv); err != nil {
		return nil, err
	}
	for name, addr := range c.Listen {
		if !srv.Has(name) {
			for _, l := range out {
				_ = l.ln.Close()
			}
			return nil, &exitError{exitInvalid, fmt.Errorf("listen: there is no dialect %q", name)}
		}
		if err := open(addr, name, srv.ForDialect(name)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// run serves until ctx ends, reloads on SIGHUP, and then lets requests that
// are under way finish.
func (a *app) run(ctx context.Context, c *config.Config, srv *routes.Server, ls []listener, hup <-chan os.Signal, log *slog.Logger) error {
	failed := make(chan error, len(ls))
	var wg sync.WaitGroup
	for _, l := range ls {
		wg.Go(func() {
			if err := l.srv.Serve(l.ln); err != nil && !errors.Is(err, http.ErrServerClosed) {
				failed <- err
			}
		})
	}
	var err error
	for running := true; running; {
		select {
		case <-hup:
			a.reload(srv, log)
		case err = <-failed:
			running = false
		case <-ctx.Done():
			running = false
		}
	}
	log.Info("stopping")
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(c.Timeouts.Drain, time.Millisecond))
	defer cancel()
	for _, l := range ls {
		if e := l.srv.Shutdown(deadline); e != nil {
			_ = l.srv.Close()
			log.Warn("requests were cut off", "error", e)
		}
	}
	wg.Wait()
	if err != nil {
		return &exitError{exitFailure, err}
	}
	return nil
}

// reload compiles everything anew. A faulty set never replaces a running one.
func (a *app) reload(srv *routes.Server, log *slog.Logger) {
	c, err := a.config()
	var f files
	if err == nil {
		f, err = load(&c)
	}
	if err == nil {
		err = srv.Reload(f.set, f.fixtures)
	}
	if err != nil {
		log.Error("reload refused, the running set stays", "error", err)
		return
	}
	log.Info("reloaded", "dialects", len(f.set.Dialects))
}
