package hosted

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"
)

// Service is what is behind the pages.
type Service interface {
	// Open returns the page of a link, and counts as a visit where the provider
	// lists those. It returns ErrNotFound when there is no such link, and a
	// TooManyError when the provider lets nobody open it so often.
	Open(ctx context.Context, v Visit) (Page, error)
	// Act does what a person chose. The action fits the page that Open gave;
	// when the link has changed meanwhile, the result's page says so. It returns
	// ErrNotFound when there is no such link.
	Act(ctx context.Context, v Visit, a Action) (Result, error)
}

// ErrNotFound says that no link has this page.
var ErrNotFound = errors.New("there is no such link")

// TooManyError says that a page was opened too often, and how long that lasts.
type TooManyError struct{ Wait time.Duration }

func (*TooManyError) Error() string { return "the page was opened too often" }

// Visit is whose page is meant. The sandbox is in the context.
type Visit struct {
	Dialect string
	Link    string // what stands behind the dialect in the path: an id or a token
	Session string // of an earlier visit, or ""
	Method  string // GET, HEAD or POST: a HEAD makes no session
	Query   url.Values
}

// Page is what a person sees.
type Page struct {
	Dialect     string // for people
	Sandbox     string
	Live        bool // the mode
	Title       string
	Description string
	Setup       bool   // sets something up instead of taking money
	Submit      string // auto, pay, book, donate or subscribe
	Lines       []Line
	Total       Money
	Expires     time.Time // zero is never
	Status      string    // active, or why nothing can be paid
	Message     string    // what the seller says about that
	Session     string    // id of this visit, sent back with the form
	Fields      []Field   // what is asked for
	Card        bool      // a test card may be typed
	Outcomes    []Outcome // beside success
	Targets     []string  // addresses to which an action may lead
	Onward      string    // where who can do nothing here goes, or ""
}

// Line is one thing that is sold.
type Line struct {
	Name        string
	Description string
	Quantity    string
	Amount      Money  // of all of them
	Every       string // interval, such as month; "" is once
}

// Outcome is how paying can end.
type Outcome struct {
	Code  string
	Label string // "" is the code in words
}

// The outcomes that every page has.
const (
	Success  = "success"
	Declined = "declined" // where a page lists no failure of its own
)

// active is the one status in which something can be done.
const active = "active"

// Open tells whether something can be done on a page.
func (p *Page) Open() bool { return p.Status == active }

// Result is what an action led to.
type Result struct {
	Redirect string // where the person goes, or ""
	Heading  string // of the page that is shown otherwise
	Message  string // its text
	Failed   bool   // it did not work, and can be tried again if the page is open
	Page     Page   // as it is now
}

// Action is what a person chose.
type Action struct {
	Cancel  bool
	Outcome string            // one of the page's, or Success
	Card    string            // without blanks; "" when none was typed
	Input   map[string]string // by name of field, those with a value
}

// Path is the path of a link's page.
func Path(dialect, link string) string { return Prefix + escape(dialect) + "/" + escape(link) }

// Prefix begins the path of every page.
const Prefix = "/__pay/"

// outcomes is what the page offers, success first.
func (p *Page) outcomes() []Outcome {
	list := []Outcome{{Success, "Success"}}
	for _, o := range p.Outcomes {
		if o.Code == Success || o.Code == "" {
			continue
		}
		if o.Label == "" {
			o.Label = words(o.Code)
		}
		list = append(list, o)
	}
	if len(list) == 1 {
		list = append(list, Outcome{Declined, words(Declined)})
	}
	return list
}

// words is a code as a person would write it.
func words(code string) string {
	text := strings.Map(func(c rune) rune {
		if c == '_' || c == '.' || c == '-' {
			return ' '
		}
		return c
	}, code)
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
