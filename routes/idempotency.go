package routes

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
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
}

var (
	slotFingerprint = mustSlot(record.Replays, "fingerprint")
	slotHTTPStatus  = mustSlot(record.Replays, "http_status")
	slotHeaders     = mustSlot(record.Replays, "headers")
	slotBody        = mustSlot(record.Replays, "body")
)

// What a stored answer has beside its headers: the id of its request, and the
// number of its entry in the journal.
const (
	requestIDKey = "request_id"
	entryKey     = "entry"
)

// maxReplays bounds the stored answers of a sandbox; the oldest go first.
const maxReplays = 100_000

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
	return x.replay(rule)
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
func (x *exchange) replay(rule *dialect.Idempotency) (*dialect.Problem, bool) {
	x.reader = x.sb.DB.Read(x.r.Context())
	row := x.reader.Get(record.Replays.Kind, store.RowKey(x.d.Name, x.idem.id))
	if row == nil || !alive(row.Record, x.now()) {
		x.idem.accepted = true
		return nil, false
	}
	if row.Record.Text(slotFingerprint) != x.idem.fingerprint {
		return x.reused(), false
	}
	x.idem.stored = true
	status, _ := strconv.Atoi(row.Record.Get(slotHTTPStatus))
	var headers map[string]string
	_ = json.Unmarshal([]byte(row.Record.Get(slotHeaders)), &headers)
	x.idem.first = x.firstEntry(headers[entryKey])
	x.env.RequestID = headers[requestIDKey] // the body that is given again may hold it
	x.write(reply{status, headers["Content-Type"], []byte(row.Record.Text(slotBody))}, nil)
	return nil, true
}

// firstEntry is the number of the exchange whose answer is given again, 0 where
// the journal has it no longer. A row may also come from another sandbox, whose
// numbers say nothing here.
func (x *exchange) firstEntry(number string) int64 {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0
	}
	e := x.sb.Journal.Entry(n)
	if e == nil || e.Dialect != x.d.Name || e.Operation != x.op.Name || e.Replayed {
		return 0
	}
	return n
}

func alive(rec *record.Record, now time.Time) bool {
	at, ok := rec.Time(record.SlotExpires)
	return ok && now.Before(at)
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
	if !x.stores(rep) || f.Code == record.CodeRateLimited && !x.fault.Stored {
		return
	}
	b := store.Batch{}
	x.keepIn(&b, rep)
	if err := x.sb.DB.Commit(x.r.Context(), b); err != nil {
		x.srv.log.Error("an answer could not be kept under its idempotency key", "dialect", x.d.Name, "error", err)
	}
}

// stores tells whether the request has a key under which the dialect, or whoever
// injected it, keeps the answer.
func (x *exchange) stores(rep reply) bool {
	return x.idem.accepted && (x.d.Idempotency.Keeps[rep.status/100] || x.injected && x.fault.Stored)
}

// keepIn adds the answer to the batch that makes the change, so that both
// happen or neither does.
func (x *exchange) keepIn(b *store.Batch, rep reply) {
	if !x.stores(rep) {
		return
	}
	rec := record.New(record.Replays, x.d.Name)
	rec.Set(record.SlotID, record.Quote(x.idem.id))
	rec.Set(record.SlotStatus, record.Quote(record.Active))
	rec.Set(record.SlotCreated, record.FormatTime(x.now()))
	rec.Set(record.SlotExpires, record.FormatTime(x.now().Add(x.d.Idempotency.Keep)))
	rec.Set(slotFingerprint, record.Quote(x.idem.fingerprint))
	rec.Set(slotHTTPStatus, strconv.Itoa(rep.status))
	rec.Set(slotHeaders, `{"Content-Type":`+record.Quote(rep.mime)+`,"`+requestIDKey+`":`+record.Quote(x.env.RequestID)+`,"`+entryKey+`":"`+strconv.FormatInt(x.n, 10)+`"}`)
	rec.Set(slotBody, record.Quote(string(rep.body)))
	row := dialect.NewRow(nil, rec)
	row.Scope = record.Replays.Kind
	b.Put = append(b.Put, row)
	// Answers whose time is over make room for the new one.
	limit := 8
	kept, _ := x.sb.DB.Count(x.r.Context(), record.Replays.Kind)
	full := kept >= maxReplays
	for _, old := range x.reader.Scan(record.Replays.Kind, record.Replays.Kind, store.Page{Ascending: true, Limit: limit}) {
		if old.Key != row.Key && (full || !alive(old.Record, x.now())) {
			b.Del = append(b.Del, store.Expect{Table: old.Table, Key: old.Key})
		}
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
	case x.idem.accepted:
		rule.First.Each(&x.env, set)
	}
}
