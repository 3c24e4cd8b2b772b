package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/console"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/ca"
	"github.com/polylink-dev/polylink/internal/forward"
	"github.com/polylink-dev/polylink/internal/hosts"
	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store/filestore"
)

func (a *app) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve every dialect (what polylink does without a command)",
		Long: "Serve every dialect until SIGTERM or SIGINT, which let open requests finish. SIGHUP and changed files reload the\n" +
			"mappings, the fixtures and the overrides of the configuration; one with mistakes is logged and never replaces a running one.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context()) },
	}
	a.flag(cmd.Flags(), "addr", "`host:port` to listen on; port 0 picks one and prints it (127.0.0.1:12121)")
	a.flag(cmd.Flags(), "store", "`where` sandboxes are kept: memory, or file:PATH (memory)")
	a.off(cmd.Flags(), "no-admin", "do not serve the control API")
	a.off(cmd.Flags(), "quiet", "do not log requests")
	a.on(cmd.Flags(), "forward-proxy", "be an HTTP(S) proxy, too, that answers for the dialects' real hosts by the local CA (see polylink env)")
	cmd.Flags().BoolVar(&a.ports, "ports", false, "give every dialect a port of its own and print it, for SDKs that take no path prefix")
	cmd.Flags().BoolVar(&a.untilEOF, "until-eof", false, "end when standard input does, so that a program which starts polylink never leaves it behind")
	return cmd
}

// process is a serving polylink.
type process struct {
	app       *app
	config    config.Config // of the start
	log       *slog.Logger
	level     *slog.LevelVar
	server    *routes.Server
	fixtures  atomic.Pointer[seed.Fixtures] // a reload replaces them
	scenarios atomic.Pointer[faults.Scenarios]
	listeners listeners
	authority *ca.Authority  // nil where nothing speaks https
	proxy     *forward.Proxy // nil where there is none
	webhooks  *dispatch.Dispatcher
	sandboxes *sandbox.Sandboxes
	file      *filestore.File // nil where sandboxes are in memory alone
	reloads   *reloader
	stopping  chan struct{} // is closed when it begins to stop
}

// serve runs until a signal or ctx ends it.
func (a *app) serve(ctx context.Context) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if a.untilEOF {
		var ended context.CancelFunc
		ctx, ended = context.WithCancel(ctx)
		go func() { // a read of standard input cannot be broken off; the process is about to end
			_, _ = io.Copy(io.Discard, os.Stdin)
			ended()
		}()
	}
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	// A second signal does not wait for open requests.
	defer context.AfterFunc(ctx, stop)()
	type result struct {
		p   *process
		err error
	}
	made := make(chan result, 1)
	go func() {
		p, err := a.start(ctx)
		made <- result{p, err}
	}()
	select {
	case r := <-made:
		if r.err != nil {
			return r.err
		}
		a.tune()
		return r.p.run(ctx, hup)
	case <-ctx.Done():
		return nil // files that do not come must not hold up the end
	}
}

// garbage is how much may be allocated between two collections, in percent of what
// is held. That is little, and a request leaves much behind.
const garbage = 200

// tune gives back the memory that the start took, and lets the collector run less
// often from there on, unless GOGC says how often. limits.memory holds all the same.
func (a *app) tune() {
	debug.FreeOSMemory()
	if _, said := a.env("GOGC"); !said {
		debug.SetGCPercent(garbage)
	}
}

// start makes everything that serving needs, the open addresses last.
func (a *app) start(ctx context.Context) (p *process, err error) {
	c, err := a.read()
	if err != nil {
		return nil, err
	}
	f, err := load(&c)
	if err != nil {
		return nil, err
	}
	p = &process{app: a, config: c, stopping: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.closeStore())
		}
	}()
	p.log, p.level = newLogger(&c, a.err, a.err, a.env)
	if err := p.build(f); err != nil {
		return p, err
	}
	if a.ports {
		c.Listen = portsFor(&c, f.names())
	}
	if err := p.trust(&c, f.set); err != nil {
		return p, err
	}
	if p.listeners, err = p.listenAll(ctx, &c); err != nil {
		return p, err
	}
	p.reloads = newReloader(p) // before anybody knows that it serves, so that no change is missed
	if _, err := io.WriteString(a.out, p.places(f)); err != nil {
		p.listeners.close()
		p.reloads.watch.close()
		return p, err
	}
	for _, name := range a.unknown {
		p.log.Warn("a variable is ignored: "+noSetting, "variable", name)
	}
	if c.Admin.Enabled && !p.adminServed() {
		p.log.Warn("the control API is not served: an address is not loopback, and admin.token is not set")
	}
	p.log.Info("serving", "version", version(), "dialects", f.names(), "addr", p.listeners[0].ln.Addr().String(), "admin", p.adminServed())
	return p, nil
}

