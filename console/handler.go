package console

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/internal/hosts"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/problem"
	"github.com/polylink-dev/polylink/sandbox"
)

// Prefix begins the path of every page but the first.
const Prefix = "/__console/"

// Options is what the pages are made of.
type Options struct {
	API     *admin.API          // nil where the control API is not served: then there are no pages
	Set     func() *dialect.Set // the dialects that are served now
	Hosts   *hosts.Names        // under which it is served beside addresses and localhost
	Version string
	Log     *slog.Logger
	Random  io.Reader // for the names of notes; nil is the system's
}

// Handler serves the pages. It is safe for concurrent use. Make it with New.
type Handler struct {
	o     Options
	notes notes
}

// New makes the handler.
func New(o Options) *Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Random == nil {
		o.Random = ids.Random()
	}
	return &Handler{o: o, notes: notes{random: o.Random}}
}

// Takes tells whether a path, without the prefix of a sandbox, is one of ours.
func Takes(path string) bool { return path == "/" || strings.HasPrefix(path, Prefix) }

// ServeHTTP answers a request whose sandbox is in its context and cut off its
// path.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head(w)
	if r.URL.Path == "/" && (h.o.API == nil || !wantsPage(r)) {
		h.index(w, r)
		return
	}
	if h.o.API == nil {
		refuse(w, http.StatusNotFound, "no_console", "No pages here", "They are served with the control API: on loopback, and elsewhere when admin.token is set")
		return
	}
	if !h.o.API.Guard(w, r, "The console") {
		return
	}
	v := &visit{h: h, w: w, r: r, ctx: admin.WithOrigin(r.Context(), originOf(r)), base: baseOf(r.Context())}
	if !sandbox.ValidName(sandbox.Name(v.ctx)) {
		refuse(w, http.StatusBadRequest, "sandbox_name", "No such sandbox name", "A sandbox is called by 1 to 40 of a-z, 0-9 and -")
		return
	}
	rest, _ := strings.CutPrefix(r.URL.EscapedPath(), Prefix)
	if name, ok := strings.CutPrefix(rest, "do/"); ok {
		if r.Method != http.MethodPost {
			v.only("POST")
			return
		}
		v.act(name)
		return
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		v.only("GET, HEAD")
		return
	}
	v.open(rest)
}

// visit is one request of a browser.
type visit struct {
	h    *Handler
	w    http.ResponseWriter
	r    *http.Request
	ctx  context.Context
	base string // what is in front of every path: the prefix of a sandbox
}

// open shows what is at a path below Prefix.
func (v *visit) open(rest string) {
	if v.r.URL.Path == "/" {
		v.home(http.StatusOK, "", nil)
		return
	}
	noun, key, _ := strings.Cut(rest, "/")
	switch noun {
	case "console.css", "console.js", "icon.svg":
		asset(v.w, v.r, noun)
	case "stream":
		v.stream()
	default:
		if !v.detail(noun, key, http.StatusOK, "") {
			v.note(http.StatusNotFound, "There is nothing here", "The address is none of the console's.")
		}
	}
}

// only refuses a method.
func (v *visit) only(allow string) {
	v.w.Header().Set("Allow", allow)
	v.note(http.StatusMethodNotAllowed, "Nothing to do", "Ask with "+allow+".")
}

// baseOf is the prefix of the sandbox that a request is about, which leads back
// to it however it was chosen.
func baseOf(ctx context.Context) string {
	if name := sandbox.Name(ctx); name != sandbox.Default {
		return "/~" + name
	}
	return ""
}

// originOf is the scheme and host that a request was sent to.
func originOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// head sets the headers of every answer.
func head(w http.ResponseWriter) {
	out := w.Header()
	out.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	out.Set("X-Frame-Options", "DENY")
	out.Set("X-Content-Type-Options", "nosniff")
	out.Set("Referrer-Policy", "same-origin")
	out.Set("Cross-Origin-Opener-Policy", "same-origin")
	out.Set("Cache-Control", "no-store")
	out.Set("Vary", "Accept")
}

// refuse answers with a problem document.
func refuse(w http.ResponseWriter, status int, code, title, detail string) {
	problem.Write(w, status, problem.New(status, code, title, detail))
}

// wantsPage tells whether a request asks for HTML rather than for JSON.
func wantsPage(r *http.Request) bool {
	return quality(r, "text/html") > quality(r, "application/json")
}

// quality is how much a request wants a type that it names, 0 for not at all.
func quality(r *http.Request, mime string) float64 {
	best := 0.0
	for _, line := range r.Header.Values("Accept") {
		for part := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(part, ";")
			if !strings.EqualFold(strings.TrimSpace(name), mime) {
				continue
			}
			q := 1.0
			for param := range strings.SplitSeq(params, ";") {
				if text, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(param)), "q="); ok {
					q, _ = strconv.ParseFloat(text, 64)
				}
			}
			best = max(best, q)
		}
	}
	return best
}

// Index is what is at / for who is no browser.
type Index struct {
	Polylink string         `json:"polylink"` // its version
	Sandbox  string         `json:"sandbox"`
	Dialects []IndexDialect `json:"dialects"`
	Control  string         `json:"control,omitempty"` // address of the control API, where it is served
}

// IndexDialect is where a dialect is reached.
type IndexDialect struct {
	Name  string   `json:"name"`
	Title string   `json:"title"`
	URL   string   `json:"url"`
	Hosts []string `json:"hosts"`
}

// index answers with the dialects and where each of them is reached.
func (h *Handler) index(w http.ResponseWriter, r *http.Request) {
	if !h.o.Hosts.Guard(w, r, "The index") {
		return
	}
	out := Index{Polylink: h.o.Version, Sandbox: sandbox.Name(r.Context()), Dialects: []IndexDialect{}}
	for _, d := range h.o.Set().Dialects {
		out.Dialects = append(out.Dialects, IndexDialect{d.Name, d.Title, hosted.Base(r.Context(), d.Name), append([]string{}, d.Hosts...)})
	}
	if h.o.API != nil {
		out.Control = originOf(r) + baseOf(r.Context()) + "/__admin/"
	}
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(out) // texts alone, which are always written
}
