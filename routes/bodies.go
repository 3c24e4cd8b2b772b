package routes

import (
	"errors"
	"io"
	"slices"
	"strings"
	"unsafe"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// errTooLarge says that a body is over the cap.
var errTooLarge = errors.New("the body is too large")

// readBody reads the body up to the cap. What is wrong with it is told at the
// stage the dialect has for that.
func (x *exchange) readBody() {
	x.readAll()
	x.sent = x.body
}

func (x *exchange) readAll() {
	if !writesBody(x.r.Method) || x.r.Body == nil {
		return
	}
	n := x.r.ContentLength
	if n > x.cap {
		x.bodyErr = errTooLarge
		x.drain()
		return
	}
	if n >= 0 {
		x.body = make([]byte, n)
		if _, err := io.ReadFull(x.r.Body, x.body); err != nil {
			x.body, x.bodyErr = nil, err
		}
		return
	}
	body, err := io.ReadAll(io.LimitReader(x.r.Body, x.cap+1))
	if err == nil && int64(len(body)) > x.cap {
		err = errTooLarge
	}
	if x.body, x.bodyErr = body, err; err != nil {
		x.body = nil
	}
	if errors.Is(err, errTooLarge) {
		x.drain()
	}
}

// maxDrain is how much of a body that is too large is read and thrown away:
// many clients look at the answer only when they have sent all.
const maxDrain = 16 << 20

func (x *exchange) drain() {
	if x.r.Header.Get("Expect") == "" { // who asks first is told at once
		_, _ = io.CopyN(io.Discard, x.r.Body, maxDrain)
	}
}

// parse checks size, media type and syntax of the body.
func (x *exchange) parse() *dialect.Problem {
	switch {
	case errors.Is(x.bodyErr, errTooLarge):
		return &dialect.Problem{Code: record.CodeTooLarge, Why: "is too large"}
	case x.bodyErr != nil:
		return &dialect.Problem{Code: record.CodeMalformed, Why: "it ended too early"}
	case !x.op.Writes() || !writesBody(x.r.Method):
		return x.parsed(nil)
	}
	if e := x.r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return &dialect.Problem{Code: record.CodeMediaType}
	}
	x.json = x.body
	form := false
	switch t := mediaType(x.r.Header); {
	case len(x.body) == 0:
	case t == "" || t == "application/json":
		if !slices.Contains(x.d.Bodies, "json") {
			return &dialect.Problem{Code: record.CodeMediaType}
		}
	case t == "application/x-www-form-urlencoded" && slices.Contains(x.d.Bodies, "form"):
		json, err := jsontext.FormToJSON(string(x.body))
		if err != nil {
			return &dialect.Problem{Code: record.CodeMalformed, Why: err.Error()}
		}
		x.json, form = json, true
	default:
		return &dialect.Problem{Code: record.CodeMediaType}
	}
	return x.parseAs(x.json, form)
}

func (x *exchange) parsed(body []byte) *dialect.Problem { return x.parseAs(body, false) }

func (x *exchange) parseAs(body []byte, form bool) *dialect.Problem {
	err := x.op.Parse(&x.in, body, form)
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[*record.Error](err)
	if !ok {
		return &dialect.Problem{Code: record.CodeInternal}
	}
	return &dialect.Problem{Code: e.Code, Why: e.Msg}
}

// own gives a record memory of its own where it would keep a large body alive.
func (x *exchange) own(rec *record.Record) {
	if len(x.json) < 4096 {
		return
	}
	from := uintptr(unsafe.Pointer(unsafe.SliceData(x.json)))
	to := from + uintptr(len(x.json))
	rec.Own(func(text string) bool {
		at := uintptr(unsafe.Pointer(unsafe.StringData(text)))
		return at >= from && at < to
	})
}