// build makes the server out of its parts, and the control API beside it.
func (p *process) build(f loaded) error {
	c := &p.config
	p.fixtures.Store(f.fixtures)
	p.scenarios.Store(f.scenarios)
	rows := routes.Rows(f.set, f.fixtures, c.Shared())
	budget := p.budget()
	var err error
	if p.webhooks, err = p.dispatcher(budget); err != nil {
		return err
	}
	keeper, err := p.keeper(budget)
	if err != nil {
		return err
	}
	sandboxes, err := sandbox.New(sandbox.Options{Engine: mockstore.Within(budget), Keeper: keeper, KeepJournal: c.Journal.Keep, Memory: budget, Rows: rows, Max: c.Limits.Sandboxes, Idle: c.Limits.Idle,
		Journal: c.Limits.Journal, Log: p.log, Post: p.webhooks.Post, Scenarios: p.scenarios.Load})
	if err != nil {
		return fmt.Errorf("load the fixtures: %w", err)
	}
	p.sandboxes = sandboxes
	registry := prometheus.NewRegistry()
	opts := routes.Options{
		Set: f.set, Fixtures: f.fixtures, Log: p.log, Body: int64(c.Limits.Body), NoLimits: !c.Limits.Rate, Shared: c.Shared(), NoWalls: c.Links == config.LinksSharedAll, Mappings: c.Mappings,
		Sandboxes: sandboxes, Metrics: routes.NewMetrics(registry), Quiet: !c.Log.Requests, Write: c.Timeouts.Write,
		Scenarios: p.scenarios.Load, Hosts: p.hosts(),
		CORS:    routes.CORS{Origins: c.CORS.Origins, Dialects: c.CORS.Dialects},
		Backend: backends(c.Upstreams),
	}
	through, err := passages(c, f.set)
	if err != nil {
		return err
	}
	opts.Passage = func(d *dialect.Dialect) *routes.Passage { return through[d.Name] }
	pages := console.Options{Set: func() *dialect.Set { return p.server.Set() }, Hosts: opts.Hosts, Version: version(), Log: p.log}
	if p.adminServed() {
		pages.API = p.control(sandboxes, registry)
		opts.Control = pages.API
	}
	opts.Console = console.New(pages)
	p.server, err = routes.New(opts)
	return err
}

// budget is the memory that everything which is kept shares. The runtime is told
// of it, too.
func (p *process) budget() *memory.Budget {
	limit := int64(p.config.Limits.Memory)
	if limit == 0 {
		limit = memory.Default(os.DirFS("/"))
	}
	b := memory.New(limit)
	memory.Apply(b.Limit())
	p.log.Debug("memory", "budget", b.Limit())
	return b
}

// control makes the control API, which asks for a token where one is set.
func (p *process) control(sandboxes *sandbox.Sandboxes, registry *prometheus.Registry) *admin.API {
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(p.deliveries()...)
	opts := admin.Options{
		Sandboxes: sandboxes, Set: func() *dialect.Set { return p.server.Set() }, Fixtures: p.fixtures.Load, Scenarios: p.scenarios.Load,
		Metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), Version: version(), Log: p.log, MaxBody: int64(p.config.Limits.Snapshot),
		Redact: journal.Redact(p.config.Journal.Redact), Stopping: p.stopping, Shared: p.config.Shared(),
	}
	opts.Hosts = p.hosts()
	if token := p.config.Admin.Token; token.IsSet() {
		opts.Token = token.Matches
	}
	return admin.New(opts)
}

// hosts are the names under which what is ours is served.
func (p *process) hosts() *hosts.Names {
	addrs := []string{p.config.Addr}
	for _, addr := range p.config.Listen {
		addrs = append(addrs, addr)
	}
	return hosts.New(addrs, p.config.Admin.Hosts)
}

// adminServed tells whether the control API is served. One server answers on
// all addresses, so a single one that strangers reach keeps it off without a
// token.
func (p *process) adminServed() bool {
	if !p.config.Admin.Enabled {
		return false
	}
	for _, addr := range p.config.Listen {
		if !p.config.AdminServedAt(addr) {
			return false
		}
	}
	return p.config.AdminServed()
}

// run serves until ctx ends, beside it reloads when it is told to or a file
// changed, and then lets requests that are under way finish.
func (p *process) run(ctx context.Context, hup <-chan os.Signal) error {
	failed, wait := p.listeners.serve()
	paused := p.resume(ctx)
	reloading, stop := context.WithCancel(ctx)
	reloaded := make(chan struct{})
	go func() {
		defer close(reloaded)
		p.reloads.run(reloading, hup)
	}()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	stop()
	p.log.Info("stopping")
	close(p.stopping)
	p.drain(ctx, reloaded)
	wait()
	paused()
	return errors.Join(err, p.closeStore())
}

// drain gives open requests, and a reload that is under way, the time that the
// configuration allows them. Where that has no bound, a reload has one all the
// same: nothing can end one whose files do not come.
func (p *process) drain(ctx context.Context, reloaded <-chan struct{}) {
	ctx = context.WithoutCancel(ctx)
	late := time.After(patience)
	if d := p.config.Timeouts.Drain; d > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d)
		defer cancel()
		late = time.After(d)
	}
	if err := p.listeners.shutdown(ctx); err != nil {
		p.log.Warn("requests were cut off", "error", err)
	}
	if p.proxy != nil {
		_ = p.proxy.Close()
	}
	p.deliver(ctx)
	select {
	case <-reloaded:
		return
	default:
	}
	select {
	case <-reloaded:
	case <-late:
		p.log.Warn("a reload was cut off")
	}
}
