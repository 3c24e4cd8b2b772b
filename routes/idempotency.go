package routes

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
)

// idempotencyKey is what the exchange knows of its key.
type idempotencyKey struct {
	key         string        // as it was sent
	held        sandbox.Claim // on the key, until the exchange ends
	id          string        // row of the stored answer
	place       string        // where the key was sent
	fingerprint string
	stored      bool  // the answer is a stored one
	first       int64 // entry of the exchange that it answered first, 0 where it is not known
	busy        bool  // the first request is still running
	accepted    bool  // the key is this request's
	asked       bool  // the answer is asked for, and looks as if it were accepted
}

// idempotencyStage claims the request's key, or answers as the first request with
// the same key was answered.
type idempotencyStage struct{}

func (idempotencyStage) check(x *exchange) (p *dialect.Problem, answered bool) { return claimKey(x) }

// claimKey does so once for a request, however often it is asked.
func claimKey(x *exchange) (p *dialect.Problem, answered bool) {
	rule := x.Dialect.Idempotency
	if rule == nil || x.idem.accepted || x.Op.Public || !slices.Contains(rule.Methods, x.r.Method) {
		return nil, false
	}
	key, place, why := readKey(x, rule)
	switch {
	case why != "":
		return &dialect.Problem{Code: record.CodeIdempotencyKey, Path: place, Why: why}, false
	case key == "" && rule.Required && !x.Op.Keyless:
		return &dialect.Problem{Code: record.CodeIdempotencyNone, Path: place, Why: "is required"}, false
	case key == "":
		return nil, false
	}
	if x.idem.place = place; x.body.err != nil {
		return nil, false // it is like no other request, and refused in its place
	}
	x.idem.key, x.idem.id = key, keyID(x, rule, key)
	x.idem.fingerprint = fingerprint(x, rule)
	claim, first := x.sb.Claims.Begin(x.idem.id, x.idem.fingerprint)
	if !first {
		if claim.Fingerprint() != x.idem.fingerprint {
			return reusedKey(x), false
		}
		if !claim.Wait(x.r.Context(), rule.Wait) {
			x.idem.busy = true
			return &dialect.Problem{Code: record.CodeIdempotencyBusy, Path: place}, false
		}
		return claimKey(x)
	}
	x.idem.held = claim
	return replay(x)
}

// readKey reads the request's key, "" when it has none: out of the header, or else
// out of the body. place is where it was or should be, and why says what is
// wrong with it.
func readKey(x *exchange, rule *access.Idempotency) (key, place, why string) {
	if place = rule.Header; place != "" {
		key = x.r.Header.Get(place)
	}
	if key == "" && rule.Field != "" {
		var ok bool
		place = rule.Field
		if key, ok = jsontext.TextMember(x.body.asJSON(), place); !ok {
			return "", place, "must be a string"
		}
	}
	if utf8.RuneCountInString(key) > rule.Longest {
		why = "must be at most " + strconv.Itoa(rule.Longest) + " characters long"
	}
	return key, place, why
}

func reusedKey(x *exchange) *dialect.Problem {
	return &dialect.Problem{Code: record.CodeIdempotencyOther, Path: x.idem.place}
}

// replay gives the stored answer, if there is one.
func replay(x *exchange) (*dialect.Problem, bool) {
	if !x.look() {
		return nil, true
	}
	kept := ledger.Kept(x.Rows, x.Dialect.Name, x.idem.id, x.Env.Now)
	if kept == nil {
		x.idem.accepted = true
		return nil, false
	}
	if kept.Fingerprint != x.idem.fingerprint {
		return reusedKey(x), false
	}
	x.idem.stored = true
	x.idem.first = firstEntry(x, kept.Entry)
	x.Env.RequestID = kept.RequestID // the body that is given again may hold it
	x.write(reply{status: kept.Status, mime: kept.Mime, body: []byte(kept.Body)}, nil)
	return nil, true
}

// firstEntry is the number of the exchange whose answer is given again, 0 where
// the journal has it no longer. A row may also come from another sandbox, whose
// numbers say nothing here.
func firstEntry(x *exchange, n int64) int64 {
	e := x.sb.Journal.Entry(n)
	if e == nil || e.Dialect != x.Dialect.Name || e.Operation != x.Op.Name || e.Replayed {
		return 0
	}
	return n
}

// keyID names the row of a key within its scope. Keys are hashed, since they
// may hold anything.
func keyID(x *exchange, rule *access.Idempotency, key string) string {
	account, mode := "", ""
	if rule.Account {
		account = x.Account()
	}
	if rule.Mode {
		mode = x.Mode()
	}
	return digest(account, mode, key)
}

// fingerprint hashes what makes two requests the same. Bodies are compared as
// JSON, whatever the order of their keys.
func fingerprint(x *exchange, rule *access.Idempotency) string {
	parts := []string{"", "", ""}
	if rule.SameM {
		parts[0] = x.r.Method
	}
	if rule.SameP {
		parts[1] = x.Env.Path + "?" + x.r.URL.RawQuery
	}
	if rule.SameB {
		body, err := jsontext.Canonical(x.body.asJSON())
		if err != nil {
			body = string(x.body.raw)
		}
		if body == "" {
			body = "{}" // no body asks for the same as an empty one
		}
		parts[2] = body
	}
	return digest(parts...)
}

// keep stores a refusal under the request's key.
func (x *exchange) keep(rep reply, f *failures.Failure) {
	kept := x.kept(rep)
	if kept == nil || f.Code == record.CodeRateLimited && !x.fault.Stored {
		return
	}
	if err := x.DB.Commit(x.r.Context(), x.st.ledger.Batch(ledger.ViewOf(x.r.Context(), x.DB, x.Rows), kept)); err != nil {
		x.srv.log.Error("an answer could not be kept under its idempotency key", "dialect", x.Dialect.Name, "error", err)
	}
}

// kept is an answer as it is kept under the request's key, nil where neither the
// dialect nor whoever injected it keeps it.
func (x *exchange) kept(rep reply) *ledger.Answer {
	if !x.idem.accepted || !x.Dialect.Idempotency.Keeps[rep.status/100] && !(x.fault.answered && x.fault.Stored) {
		return nil
	}
	return &ledger.Answer{
		Dialect: x.Dialect.Name, Key: x.idem.id, Fingerprint: x.idem.fingerprint, At: x.Env.Now, Keep: x.Dialect.Idempotency.Keep,
		Status: rep.status, Mime: rep.mime, RequestID: x.Env.RequestID, Entry: x.rec.n, Body: string(rep.body),
	}
}

// idempotencyHeaders marks first, repeated and busy answers.
func idempotencyHeaders(x *exchange, f *failures.Failure, set func(name, value string)) {
	rule := x.Dialect.Idempotency
	switch {
	case rule == nil:
	case x.idem.stored:
		rule.Replay.Each(&x.Env.Env, set)
	case x.idem.busy:
		rule.Busy.Each(&x.Env.Env, set)
	case x.idem.accepted || x.idem.asked:
		rule.First.Each(&x.Env.Env, set)
	}
}
