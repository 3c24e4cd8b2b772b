package routes

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"github.com/polylink-dev/polylink/dialect/routing"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/secrets"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/recordings"
	"github.com/polylink-dev/polylink/internal/upstream"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
)

// Passage is who answers a dialect's requests as they are, in place of the
// checks and the backend: the provider itself, or recordings of it.
type Passage struct {
	Client   *upstream.Client     // the provider; nil where Replay answers
	Header   http.Header          // credentials in place of the client's own; nil leaves those
	Secrets  []string             // the texts of these
	Recorder *recordings.Recorder // nil records nothing
	Replay   *recordings.Replay
	Strict   bool // what was not recorded is refused; the mock store answers it otherwise
}

// The codes that the journal has for what a passage answered.
const (
	codePassed      = "passthrough"
	codeReplayed    = "replay"
	codeNotRecorded = "not_recorded"
	codeUpstream    = "upstream"
	codeTranslated  = "translation"
)

// passes lets a passage answer. What is injected happens here, too. It returns
// false where the mock store is to answer.
func (x *exchange) passThrough(p *Passage) bool {
	if m := x.router.paths.Match(x.r.Method, x.at.path); m.Op != nil && routing.AbsentAt(x.Dialect, x.r.Method, x.at.path) == nil {
		x.Op, x.Vars = m.Op, m.Vars
		if x.faulty() || x.forced() {
			return true
		}
	}
	switch {
	case errors.Is(x.body.err, errTooLarge):
		x.refuse(dialect.Problem{Code: record.CodeTooLarge, Why: "is too large"})
	case x.body.err != nil:
		x.refuse(dialect.Problem{Code: record.CodeMalformed, Why: "it ended too early"})
	case p.Replay != nil:
		return x.replay(p)
	default:
		x.pass(p)
	}
	return true
}

// pass sends the request on and the answer back, as it comes.
func (x *exchange) pass(p *Passage) {
	x.rec.upstream = &journal.Upstream{By: codePassed, Host: p.Client.Host()}
	upstream.Deadlines(x.w, 0)
	q := upstream.Request{Method: x.r.Method, Path: x.at.path, Query: x.r.URL.RawQuery, Header: x.outgoing(p), Body: x.r.Body, Length: x.r.ContentLength}
	if writesBody(x.r.Method) {
		q.Body, q.Length = bytes.NewReader(x.body.raw), int64(len(x.body.raw))
	}
	resp, err := p.Client.Do(x.r.Context(), q)
	if err != nil {
		x.noAnswer(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	h := x.w.Header()
	for name, values := range resp.Header {
		h[name] = values
	}
	x.rec.verdict.Code = codePassed
	if x.fault.Abort == faults.AbortBody {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, upstream.MaxBody))
		x.breakOff(reply{status: resp.StatusCode, body: body})
	}
	x.relay(p, resp)
}

// outgoing are the headers of the request as the provider is to see them: without
// what is between the client and us.
func (x *exchange) outgoing(p *Passage) http.Header {
	h := x.r.Header.Clone()
	upstream.StripHop(h)
	delete(h, "Expect")
	for name := range h {
		if strings.HasPrefix(name, "X-Polylink-") {
			delete(h, name)
		}
	}
	auth := &x.Dialect.Auth
	switch {
	case p.Header != nil:
		delete(h, "Authorization")
		for _, name := range auth.Headers {
			h.Del(name)
		}
		for name, values := range p.Header {
			h[name] = values
		}
	case x.cred.sandbox != "": // the suffix is ours
		x.bareCredential(auth, h)
	}
	return h
}

