package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/problem"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Problem is a refusal as RFC 9457 has it, and the error that an operation
// returns. Detail says what to send.
type Problem struct {
	problem.Problem
	Closest *Closest `json:"closest,omitempty" doc:"of a count that does not come out: the request that came closest"`
}

// Closest is the request that came closest to a filter.
type Closest struct {
	N      int64    `json:"n"`
	Method string   `json:"method"`
	Path   string   `json:"path"`
	Status int      `json:"status"`
	Misses []string `json:"misses" doc:"what speaks against it"`
}

// refuse makes a problem; its title in small letters is the word for programs.
func refuse(status int, title, detail string) Problem {
	return Problem{Problem: problem.New(status, strings.ReplaceAll(strings.ToLower(title), " ", "_"), title, detail)}
}

// Refusal makes a refusal for who calls operations and has to say no before
// one is called.
func Refusal(status int, title, detail string) error { return refuse(status, title, detail) }

// bad is a problem with what was sent.
func bad(format string, args ...any) error {
	return refuse(http.StatusBadRequest, "Bad request", fmt.Sprintf(format, args...))
}

func notFound(format string, args ...any) error {
	return refuse(http.StatusNotFound, "Not found", fmt.Sprintf(format, args...))
}

func conflict(format string, args ...any) error {
	return refuse(http.StatusConflict, "Conflict", fmt.Sprintf(format, args...))
}

// cut shortens what a client sent, to be repeated in a message.
func cut(s string) string { return jsontext.Shorten(s, 80) }

// unknown refuses a word that is none of those there are.
func unknown(what, word string, words []string) error {
	return bad("%s", yml.Unknown(what, word, words))
}

// Problem makes one of any error that an operation returns. What is no refusal
// of ours is logged and shown as a fixed line.
func (a *API) Problem(err error) Problem {
	if p, ok := errors.AsType[Problem](err); ok {
		p.Detail = journal.Clean(p.Detail) // which may repeat what was sent
		return p
	}
	if e, ok := errors.AsType[*record.Error](err); ok && e.Msg != "" {
		switch e.Code {
		case record.CodeNotFound:
			return refuse(http.StatusNotFound, "Not found", e.Msg+"; GET /__admin/sandboxes lists them")
		case record.CodeConflict:
			return refuse(http.StatusConflict, "Conflict", e.Msg)
		case record.CodeInvalid:
			return refuse(http.StatusBadRequest, "Bad request", e.Msg)
		}
	}
	if errors.Is(err, store.ErrFull) {
		a.o.Sandboxes.Refuse("control API")
		return refuse(http.StatusInsufficientStorage, "Memory used up", "The memory budget of the process has no room for this; drop sandboxes, or raise limits.memory")
	}
	if errors.Is(err, store.ErrUnavailable) {
		a.o.Log.Warn("the store is away", "error", err)
		return refuse(http.StatusServiceUnavailable, "The store is away", "It cannot be reached or written at the moment; try again")
	}
	a.o.Log.Error("the control API failed", "error", err)
	return refuse(http.StatusInternalServerError, "Internal error", "That is a mistake of polylink, and its log says more; try again or reset the sandbox")
}

func write(w http.ResponseWriter, p Problem) {
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	problem.Write(w, p.Status, p)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil { // our own mistake: a document that is no JSON
		write(w, refuse(http.StatusInternalServerError, "Internal error", "The answer cannot be written; reset the sandbox"))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

// clean replaces what is no UTF-8.
func clean(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
