package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/sandbox"
)

// How a stream keeps its connection, and gives up one that takes nothing.
const (
	streamPause = 15 * time.Second // between two signs of life
	streamWrite = 10 * time.Second // for one write
)

// StreamFilter selects the entries that a stream tells.
type StreamFilter struct {
	journal.Filter `in:"query"`
	All            bool `json:"all,omitempty" in:"query" doc:"of every sandbox, and not of the request's alone"`
	Limit          *int `json:"limit,omitempty" in:"query" doc:"end the stream after so many"`
}

// Stream is entries of the journal as server-sent events, as they are made:
// the event is request, its id the entry's number and its data the entry as
// requests/{n} gives it. An event missed tells how many found no room.
type Stream struct {
	api *API
	sb  *sandbox.Sandbox // whose entries; nil is all
	in  StreamFilter
}

// StreamRequests tells the entries of the journal as they are made; with since
// it begins with those that are kept.
func (a *API) StreamRequests(ctx context.Context, in StreamFilter) (Stream, error) {
	if err := a.checkFilter(&in.Filter); err != nil {
		return Stream{}, err
	}
	if in.Limit != nil && *in.Limit < 1 {
		return Stream{}, bad("limit must be a number of at least 1")
	}
	if in.All && in.Since > 0 {
		return Stream{}, bad("every sandbox has numbers of its own; leave since or all out")
	}
	s := Stream{api: a, in: in}
	if in.All {
		return s, nil
	}
	sb, err := a.sandbox(ctx)
	s.sb = sb
	return s, err
}

// MarshalJSON refuses: a stream has no end.
func (s Stream) MarshalJSON() ([]byte, error) {
	return nil, errors.New("a stream has no end; ask for it over HTTP, or for the requests there are")
}

// serve writes events until the client goes, the program stops, or there were
// as many as it asked for.
func (s Stream) serve(w http.ResponseWriter, r *http.Request) {
	s.Serve(w, r, func(entry journal.Shown) ([]byte, error) {
		var data bytes.Buffer
		enc := json.NewEncoder(&data)
		enc.SetEscapeHTML(false)
		err := enc.Encode(entry)
		return bytes.TrimSuffix(data.Bytes(), []byte("\n")), err
	})
}

// Serve writes the entries as server-sent events whose data encode makes of
// them, until the client goes, the program stops, or there were as many as it
// asked for.
func (s Stream) Serve(w http.ResponseWriter, r *http.Request, encode func(journal.Shown) ([]byte, error)) {
	follower, err := s.api.o.Sandboxes.Feed().Follow()
	if err != nil {
		write(w, refuse(http.StatusServiceUnavailable, "Too many streams", "Close one of the streams that are open, or ask for the requests there are"))
		return
	}
	defer follower.Stop()
	e := &events{w: w, rc: http.NewResponseController(w), left: -1, encode: encode}
	if s.in.Limit != nil {
		e.left = *s.in.Limit
	}
	_ = e.rc.SetReadDeadline(time.Time{}) // nothing more is read, and the server's own would end it
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	e.send(": following\n\n")
	told := s.backlog(r, e)
	alive := time.NewTicker(streamPause)
	defer alive.Stop()
	for e.err == nil && e.left != 0 {
		select {
		case <-r.Context().Done():
			return
		case <-s.api.o.Stopping:
			return
		case <-alive.C:
			e.send(": alive\n\n")
		case entry := <-follower.Entries():
			if n := follower.Missed(); n > 0 {
				e.send(fmt.Sprintf("event: missed\ndata: {\"missed\":%d}\n\n", n))
			}
			if !told[entry] {
				s.tell(r.Context(), e, entry)
			}
		}
	}
}

// backlog tells the entries that are kept behind the one that the client saw
// last, and returns them: some may come once more.
func (s Stream) backlog(r *http.Request, e *events) map[*journal.Entry]bool {
	since := s.in.Since
	if n, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64); err == nil && n > since {
		since = n // a browser that comes back
	}
	if s.sb == nil || since == 0 && !r.URL.Query().Has("since") {
		return nil
	}
	told := map[*journal.Entry]bool{}
	for _, entry := range s.sb.Journal.Entries() {
		if told[entry] = true; entry.N > since && e.left != 0 {
			s.tell(r.Context(), e, entry)
		}
	}
	return told
}

// tell sends an entry that is asked for.
func (s Stream) tell(ctx context.Context, e *events, entry *journal.Entry) {
	sb := s.sb
	if sb == nil {
		sb = s.api.o.Sandboxes.Peek(entry.Sandbox)
	}
	if sb == nil || sb.Name != entry.Sandbox { // it was dropped, or is another
		return
	}
	secrets := s.api.secrets(ctx, sb)
	if ok, _ := s.in.Match(entry, secrets); !ok {
		return
	}
	var data []byte
	if data, e.err = e.encode(entry.Render(secrets)); e.err != nil {
		return
	}
	lines := bytes.ReplaceAll(data, []byte("\n"), []byte("\ndata: ")) // an event has one line of data for each of its own
	e.send(fmt.Sprintf("id: %d\nevent: request\ndata: %s\n\n", entry.N, lines))
	e.left--
}

// events is the connection of one stream.
type events struct {
	w      http.ResponseWriter
	rc     *http.ResponseController
	encode func(journal.Shown) ([]byte, error)

	left int   // entries that may still be sent, below zero for any number
	err  error // why nothing more can be sent
}

// send writes a text at once, or gives the connection up.
func (e *events) send(text string) {
	if e.err != nil {
		return
	}
	_ = e.rc.SetWriteDeadline(clock.Real().Add(streamWrite)) // where the connection has one
	if _, e.err = e.w.Write([]byte(text)); e.err == nil {
		e.err = e.rc.Flush()
	}
}