// bareCredential writes the credential anew, without the sandbox in it.
func (x *exchange) bareCredential(auth *access.Auth, h http.Header) {
	if slices.Contains(auth.Schemes, "headers") && h.Get(auth.Headers[0]) != "" {
		h.Set(auth.Headers[0], x.cred.key)
		for _, name := range auth.Headers[1:] {
			h.Set(name, x.cred.secret)
		}
		return
	}
	scheme, _, _ := strings.Cut(h.Get("Authorization"), " ")
	value := x.cred.key
	if strings.EqualFold(scheme, "basic") {
		value = base64.StdEncoding.EncodeToString([]byte(x.cred.key + ":" + x.cred.secret))
	}
	h.Set("Authorization", scheme+" "+value)
}

// buffers are what answers are carried in.
var buffers = sync.Pool{New: func() any { b := make([]byte, 16<<10); return &b }}

// relay writes the answer as it comes. It is in the journal, and in its file
// where it is recorded, before its last part is written.
func (x *exchange) relay(p *Passage, resp *http.Response) {
	kept := kept{most: journal.MaxBody}
	if p.Recorder != nil {
		kept.most = upstream.MaxBody
	}
	length := resp.ContentLength
	if x.r.Method == http.MethodHead || bodyless(resp.StatusCode) || length == 0 {
		x.arrived(p, resp, &kept)
		x.w.WriteHeader(resp.StatusCode)
		return
	}
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	for begun := false; ; begun = true {
		n, err := resp.Body.Read(*buf)
		kept.add((*buf)[:n])
		last := errors.Is(err, io.EOF) || err == nil && length >= 0 && kept.size >= length
		if last {
			x.arrived(p, resp, &kept)
		}
		if !begun {
			x.w.WriteHeader(resp.StatusCode)
		}
		if n > 0 {
			upstream.Deadlines(x.w, x.srv.opts.Write)
			if _, werr := x.w.Write((*buf)[:n]); werr != nil && !last {
				x.hungUp()
			}
			if length < 0 {
				_ = http.NewResponseController(x.w).Flush()
			}
		}
		if last {
			return
		}
		if err != nil { // it breaks off, and so does ours
			if x.r.Context().Err() == nil {
				x.rec.upstream.Error = "the answer breaks off: " + err.Error()
				x.rec.aborted = codeUpstream
			}
			x.arrived(nil, resp, &kept)
			panic(http.ErrAbortHandler)
		}
	}
}

// kept is the beginning of an answer.
type kept struct {
	most int
	data []byte
	size int64 // of all that came
}

func (k *kept) add(b []byte) {
	k.size += int64(len(b))
	if room := k.most - len(k.data); room > 0 {
		k.data = append(k.data, b[:min(room, len(b))]...)
	}
}

// arrived notes an answer that is there, and records it where p does.
func (x *exchange) arrived(p *Passage, resp *http.Response, k *kept) {
	body := upstream.Plain(resp.Header, k.data, upstream.MaxBody)
	x.rec.size = max(k.size, int64(len(body)))
	if k.size > int64(len(k.data)) {
		x.rec.size = max(x.rec.size, int64(len(body))+1) // cut
	}
	rep := reply{status: resp.StatusCode, body: body}
	if p != nil && p.Recorder != nil && k.size == int64(len(k.data)) {
		if err := p.Recorder.Write(x.recording(p, rep, resp.Header)); err != nil {
			x.srv.log.Warn("an exchange is not recorded", "entry", x.rec.n, "error", err)
		}
	}
	x.answered(rep, x.w.Header())
}

// noAnswer answers for a provider that does not, in its own envelope.
func (x *exchange) noAnswer(err error) {
	status := http.StatusBadGateway
	switch {
	case errors.Is(err, context.Canceled) || x.r.Context().Err() != nil:
		x.hungUp()
	case errors.Is(err, upstream.ErrSlow):
		status = http.StatusGatewayTimeout
	}
	x.rec.upstream.Error = err.Error()
	x.status = status
	code := record.CodeInternal
	if x.Op != nil {
		code = x.codeFor(status)
	}
	x.refuse(dialect.Problem{Code: code, Why: "failed because the upstream does not answer"})
}

