package polylinktest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"time"
)

// Link is a link as all dialects have it in common. What nobody has said is
// zero; Document has it all, and tells null from what is left out.
type Link struct {
	Dialect     string         `json:"dialect"` // that made it
	ID          string         `json:"id"`      // in that dialect
	Kind        string         `json:"kind"`    // payment, checkout or setup
	Mode        string         `json:"mode"`    // payment, subscription, setup or order
	Status      string         `json:"status"`  // active, inactive, archived, completed, expired or revoked
	Account     string         `json:"account"`
	Live        bool           `json:"livemode"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	URL         string         `json:"url"`    // of its page
	Amount      json.Number    `json:"amount"` // in minor units, with all digits
	Currency    string         `json:"currency"`
	Items       []Item         `json:"items"`
	Recurrence  string         `json:"recurrence"`
	Customer    string         `json:"customer"`
	Transaction string         `json:"transaction"`
	Reference   string         `json:"reference"`
	Metadata    map[string]any `json:"metadata"`
	Redirect    Redirect       `json:"redirect"`
	Completion  Completion     `json:"completion"`
	Created     time.Time      `json:"created_at"`
	Updated     time.Time      `json:"updated_at"`
	Expires     time.Time      `json:"expires_at"` // zero where it does not
	Consumed    time.Time      `json:"consumed_at"`
	Version     int64          `json:"version"` // how often it was written

	Document json.RawMessage `json:"-"` // the whole of it
}

// Item is a line of what a link sells.
type Item struct {
	ID         string      `json:"id"`
	Price      string      `json:"price"`
	Product    string      `json:"product"`
	Name       string      `json:"name"`
	Quantity   json.Number `json:"quantity"`
	UnitAmount json.Number `json:"unit_amount"` // in minor units
	Currency   string      `json:"currency"`
	Interval   string      `json:"interval"`
}

// Redirect is where the page of a link leads afterwards.
type Redirect struct {
	Success string `json:"success"`
	Failure string `json:"failure"`
	Cancel  string `json:"cancel"`
}

// Completion is what follows success, and how often there may be one.
type Completion struct {
	Page    string `json:"page"` // message or redirect
	Message string `json:"message"`
	Limit   int64  `json:"limit"`
	Limited bool   `json:"limited"`
	Count   int64  `json:"count"`
}

// UnmarshalJSON reads a canonical link and keeps the document.
func (l *Link) UnmarshalJSON(data []byte) error {
	type plain Link
	if err := json.Unmarshal(data, (*plain)(l)); err != nil {
		return err
	}
	l.Document = append(json.RawMessage(nil), data...)
	return nil
}

// Links returns the canonical links, newest first. Filters are pairs, as in
// Links("status", "active").
func (c *Control) Links(filters ...string) []Link {
	c.t.Helper()
	var out struct {
		Links []Link `json:"links"`
	}
	c.do(http.MethodGet, "/links"+c.query(filters), nil, &out)
	return out.Links
}

// Link returns one canonical link by its id in a dialect.
func (c *Control) Link(dialect, id string) Link {
	c.t.Helper()
	var out Link
	c.do(http.MethodGet, linkPath(dialect, id), nil, &out)
	return out
}

func linkPath(dialect, id string) string {
	return "/links/" + url.PathEscape(dialect) + "/" + url.PathEscape(id)
}

// Visit is what a person does on a link's page, where it is more than a plain
// success, failure or return.
type Visit struct {
	Outcome string         `json:"outcome,omitempty"` // such as card_declined; a wrong one is refused by those there are
	Input   map[string]any `json:"input,omitempty"`   // what is filled in: email, name, phone, quantity, custom and so on
}

// act does what a button of the link's page does, and returns the link.
func (c *Control) act(dialect, id, what string, visits []Visit) Link {
	c.t.Helper()
	var in any
	if len(visits) > 0 {
		in = visits[0]
	}
	var out Link
	c.do(http.MethodPost, linkPath(dialect, id)+"/"+what, in, &out)
	return out
}

// Complete does what a person does who pays or finishes on a link's page. Like
// Fail, Cancel and Expire it returns the canonical link.
func (c *Control) Complete(dialect, id string, visit ...Visit) Link {
	c.t.Helper()
	return c.act(dialect, id, "complete", visit)
}

// Fail simulates a failed payment.
func (c *Control) Fail(dialect, id string, visit ...Visit) Link {
	c.t.Helper()
	return c.act(dialect, id, "fail", visit)
}

// Cancel does what a person does who goes back.
func (c *Control) Cancel(dialect, id string, visit ...Visit) Link {
	c.t.Helper()
	return c.act(dialect, id, "cancel", visit)
}

// Expire lets a link expire now.
func (c *Control) Expire(dialect, id string) Link {
	c.t.Helper()
	return c.act(dialect, id, "expire", nil)
}
