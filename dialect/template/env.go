package template

import (
	"strconv"
	"time"
	"unsafe"

	"github.com/polylink-dev/polylink/record"
)

// Env is what the texts, documents and expressions of one request can name.
// It is filled in as more becomes known; what is not there yet is absent.
type Env struct {
	Now       time.Time
	Base      string // scheme, host and prefix that the client used
	Method    string
	Path      string // the provider's own path, without our prefixes
	RequestID string
	Header    func(name string) string
	Query     func(name string) string

	It         *record.Record // the record at hand, merged with the request
	Old        *record.Record // as it was before
	Parent     *record.Record
	About      *record.Record
	Cause      *record.Record // of the request that has an effect on another
	Account    *record.Record
	Credential *record.Record

	Link    *record.Record           // whose page a person is on
	Session *record.Record           // of the visit
	Outcome string                   // of a payment
	Input   func(name string) string // what was typed, as JSON text, "" where nothing was

	Item    []byte // the record in the dialect's shape
	Items   []byte // a list of such
	More    bool   // the list goes on
	Total   int    // rows of the whole list
	Skip    int    // rows left out before this page
	Size    int    // rows asked for
	NextURL string // where the next page is
	Next    string // cursor or place of what follows, as JSON text
	Page    int    // number of this page, from 1

	Previous, PrevURL string        // the same of the page in front
	URL               func() string // of the request, with its query
	Payload           func() string // the request's body as JSON, "" when it is none
	OpenAPI           func() string // the dialect's document

	Limit  Limit
	Event  Event
	Bounds *Bounds // hears of values that were refused; nil hears nothing
	Err    Refusal // nil but for the texts of an error
}

// Refusal is what the texts of an error name besides.
type Refusal interface {
	// Word returns a word of the refusal as JSON text, "" when it has none.
	Word(name string) string
}

// Event is what the body of an event names besides.
type Event struct {
	ID       string
	Name     string                   // what the dialect calls it
	Previous func(item []byte) string // what an update has changed, as it was: members of the item as a JSON object
}

// Limit is what limit headers show.
type Limit struct {
	Policy                         string
	Limit, Remaining, Reset, Retry int64 // Reset in Unix seconds, Retry in seconds
}

// Getter reads a variable as canonical JSON text, "" when it is absent.
type Getter func(e *Env) string

// variables are the plain names that templates know.
var variables = map[string]Getter{
	"now":         func(e *Env) string { return record.FormatTime(e.Now) },
	"base":        func(e *Env) string { return record.Quote(e.Base) },
	"method":      func(e *Env) string { return record.Quote(e.Method) },
	"path":        func(e *Env) string { return record.Quote(e.Path) },
	"request_id":  func(e *Env) string { return record.Quote(e.RequestID) },
	"item":        func(e *Env) string { return borrow(e.Item) },
	"items":       func(e *Env) string { return borrow(e.Items) },
	"more":        func(e *Env) string { return strconv.FormatBool(e.More) },
	"next":        func(e *Env) string { return e.Next },
	"next_url":    func(e *Env) string { return quoteOrNone(e.NextURL) },
	"previous":    func(e *Env) string { return e.Previous },
	"prev_url":    func(e *Env) string { return quoteOrNone(e.PrevURL) },
	"url":         func(e *Env) string { return e.url() },
	"page":        func(e *Env) string { return strconv.Itoa(e.Page) },
	"pages":       func(e *Env) string { return strconv.Itoa(e.pages()) },
	"total":       func(e *Env) string { return strconv.Itoa(e.Total) },
	"skip":        func(e *Env) string { return strconv.Itoa(e.Skip) },
	"size":        func(e *Env) string { return strconv.Itoa(e.Size) },
	"payload":     func(e *Env) string { return e.payload() },
	"openapi":     func(e *Env) string { return e.openAPI() },
	"limit.limit": func(e *Env) string { return strconv.FormatInt(e.Limit.Limit, 10) },
	"limit.remaining": func(e *Env) string {
		return strconv.FormatInt(e.Limit.Remaining, 10)
	},
	"limit.reset": func(e *Env) string { return strconv.FormatInt(e.Limit.Reset, 10) },
	"limit.retry": func(e *Env) string { return strconv.FormatInt(e.Limit.Retry, 10) },
}

// eventVariables are those that the bodies of events know besides.
var eventVariables = map[string]Getter{
	"event.id":   func(e *Env) string { return quoteOrNone(e.Event.ID) },
	"event.name": func(e *Env) string { return quoteOrNone(e.Event.Name) },
	"event.previous": func(e *Env) string {
		if e.Event.Previous == nil {
			return ""
		}
		return e.Event.Previous(e.Item)
	},
}

// borrow reads a buffer as text without a copy; the text is for the answer
// that is being written and not to be kept.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// plainVariables are the texts among the variables, without quotes.
var plainVariables = map[string]func(e *Env) string{
	"base":       func(e *Env) string { return e.Base },
	"method":     func(e *Env) string { return e.Method },
	"path":       func(e *Env) string { return e.Path },
	"request_id": func(e *Env) string { return e.RequestID },
}

func quoteOrNone(s string) string {
	if s == "" {
		return ""
	}
	return record.Quote(s)
}

func (e *Env) openAPI() string {
	if e.OpenAPI == nil {
		return ""
	}
	return e.OpenAPI()
}

// url is the address of the request.
func (e *Env) url() string {
	if e.URL == nil {
		return record.Quote(e.Base + e.Path)
	}
	return record.Quote(e.URL())
}

// pages is how many pages a list has; an empty one has one.
func (e *Env) pages() int {
	if e.Size <= 0 || e.Total <= e.Size {
		return 1
	}
	return (e.Total + e.Size - 1) / e.Size
}

func (e *Env) payload() string {
	if e.Payload != nil {
		if text := e.Payload(); text != "" {
			return text
		}
	}
	return "{}"
}

// record returns the record that a root word names.
func (e *Env) record(root string) *record.Record {
	switch root {
	case "it":
		return e.It
	case "old":
		return e.Old
	case "parent":
		return e.Parent
	case "about":
		return e.About
	case "cause":
		return e.Cause
	case "account":
		return e.Account
	case "credential":
		return e.Credential
	case "link":
		return e.Link
	case "session":
		return e.Session
	}
	return nil
}

// slotGetter reads a slot of a record the Env holds.
func slotGetter(root string, s record.Slot) Getter {
	if root == "it" {
		return func(e *Env) string {
			if e.It == nil {
				return ""
			}
			return e.It.Get(s)
		}
	}
	return func(e *Env) string {
		if rec := e.record(root); rec != nil {
			return rec.Get(s)
		}
		return ""
	}
}

func extGetter(root, key string) Getter {
	return func(e *Env) string {
		if rec := e.record(root); rec != nil {
			return rec.Ext(key)
		}
		return ""
	}
}
