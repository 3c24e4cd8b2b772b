package hosted

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var (
	page = template.Must(template.New("page").Parse(pageHTML))
	// style is the one style sheet that a page may have, by its hash.
	style = func() string {
		sum := sha256.Sum256([]byte(pageCSS))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}()
)

// Handler serves the pages. It is safe for concurrent use. Make it with New.
type Handler struct {
	service Service
	log     *slog.Logger
	origins *http.CrossOriginProtection
}

// New returns the handler of a service's pages; a nil log is the default one.
func New(s Service, log *slog.Logger) *Handler {
	if log == nil {
		log = slog.Default()
	}
	return &Handler{service: s, log: log, origins: http.NewCrossOriginProtection()}
}

// ServeHTTP serves one page. The path begins with Prefix; what stood in front
// of it has been cut off.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		h.note(w, r, http.StatusMethodNotAllowed, "Nothing to do", "This page is opened with GET and answered with POST.")
		return
	}
	v, ok := visit(r)
	if !ok {
		h.fail(w, r, ErrNotFound)
		return
	}
	if r.Method == http.MethodPost {
		h.act(w, r, v)
		return
	}
	p, err := h.service.Open(r.Context(), v)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	h.show(w, r, http.StatusOK, newView(p, nil))
}

// visit reads whose page is meant.
func visit(r *http.Request) (Visit, bool) {
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), Prefix)
	dialect, link, two := strings.Cut(rest, "/")
	if !ok || !two {
		return Visit{}, false
	}
	v := Visit{Method: r.Method}
	if r.URL.RawQuery != "" {
		v.Query = r.URL.Query()
		v.Session = v.Query.Get("session")
	}
	var err1, err2 error
	v.Dialect, err1 = url.PathUnescape(dialect)
	v.Link, err2 = url.PathUnescape(strings.TrimSuffix(link, "/"))
	if err1 != nil || err2 != nil || v.Dialect == "" || v.Link == "" {
		return Visit{}, false
	}
	for _, part := range []string{v.Dialect, v.Link, v.Session} {
		if len(part) > maxValue || !plainText(part) {
			return Visit{}, false
		}
	}
	return v, true
}

// act does what a form says.
func (h *Handler) act(w http.ResponseWriter, r *http.Request, v Visit) {
	if h.origins.Check(r) != nil {
		h.note(w, r, http.StatusForbidden, "Refused", "The form was sent by another site.")
		return
	}
	form, status, err := readForm(w, r)
	if err != nil {
		h.note(w, r, status, "Refused", "This did not work: "+err.Error()+".")
		return
	}
	if s := form.Get("session"); s != "" && len(s) <= maxValue && plainText(s) {
		v.Session = s
	}
	p, err := h.service.Open(r.Context(), v)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if !p.Open() {
		if p.Onward != "" && CheckTarget(p.Onward) == nil {
			h.lead(w, r, Result{Redirect: p.Onward})
			return
		}
		h.show(w, r, http.StatusConflict, newView(p, nil))
		return
	}
	a, bad := p.read(form)
	if len(bad) > 0 {
		out := newView(p, bad)
		if bad["outcome"] == "" {
			out.Chosen = a.Outcome
		}
		h.show(w, r, http.StatusUnprocessableEntity, out)
		return
	}
	res, err := h.service.Act(r.Context(), v, a)
	if err != nil {
		h.fail(w, r, err)
		return
	}
	if res.Failed {
		res.Page.keep(a)
	}
	h.lead(w, r, res)
}

// lead sends a person on, or shows what came of an action.
func (h *Handler) lead(w http.ResponseWriter, r *http.Request, res Result) {
	if res.Redirect == "" {
		h.show(w, r, http.StatusOK, resultView(res))
		return
	}
	if err := CheckTarget(res.Redirect); err != nil {
		if res.Heading == "" {
			res.Heading = "Done"
		}
		res.Message = strings.TrimSpace(res.Message + " You are not sent on: " + err.Error() + ".")
		h.show(w, r, http.StatusOK, resultView(res))
		return
	}
	head(w, nil)
	w.Header().Set("Location", res.Redirect)
	w.WriteHeader(http.StatusSeeOther)
}

// fail shows an error. What the service did not foresee is logged and shown as
// a fixed line.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	if often, ok := errors.AsType[*TooManyError](err); ok {
		w.Header().Set("Retry-After", strconv.Itoa(int((often.Wait+time.Second-1)/time.Second)))
		h.note(w, r, http.StatusTooManyRequests, "Too many visits", "This page was opened too often. Try again a little later.")
		return
	}
	switch {
	case errors.Is(err, ErrNotFound):
		h.note(w, r, http.StatusNotFound, "No such link", "There is no link here. It may belong to another sandbox, or a reset has taken it away.")
	case r.Context().Err() != nil:
		h.note(w, r, http.StatusServiceUnavailable, "Stopped", "The request ended before its answer.")
	default:
		h.log.Error("hosted page", "err", err)
		h.note(w, r, http.StatusInternalServerError, "Something went wrong", "The log of polylink says what.")
	}
}

// Say shows a page without a link, with a heading and a text.
func (h *Handler) Say(w http.ResponseWriter, r *http.Request, status int, heading, text string) {
	h.note(w, r, status, heading, text)
}

// note shows a page without a link.
func (h *Handler) note(w http.ResponseWriter, r *http.Request, status int, heading, message string) {
	h.show(w, r, status, view{Style: template.CSS(pageCSS), Heading: heading, Message: message, Status: words(http.StatusText(status))})
}

// show writes a page.
func (h *Handler) show(w http.ResponseWriter, r *http.Request, status int, v view) {
	var b bytes.Buffer
	if err := page.Execute(&b, v); err != nil {
		h.log.Error("hosted page", "err", err)
		b.Reset()
		status = http.StatusInternalServerError
		b.WriteString("<!doctype html><title>polylink</title><h1>Something went wrong</h1>")
	}
	head(w, v.targets)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
}

// head sets the headers of every page. A browser holds a form's redirects to
// form-action, those of the next site too, so that naming the link's addresses
// alone would stop a shop from sending its buyer on: where a form leads to
// another site, its scheme is allowed.
func head(w http.ResponseWriter, targets []string) {
	actions := "'self'"
	for _, scheme := range []string{"https:", "http:"} {
		for _, t := range targets {
			if CheckTarget(t) == nil && (strings.HasPrefix(strings.ToLower(t), scheme) || scheme == "https:") {
				actions += " " + scheme
				break
			}
		}
	}
	out := w.Header()
	out.Set("Content-Security-Policy", "default-src 'none'; style-src "+style+"; form-action "+actions+"; base-uri 'none'; frame-ancestors 'none'")
	out.Set("X-Frame-Options", "DENY")
	out.Set("X-Content-Type-Options", "nosniff")
	out.Set("Referrer-Policy", "same-origin")
	out.Set("Cache-Control", "no-store")
}
