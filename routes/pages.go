package routes

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/internal/problem"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/visits"
)

// newPages makes the pages of links.
func (s *Server) newPages() *hosted.Handler {
	desk := &visits.Desk{Sandboxes: s.worlds, NoLimits: s.opts.NoLimits, Ledger: func(ctx context.Context) *ledger.Ledger {
		own := *s.state.Load().ledger
		own.Base = hosted.Base(ctx, "")
		return &own
	}}
	return hosted.New(desk, s.log)
}

// page serves a page under its own path, as whoever asks for it reaches us.
func (s *Server) page(w http.ResponseWriter, r *http.Request, at destination) {
	if !s.pageHost(w, r) {
		return
	}
	name := named(r, at, "")
	if !sandbox.ValidName(name) {
		problem.Write(w, http.StatusBadRequest, problem.New(http.StatusBadRequest, "sandbox_name", "No such sandbox name",
			"A sandbox is called by 1 to 40 of a-z, 0-9 and -; what "+sandboxHeader+" holds is something else"))
		return
	}
	sb, err := s.worlds.Get(r.Context(), name)
	if err != nil {
		s.noSandbox(w, r, at, err)
		return
	}
	if !s.startScenario(w, r, sb) {
		return
	}
	ctx := hosted.WithBase(sandbox.WithName(r.Context(), name), s.bases(r, name))
	u := at.url(r)
	operation := journal.PageOpen
	if r.Method == http.MethodPost {
		operation = journal.PageAct
	}
	of, link, _ := strings.Cut(strings.TrimPrefix(u.Path, hosted.Prefix), "/")
	s.witnessed(w, r, at, sb, s.state.Load().routers[of], operation, strings.TrimSuffix(link, "/"), func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(ctx)
		r.URL = u
		s.pages.ServeHTTP(w, r)
	})
}

// startScenario starts the scenario that a visitor of a page asks for, where it
// is idle: the payment meets its first step. It answers a request that asks for
// one which is not there, and returns false.
func (s *Server) startScenario(w http.ResponseWriter, r *http.Request, sb *sandbox.Sandbox) bool {
	name := r.Header.Get(scenarioHeader)
	if name == "" {
		return true
	}
	there := s.scenarios()
	story := there.Find(name)
	if story == nil {
		problem.Write(w, http.StatusBadRequest, problem.New(http.StatusBadRequest, "no_such_scenario", "No such scenario", there.Missing(name)+"; GET /__admin/scenarios lists them"))
		return false
	}
	sb.Plays.StartIdle(story)
	return true
}

// bases tells by which addresses whoever sends a request reaches dialects, and
// for "" what is ours.
func (s *Server) bases(r *http.Request, sandbox string) func(dialect string) string {
	return func(name string) string {
		if name == "" {
			return base(r, destination{}, sandbox)
		}
		if d := s.state.Load().byHost(r.Host); d != nil && d.dialect.Name == name {
			return base(r, destination{}, sandbox)
		}
		return base(r, destination{prefix: "/" + name}, sandbox)
	}
}

// pageHost answers a request whose Host another could point here, and returns
// false.
func (s *Server) pageHost(w http.ResponseWriter, r *http.Request) bool {
	return s.state.Load().byHost(r.Host) != nil || s.opts.Hosts.Guard(w, r, "The page of a link")
}

// hostedAt serves what a dialect has at a path that its operations have not: the
// page of a link at the provider's own address, or one at which a person ends.
func (s *Server) hostedAt(w http.ResponseWriter, r *http.Request, at destination) bool {
	d := at.router.dialect
	if d.Hosted == nil {
		return false
	}
	if end, ok := endAt(d.Hosted, at.path); ok && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		if s.pageHost(w, r) {
			s.pages.Say(w, r, http.StatusOK, d.Title, end.Text)
		}
		return true
	}
	for _, p := range d.Hosted.Paths {
		if link, ok := p.Match(at.path); ok {
			at.path = hosted.Prefix + url.PathEscape(d.Name) + "/" + link // which is escaped already
			s.page(w, r, at)
			return true
		}
	}
	return false
}

func endAt(h *dialect.Hosted, path string) (dialect.End, bool) {
	for _, end := range h.Ends {
		if strings.TrimSuffix(path, "/") == end.Path {
			return end, true
		}
	}
	return dialect.End{}, false
}