// replay answers from a recording.
func (x *exchange) replay(p *Passage) bool {
	x.rec.upstream = &journal.Upstream{By: codeReplayed}
	asked := x.recording(p, reply{}, http.Header{})
	if found := p.Replay.Answer(asked); found != nil {
		x.rec.verdict.Code = codeReplayed
		x.recorded(found)
		return true
	}
	near, differs := p.Replay.Nearest(asked)
	why := "there are no recordings"
	if near != nil {
		x.rec.nearest = &journal.Nearest{Dialect: near.Dialect, Method: near.Method, Path: near.Path}
		why = "the nearest recording differs in its " + differs
	}
	if !p.Strict {
		x.rec.upstream.By, x.rec.upstream.Error = "mock", "not recorded: "+why
		x.rec.nearest = nil
		return false
	}
	x.rec.verdict.Code = codeNotRecorded
	rep := lostReply(x.rec.nearest, codeNotRecorded, "Not recorded", asked.Method+" "+asked.Path+" was not recorded; "+why)
	x.headersOf(rep)
	return true
}

// headersOf answers with a problem of ours.
func (x *exchange) headersOf(rep reply) {
	h := x.w.Header()
	h.Set("Content-Type", rep.mime)
	h.Set("X-Polylink-Problem", "true")
	if n := x.rec.nearest; n != nil {
		h.Set(nearestHeader, n.Method+" /"+n.Dialect+n.Path)
	}
	x.answered(rep, h)
	rep.write(x.w)
}

// recorded answers with a recording.
func (x *exchange) recorded(found *recordings.Exchange) {
	h := x.w.Header()
	for name, values := range found.AnswerHeader {
		h[name] = append([]string(nil), values...)
	}
	rep := reply{status: found.Status, body: []byte(found.Answer)}
	if bodyless(rep.status) {
		rep.body = nil
	}
	if x.fault.Abort == faults.AbortBody {
		x.breakOff(rep)
	}
	x.answered(rep, h)
	x.w.WriteHeader(rep.status)
	if x.r.Method != http.MethodHead {
		_, _ = x.w.Write(rep.body)
	}
	x.delivered()
}

// recording is the exchange as a file may have it: without secrets.
func (x *exchange) recording(p *Passage, rep reply, h http.Header) *recordings.Exchange {
	e := x.entry(rep, h)
	e.Path, e.Body, e.Answer = x.at.path, x.body.sent, rep.body
	e.BodySize, e.AnswerSize = int64(len(e.Body)), int64(len(e.Answer))
	shown := e.Render(x.router.hides)
	out := &recordings.Exchange{Dialect: x.Dialect.Name, Operation: e.Operation, Method: shown.Request.Method, Path: shown.Request.Path,
		Header: shownHeaders(shown.Request.Headers, journal.Hidden), Body: shown.Request.Body,
		Status: shown.Response.Status, AnswerHeader: shownHeaders(shown.Response.Headers, ""), Answer: shown.Response.Body}
	if shown.Request.Query != "" {
		out.Path += "?" + shown.Request.Query
	}
	return out
}

// shownHeaders leaves out what is ours; hidden stands for what is hidden, and ""
// leaves that out, too.
func shownHeaders(h map[string][]string, hidden string) map[string][]string {
	out := map[string][]string{}
	for name, values := range h {
		if strings.HasPrefix(name, "X-Polylink-") {
			continue
		}
		for _, v := range values {
			if journal.IsHidden(v) {
				v = hidden
			}
			if v != "" {
				out[name] = append(out[name], v)
			}
		}
	}
	return out
}

// hides is what recordings of a dialect never hold, beside what the exchange
// knows itself.
func hides(d *dialect.Dialect) *journal.Secrets {
	return journal.NewSecrets(journal.SecretsOf{Names: secrets.Names(d), Headers: secrets.Headers(d), Likes: secrets.Keys(d), IDs: secrets.IDs(d)})
}
