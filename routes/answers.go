package routes

import (
	"encoding/json"
	"net/http"
	"strconv"

	"polylink/dialect"
	"polylink/link"
)

// reply is an answer before it is written.
type reply struct {
	status int
	mime   string
	body   []byte
}

// refuse answers with a failure in the dialect's envelope.
func (x *exchange) refuse(problems ...dialect.Problem) {
	f := x.d.Failure(&x.env, problems...)
	f.Cap = x.cap
	if x.op != nil && x.op.Resource != nil {
		f.Noun = x.op.Resource.Noun
	}
	if x.env.Old != nil {
		f.State = x.env.Old.Text(link.SlotStatus)
	}
	if x.env.Payload == "" && len(x.body) > 0 && x.bodyErr == nil {
		if text, err := dialect.Compact(x.body); err == nil {
			x.env.Payload = text
		}
	}
	x.out = x.d.AppendFailure(x.out[:0], &x.env)
	if f.Code == link.CodeTooLarge {
		x.w.Header().Set("Connection", "close")
	}
	rep := reply{f.Status, x.d.ErrorType(), x.out}
	x.keep(rep, f)
	x.write(rep, f)
}

// succeed answers with what the operation made.
func (x *exchange) succeed() {
	x.write(reply{x.op.Status, "application/json", x.out}, nil)
}

// write sends an answer with every header the dialect documents.
func (x *exchange) write(rep reply, f *dialect.Failure) {
	h := x.w.Header()
	x.headers(f)
	if len(rep.body) > 0 {
		h.Set("Content-Type", rep.mime)
	}
	h.Set("Content-Length", strconv.Itoa(len(rep.body)))
	x.w.WriteHeader(rep.status)
	if x.r.Method != http.MethodHead {
		_, _ = x.w.Write(rep.body)
	}
}

// headers sets what every answer carries, and what a failure adds.
func (x *exchange) headers(f *dialect.Failure) {
	h := x.w.Header()
	set := func(name, value string) { setHeader(h, name, value) }
	x.limitHeaders(f != nil && f.Code == link.CodeRateLimited, set)
	x.d.Headers.Each(&x.env, set)
	switch {
	case f != nil:
		f.Class.Headers().Each(&x.env, set)
	case x.op != nil:
		x.op.Headers().Each(&x.env, set)
	}
	x.idempotencyHeaders(f, set)
}

// setHeader writes a name with the very letters that the dialect has.
func setHeader(h http.Header, name, value string) {
	if name == "WWW-Authenticate" || http.CanonicalHeaderKey(name) == name {
		h.Set(name, value)
		return
	}
	h.Del(name)
	h[name] = []string{value}
}

// problem answers where no dialect can: RFC 9457.
func problem(w http.ResponseWriter, status int, title, detail string) {
	body, _ := json.Marshal(struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
	}{"about:blank", title, status, detail})
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}
