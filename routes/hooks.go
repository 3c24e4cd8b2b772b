package routes

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/internal/problem"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// hook takes a webhook of the upstream that answers for a dialect.
func (s *Server) hook(w http.ResponseWriter, r *http.Request, st *state, at destination, name string) {
	sb, err := s.worlds.Get(r.Context(), named(r, at, ""))
	if err != nil {
		s.noSandbox(w, r, at, err)
		return
	}
	s.witnessed(w, r, at, sb, st.routers[name], journal.HookReceive, "", func(w http.ResponseWriter, r *http.Request) {
		s.receive(w, r, st, sb, at, name)
	})
}

// receive hands a webhook to the backend of a dialect.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, st *state, sb *sandbox.Sandbox, at destination, name string) {
	refuse := func(status int, code, title, detail string) {
		problem.Mark(w.Header())
		problemReply(status, code, title, detail).write(w)
	}
	var to backend.Receiver
	if d := st.routers[name]; d != nil {
		to, _ = d.backend.(backend.Receiver)
	}
	if to == nil {
		refuse(http.StatusNotFound, "no_upstream", "No upstream", "No upstream answers for a dialect of that name, so none sends webhooks")
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuse(http.StatusMethodNotAllowed, "method", "Method not allowed", "Webhooks are sent with POST")
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, s.opts.Body))
	if err != nil {
		status, tooLarge := http.StatusBadRequest, (*http.MaxBytesError)(nil)
		if errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		refuse(status, "body", "The body cannot be read", "It is cut off, or larger than "+strconv.FormatInt(s.opts.Body, 10)+" bytes")
		return
	}
	front := base(r, at, sb.Name)
	var main *record.Record
	if row := sb.DB.Read(r.Context()).Get(record.Credentials.Kind, store.RowKey(name, st.fixtures.Main(name))); row != nil {
		main = row.Record
	}
	n, err := to.Receive(r.Context(), backend.Hook{URL: front + r.URL.EscapedPath(), Header: r.Header, Body: body, DB: sb.DB,
		Now: sb.Clock.Now().Truncate(time.Millisecond), Base: front + "/" + name, Main: main})
	switch record.CodeOf(err) {
	case record.CodeUnauthorized:
		refuse(http.StatusUnauthorized, "signature", "The signature is not right", message(err))
	case record.CodeNotFound:
		refuse(http.StatusNotFound, "no_webhooks", "No webhooks are expected", message(err))
	case record.CodeInvalid:
		refuse(http.StatusBadRequest, "event", "No such event", message(err))
	default:
		if err != nil {
			s.log.Error("a webhook of an upstream could not be kept", "dialect", name, "error", err)
			refuse(http.StatusServiceUnavailable, "store", "It could not be kept", "Send it again")
			return
		}
		s.log.Info("webhook of an upstream", "dialect", name, "sandbox", sb.Name, "events", n)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"events":`+strconv.Itoa(n)+"}\n")
	}
}

// message is what an error shows to callers.
func message(err error) string {
	if e, is := errors.AsType[*record.Error](err); is {
		return e.Msg
	}
	return ""
}
