package routes

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
)

// keyed is what the exchange knows of its idempotency key.
type keyed struct {
	id          string // row of the stored answer
	place       string // where the key was sent
	fingerprint string
	stored      bool  // the answer is a stored one
	first       int64 // entry of the exchange that it answered first, 0 where it is not known
	busy        bool  // the first request is still running
	accepted    bool  // the key is this request's
	asked       bool  // the answer is asked for, and looks as if it were accepted
}

// idempotency claims the request's key, or answers as the first request with
// the same key was answered.
func (x *exchange) idempotency() (p *dialect.Problem, answered bool) {
	rule := x.d.Idempotency
	if rule == nil || x.idem.accepted || x.op.Public || !slices.Contains(rule.Methods, x.r.Method) {
		return nil, false
	}
	key, place, why := x.key(rule)
	switch {
	case why != "":
		return &dialect.Problem{Code: record.CodeIdempotencyKey, Path: place, Why: why}, false
	case key == "" && rule.Required:
		return &dialect.Problem{Code: record.CodeIdempotencyNone, Path: place, Why: "is required"}, false
	case key == "":
		return nil, false
	}
	if x.idem.place = place; x.bodyErr != nil {
		return nil, false // it is like no other request, and refused in its place
	}
	x.idem.id = x.keyID(rule, key)
	x.idem.fingerprint = x.fingerprint(rule)
	claim, first := x.sb.Claims.Begin(x.idem.id, x.idem.fingerprint)
	if !first {
		if claim.Fingerprint() != x.idem.fingerprint {
			return x.reused(), false
		}
		if !claim.Wait(x.r.Context(), rule.Wait) {
			x.idem.busy = true
			return &dialect.Problem{Code: record.CodeIdempotencyBusy, Path: place}, false
		}
		return x.idempotency()
	}
	x.held = claim
	return x.replay()
}

// key reads the request's key, "" when it has none: out of the header, or else
// out of the body. place is where it was or should be, and why says what is
// wrong with it.
func (x *exchange) key(rule *dialect.Idempotency) (key, place, why string) {
	if place = rule.Header; place != "" {
		key = x.r.Header.Get(place)
	}
	if key == "" && rule.Field != "" {
		var ok bool
		place = rule.Field
		if key, ok = jsontext.TextMember(x.asJSON(), place); !ok {
			return "", place, "must be a string"
		}
	}
	if utf8.RuneCountInString(key) > rule.Longest {
		why = "must be at most " + strconv.Itoa(rule.Longest) + " characters long"
	}
	return key, place, why
}

func (x *exchange) reused() *dialect.Problem {
	return &dialect.Problem{Code: record.CodeIdempotencyOther, Path: x.idem.place}
}

// replay gives the stored answer, if there is one.
func (x *exchange) replay() (*dialect.Problem, bool) {
	if !x.look() {
		return nil, true
	}
	kept := ledger.Kept(x.reader, x.d.Name, x.idem.id, x.now())
	if kept == nil {
		x.idem.accepted = true
		return nil, false
	}
	if kept.Fingerprint != x.idem.fingerprint {
		return x.reused(), false
	}
	x.idem.stored = true
	x.idem.first = x.firstEntry(kept.Entry)
	x.env.RequestID = kept.RequestID // the body that is given again may hold it
	x.write(reply{kept.Status, kept.Mime, []byte(kept.Body)}, nil)
	return nil, true
}

// firstEntry is the number of the exchange whose answer is given again, 0 where
// the journal has it no longer. A row may also come from another sandbox, whose
// numbers say nothing here.
func (x *exchange) firstEntry(n int64) int64 {
	e := x.sb.Journal.Entry(n)
	if e == nil || e.Dialect != x.d.Name || e.Operation != x.op.Name || e.Replayed {
		return 0
	}
	return n
}

// keyID names the row of a key within its scope. Keys are hashed, since they
// may hold anything.
func (x *exchange) keyID(rule *dialect.Idempotency, key string) string {
	account, mode := "", ""
	if rule.Account {
		account = x.account()
	}
	if rule.Mode {
		mode = x.mode()
	}
	return digest(account, mode, key)
}

// fingerprint hashes what makes two requests the same. Bodies are compared as
// JSON, whatever the order of their keys.
func (x *exchange) fingerprint(rule *dialect.Idempotency) string {
	parts := []string{"", "", ""}
	if rule.SameM {
		parts[0] = x.r.Method
	}
	if rule.SameP {
		parts[1] = x.env.Path + "?" + x.r.URL.RawQuery
	}
	if rule.SameB {
		body, err := jsontext.Canonical(x.asJSON())
		if err != nil {
			body = string(x.body)
		}
		if body == "" {
			body = "{}" // no body asks for the same as an empty one
		}
		parts[2] = body
	}
	return digest(parts...)
}

// asJSON is the body before its stage: a form that is none stays as it is.
func (x *exchange) asJSON() []byte {
	if mediaType(x.r.Header) == "application/x-www-form-urlencoded" {
		if json, err := jsontext.FormToJSON(string(x.body)); err == nil {
			return json
		}
	}
	return x.body
}

// keep stores a refusal under the request's key.
func (x *exchange) keep(rep reply, f *dialect.Failure) {
	kept := x.kept(rep)
	if kept == nil || f.Code == record.CodeRateLimited && !x.fault.Stored {
		return
	}
	if err := x.sb.DB.Commit(x.r.Context(), x.st.ledger.Batch(x.view(), kept)); err != nil {
		x.srv.log.Error("an answer could not be kept under its idempotency key", "dialect", x.d.Name, "error", err)
	}
}

// kept is an answer as it is kept under the request's key, nil where neither the
// dialect nor whoever injected it keeps it.
func (x *exchange) kept(rep reply) *ledger.Answer {
	if !x.idem.accepted || !x.d.Idempotency.Keeps[rep.status/100] && !(x.injected && x.fault.Stored) {
		return nil
	}
	return &ledger.Answer{
		Dialect: x.d.Name, Key: x.idem.id, Fingerprint: x.idem.fingerprint, At: x.now(), Keep: x.d.Idempotency.Keep,
		Status: rep.status, Mime: rep.mime, RequestID: x.env.RequestID, Entry: x.n, Body: string(rep.body),
	}
}

// idempotencyHeaders marks first, repeated and busy answers.
func (x *exchange) idempotencyHeaders(f *dialect.Failure, set func(name, value string)) {
	rule := x.d.Idempotency
	switch {
	case rule == nil:
	case x.idem.stored:
		rule.Replay.Each(&x.env, set)
	case x.idem.busy:
		rule.Busy.Each(&x.env, set)
	case x.idem.accepted || x.idem.asked:
		rule.First.Each(&x.env, set)
	}
}
