package routes

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"unsafe"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// body is what a request carries.
type body struct {
	r       *http.Request
	cap     int64
	sent    []byte // as it came
	raw     []byte // the same, nil where it could not be read
	err     error  // why not
	json    []byte // as JSON; the scalars of a form are typed by their fields later
	compact string // as answers repeat it
}

// errTooLarge says that a body is over the cap.
var errTooLarge = errors.New("the body is too large")

// read reads the body up to the cap. What is wrong with it is told at the stage
// the dialect has for that.
func (b *body) read() {
	b.readAll()
	b.sent = b.raw
}

func (b *body) readAll() {
	if !writesBody(b.r.Method) || b.r.Body == nil {
		return
	}
	n := b.r.ContentLength
	if n > b.cap {
		b.err = errTooLarge
		b.drain()
		return
	}
	if n >= 0 {
		b.raw = make([]byte, n)
		if _, err := io.ReadFull(b.r.Body, b.raw); err != nil {
			b.raw, b.err = nil, err
		}
		return
	}
	data, err := io.ReadAll(io.LimitReader(b.r.Body, b.cap+1))
	if err == nil && int64(len(data)) > b.cap {
		err = errTooLarge
	}
	if b.raw, b.err = data, err; err != nil {
		b.raw = nil
	}
	if errors.Is(err, errTooLarge) {
		b.drain()
	}
}

// maxDrain is how much of a body that is too large is read and thrown away:
// many clients look at the answer only when they have sent all.
const maxDrain = 16 << 20

func (b *body) drain() {
	if b.r.Header.Get("Expect") == "" { // who asks first is told at once
		_, _ = io.CopyN(io.Discard, b.r.Body, maxDrain)
	}
}

// asJSON is the body before its stage: a form that is none stays as it is.
func (b *body) asJSON() []byte {
	if mediaType(b.r.Header) == "application/x-www-form-urlencoded" {
		if json, err := jsontext.FormToJSON(string(b.raw)); err == nil {
			return json
		}
	}
	return b.raw
}

// payload is the body as JSON, "" when it is no object.
func (b *body) payload() string {
	if b.compact == "" && len(b.raw) > 0 && b.err == nil {
		if text, err := jsontext.Compact(b.asJSON()); err == nil && text[0] == '{' {
			b.compact = text
		}
	}
	return b.compact
}

// own gives a record memory of its own where it would keep a large body alive.
func (b *body) own(rec *record.Record) {
	if len(b.json) < 4096 {
		return
	}
	from := uintptr(unsafe.Pointer(unsafe.SliceData(b.json)))
	to := from + uintptr(len(b.json))
	rec.Own(func(text string) bool {
		at := uintptr(unsafe.Pointer(unsafe.StringData(text)))
		return at >= from && at < to
	})
}

// bodyStage checks size, media type and syntax of the body.
type bodyStage struct{}

func (bodyStage) check(x *exchange) (*dialect.Problem, bool) { return parseBody(x), false }

func parseBody(x *exchange) *dialect.Problem {
	switch {
	case errors.Is(x.body.err, errTooLarge):
		return &dialect.Problem{Code: record.CodeTooLarge, Why: "is too large"}
	case x.body.err != nil:
		return &dialect.Problem{Code: record.CodeMalformed, Why: "it ended too early"}
	case !x.Op.Writes() || !writesBody(x.r.Method):
		return parseAs(x, nil, false)
	}
	if e := x.r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return &dialect.Problem{Code: record.CodeMediaType}
	}
	x.body.json = x.body.raw
	var err error
	kind := bodyType(x.r.Header)
	switch {
	case len(x.body.raw) == 0:
		kind = "json"
	case !slices.Contains(x.Op.BodyTypes(), kind):
		return &dialect.Problem{Code: record.CodeMediaType}
	case kind == "form":
		x.body.json, err = jsontext.FormToJSON(string(x.body.raw))
	case kind == "multipart":
		x.body.json, err = jsontext.MultipartToJSON(x.body.raw, x.r.Header.Get("Content-Type"))
	}
	if err != nil {
		return &dialect.Problem{Code: record.CodeMalformed, Why: err.Error()}
	}
	return parseAs(x, x.body.json, kind != "json")
}

// bodyType is what the body of a request says it is, by the words of mapping
// files; "" for what there is no word for.
func bodyType(h http.Header) string {
	switch mediaType(h) {
	case "", "application/json":
		return "json"
	case "application/x-www-form-urlencoded":
		return "form"
	case "multipart/form-data":
		return "multipart"
	}
	return ""
}

// parseAs reads the syntax of a body.
func parseAs(x *exchange, body []byte, form bool) *dialect.Problem {
	err := x.Op.Parse(x.Input, body, form)
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*record.Error](err)
	if !ok {
		return &dialect.Problem{Code: record.CodeInternal}
	}
	return &dialect.Problem{Code: e.Code, Why: e.Msg}
}

// writesBody tells whether a method can carry a body that counts.
func writesBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// mediaType is the type of a body without parameters, in lower case.
func mediaType(h http.Header) string {
	t, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}
