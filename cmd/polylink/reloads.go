package main

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/polylink-dev/polylink/config"
)

// quiet is how long files must have been left alone before they are read:
// editors and tools write several in a row.
const quiet = 100 * time.Millisecond

// reloader takes up changed files, one reload at a time. It is all that waits
// for files while the process serves.
type reloader struct {
	p     *process
	watch *watcher
	now   config.Config // what was loaded last, where that was in order
}

// newReloader watches the files from now on.
func newReloader(p *process) *reloader {
	r := &reloader{p: p, watch: newWatcher(p.log), now: p.config}
	r.watch.follow(p.app.configFile(), &r.now)
	return r
}

// run reloads when it is told to, and when files that changed have been quiet
// for a while, until ctx ends.
func (r *reloader) run(ctx context.Context, hup <-chan os.Signal) {
	defer r.watch.close()
	var settled <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-hup:
			r.reload(ctx)
		case ev := <-r.watch.events():
			if r.watch.wanted(ev) {
				settled = time.After(quiet)
			}
		case e := <-r.watch.errors():
			r.p.log.Warn("changed files may go unnoticed, send SIGHUP to reload", "error", e)
		case <-settled:
			settled = nil
			r.reload(ctx)
		}
	}
}

// reload compiles everything anew. A set with mistakes never replaces a
// running one, and nothing replaces one that is stopping.
func (r *reloader) reload(ctx context.Context) {
	p, file := r.p, r.p.app.configFile()
	r.watch.follow(file, &r.now) // folders that are new, before they are read
	c, err := p.app.read()
	var f loaded
	if err == nil {
		f, err = load(&c)
	}
	if ctx.Err() != nil {
		return
	}
	if err == nil {
		err = p.server.Reload(f.set, f.fixtures)
	}
	if err != nil {
		lines := strings.Split(err.Error(), "\n")
		for _, line := range lines {
			p.log.Error("reload diagnostic", "diagnostic", line)
		}
		p.log.Error("reload refused, the running set stays", "diagnostics", len(lines))
		return
	}
	p.fixtures.Store(f.fixtures)
	p.scenarios.Store(f.scenarios)
	if keys := restartKeys(&p.config, &c); len(keys) > 0 {
		p.log.Warn("settings changed that take effect at the next start", "keys", keys)
	}
	p.level.Set(c.Log.Level)
	r.now = c
	r.watch.follow(file, &r.now)
	p.log.Info("reloaded", "dialects", f.names())
}

// restartKeys names what changed that a reload does not touch.
func restartKeys(old, now *config.Config) []string {
	var keys []string
	for _, k := range []struct {
		key     string
		changed bool
	}{
		{"addr", old.Addr != now.Addr},
		{"listen", !reflect.DeepEqual(old.Listen, now.Listen) || !reflect.DeepEqual(old.TLS, now.TLS)},
		{"store", old.Store != now.Store},
		{"sync", old.Sync != now.Sync},
		{"upstreams", !reflect.DeepEqual(old.Upstreams, now.Upstreams)},
		{"forward_proxy", old.Forward != now.Forward},
		{"admin", old.Admin.Enabled != now.Admin.Enabled || !old.Admin.Token.Equal(now.Admin.Token)},
		{"cors", !reflect.DeepEqual(old.CORS, now.CORS)},
		{"journal", old.Journal != now.Journal},
		{"log", old.Log.Format != now.Log.Format || old.Log.Requests != now.Log.Requests},
		{"webhooks", !reflect.DeepEqual(endpoints(old), endpoints(now)) || !slices.Equal(old.Webhooks.Allow, now.Webhooks.Allow)},
		{"limits", old.Limits != now.Limits},
		{"timeouts", old.Timeouts != now.Timeouts},
	} {
		if k.changed {
			keys = append(keys, k.key)
		}
	}
	return keys
}

// watcher hears of changed files. It watches folders and not files, because
// editors and Kubernetes put new files in the place of old ones, and the
// folders above, because folders are replaced too.
type watcher struct {
	notify *fsnotify.Watcher // nil where the system has none to give
	log    *slog.Logger
	wants  map[string][]func(name string) bool // what is of interest in a folder
}

func newWatcher(log *slog.Logger) *watcher {
	n, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("files are not watched, send SIGHUP to reload", "error", err)
	}
	return &watcher{notify: n, log: log}
}

func (w *watcher) events() <-chan fsnotify.Event {
	if w.notify == nil {
		return nil
	}
	return w.notify.Events
}

func (w *watcher) errors() <-chan error {
	if w.notify == nil {
		return nil
	}
	return w.notify.Errors
}

func (w *watcher) close() {
	if w.notify != nil {
		_ = w.notify.Close()
	}
}

// swapped is the link that Kubernetes points elsewhere when it updates the
// files of a mounted folder.
const swapped = "..data"

func yamlFile(name string) bool { return filepath.Ext(name) == ".yaml" || name == swapped }

// follow watches what the configuration names, and forgets what it no longer
// does.
func (w *watcher) follow(file string, c *config.Config) {
	if w.notify == nil {
		return
	}
	w.wants = map[string][]func(string) bool{}
	w.want(filepath.Dir(file), func(name string) bool { return name == filepath.Base(file) || name == swapped })
	if c.Mappings != "" {
		w.want(c.Mappings, yamlFile)
		w.wantFolder(c.Mappings)
	}
	if c.Scenarios != "" {
		w.want(c.Scenarios, yamlFile)
		w.wantFolder(c.Scenarios)
	}
	if c.Fixtures != "" {
		w.want(c.Fixtures, func(name string) bool { return !strings.Contains(name, ".") || name == swapped })
		w.wantFolder(c.Fixtures)
		for _, dir := range folders(c.Fixtures) {
			w.want(dir, yamlFile)
		}
	}
	for _, dir := range w.notify.WatchList() {
		if w.wants[dir] == nil {
			_ = w.notify.Remove(dir)
		}
	}
	for dir := range w.wants {
		if err := w.notify.Add(dir); err != nil {
			w.log.Debug("folder is not watched", "dir", dir, "error", err)
		}
	}
}

func (w *watcher) want(dir string, wants func(name string) bool) {
	if abs, err := filepath.Abs(dir); err == nil {
		w.wants[abs] = append(w.wants[abs], wants)
	}
}

// wantFolder looks out for a folder itself, from the one above.
func (w *watcher) wantFolder(dir string) {
	if abs, err := filepath.Abs(dir); err == nil {
		w.want(filepath.Dir(abs), func(name string) bool { return name == filepath.Base(abs) })
	}
}

// folders lists the folders in a folder.
func folders(dir string) []string {
	entries, err := fs.ReadDir(os.DirFS(dir), ".")
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, filepath.Join(dir, e.Name()))
		}
	}
	return out
}

// wanted tells whether an event is a change to a file that is read.
func (w *watcher) wanted(ev fsnotify.Event) bool {
	if !ev.Has(fsnotify.Create) && !ev.Has(fsnotify.Write) && !ev.Has(fsnotify.Remove) && !ev.Has(fsnotify.Rename) {
		return false
	}
	for _, wants := range w.wants[filepath.Dir(ev.Name)] {
		if wants(filepath.Base(ev.Name)) {
			return true
		}
	}
	return false
}
