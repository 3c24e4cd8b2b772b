package ledger

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Answer is what a request with an idempotency key was answered, kept for those
// that come with the same key.
type Answer struct {
	Dialect     string
	Key         string // what tells keys apart, hashed
	Fingerprint string // what tells requests apart, hashed
	At          time.Time
	Keep        time.Duration
	Status      int
	Mime        string
	RequestID   string // the body may hold it
	Entry       int64  // of the request in the sandbox's journal
	Body        string
}

var (
	slotFingerprint = record.Replays.MustSlot("fingerprint")
	slotHTTPStatus  = record.Replays.MustSlot("http_status")
	slotHeaders     = record.Replays.MustSlot("headers")
	slotBody        = record.Replays.MustSlot("body")
)

// answerHead is what a kept answer has besides its status and its body.
type answerHead struct {
	Mime      string `json:"Content-Type"`
	RequestID string `json:"request_id"`
	Entry     int64  `json:"entry,string"`
}

// MaxAnswers bounds the kept answers of a sandbox; the oldest go first.
const MaxAnswers = 100_000

// Kept returns the answer that is kept under a key and still alive at a time,
// or nil.
func Kept(r store.Reader, d, key string, now time.Time) *Answer {
	row := r.Get(record.Replays.Kind, store.RowKey(d, key))
	if row == nil || !alive(row.Record, now) {
		return nil
	}
	rec := row.Record
	a := &Answer{Dialect: d, Key: key, Fingerprint: rec.Text(slotFingerprint), Body: rec.Text(slotBody)}
	a.Status, _ = strconv.Atoi(rec.Get(slotHTTPStatus))
	var head answerHead
	_ = json.Unmarshal([]byte(rec.Get(slotHeaders)), &head)
	a.Mime, a.RequestID, a.Entry = head.Mime, head.RequestID, head.Entry
	return a
}

// alive tells whether an answer's life is not over.
func alive(rec *record.Record, now time.Time) bool {
	at, ok := rec.Time(record.SlotExpires)
	return ok && now.Before(at)
}

// keep adds the answer to a batch. Answers whose life is over make room for it.
func (a *Answer) keep(b *store.Batch, v View) {
	rec := record.New(record.Replays, a.Dialect)
	rec.Set(record.SlotID, record.Quote(a.Key))
	rec.Set(record.SlotStatus, record.Quote(record.Active))
	rec.Set(record.SlotCreated, record.FormatTime(a.At))
	rec.Set(record.SlotExpires, record.FormatTime(a.At.Add(a.Keep)))
	rec.Set(slotFingerprint, record.Quote(a.Fingerprint))
	rec.Set(slotHTTPStatus, strconv.Itoa(a.Status))
	rec.Set(slotHeaders, `{"Content-Type":`+record.Quote(a.Mime)+`,"request_id":`+record.Quote(a.RequestID)+`,"entry":"`+strconv.FormatInt(a.Entry, 10)+`"}`)
	rec.Set(slotBody, record.Quote(a.Body))
	row := dialect.NewRow(nil, rec)
	row.Scope = record.Replays.Kind
	b.Put = append(b.Put, row)
	full := v.Count(record.Replays.Kind) >= MaxAnswers
	for _, old := range v.Scan(record.Replays.Kind, record.Replays.Kind, store.Page{Ascending: true, Limit: 8}) {
		switch lives := alive(old.Record, a.At); {
		case old.Key == row.Key || lives && !full:
			continue
		case lives:
			b.Early++
		}
		b.Del = append(b.Del, store.Expect{Table: old.Table, Key: old.Key})
	}
}
