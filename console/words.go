package console

import (
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
)

// words are what templates can say beside what they are given.
var words = template.FuncMap{
	"path":    url.PathEscape,
	"clock":   func(t time.Time) string { return t.UTC().Format("15:04:05.000") },
	"day":     func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 MST") },
	"seconds": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	"iso":     func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
	"place":   func(r journal.Rule) string { return r.Place() },
	"tone":    tone,
	"ms":      func(ms float64) string { return strconv.FormatFloat(ms, 'f', 1, 64) },
	"join":    func(list []string) string { return strings.Join(list, ", ") },
	"dash":    func(s string) string { return strings.NewReplacer(".", "-", "_", "-").Replace(s) },
	"plain":   func(s string) string { return strings.ReplaceAll(s, "_", " ") },

	"deliveries": func() []string {
		return []string{"duplicate", "reorder", "late", "drop", "bad_signature", "stale", "cut"}
	},
	"passing": func(base, back string, l linkRow) passing { return passing{base, back, l} },
	"saying":  saying,
}

// passing is what the buttons of a link need.
type passing struct {
	Base, Back string
	L          linkRow
}

// button is a form that is one button.
type button struct{ Operation, Name string }

// Buttons are what can be done about a link beside paying it.
func (passing) Buttons() []button {
	return []button{{"link.fail", "Fail"}, {"link.cancel", "Cancel"}, {"link.expire", "Expire"}}
}

// saying is what happened, for people.
func saying(m admin.Moment) string {
	switch m.Did {
	case "seen":
		return "Seen"
	case "visited":
		return "Its page was opened"
	case "acted":
		return "Somebody pressed a button on its page"
	case "paid":
		return "Paid on its page"
	case "failed":
		return "A payment failed"
	case "told":
		return "An event was told"
	case "delivered":
		if m.Status < 200 || m.Status > 299 {
			return "Sent, and not taken"
		}
		return "Delivered"
	}
	return strings.ToUpper(m.Did[:1]) + m.Did[1:]
}

// tone is how an answer is coloured; its number says the same.
func tone(status int) string {
	switch {
	case status == 0 || status >= 500:
		return "bad"
	case status >= 400:
		return "warn"
	}
	return "good"
}

// linkRow is a link in a list.
type linkRow struct {
	Dialect, ID, Title, Status, Amount, Page string
	Created                                  time.Time
	Outcomes                                 []string // beside success
	Active                                   bool
}

// newLinkRow reads a canonical link.
func newLinkRow(doc []byte) linkRow {
	get := func(path string) string { return gjson.GetBytes(doc, path).String() }
	l := linkRow{Dialect: get("dialect"), ID: get("id"), Title: get("title"), Status: get("status")}
	l.Created, _ = time.Parse(time.RFC3339Nano, get("created_at"))
	if l.Title == "" {
		l.Title = l.ID
	}
	if minor := gjson.GetBytes(doc, "amount"); minor.Type == gjson.Number {
		l.Amount = hosted.Money{Minor: minor.Raw, Currency: get("currency"), Digits: record.CurrencyDigits(get("currency"))}.String()
	}
	l.Page, l.Active = hosted.Path(l.Dialect, l.ID), l.Status == record.Active
	return l
}

// pretty is a JSON document for people, and any other text as it is.
func pretty(text string) string {
	if text == "" || !gjson.Valid(text) {
		return text
	}
	return strings.TrimSpace(gjson.Parse(text).Get("@pretty").Raw)
}

// moved is a member of a document that a change has moved.
type moved struct{ Member, Before, After string }

// moves lists the members in which two JSON documents differ, by their dotted
// names.
func moves(before, after []byte) []moved {
	old, list := map[string]string{}, []moved(nil)
	flatten("", gjson.ParseBytes(before), func(name, value string) { old[name] = value })
	flatten("", gjson.ParseBytes(after), func(name, value string) {
		if had := old[name]; had != value {
			list = append(list, moved{name, had, value})
		}
		delete(old, name)
	})
	flatten("", gjson.ParseBytes(before), func(name, value string) {
		if _, gone := old[name]; gone {
			list = append(list, moved{name, value, ""})
		}
	})
	return list
}

// flatten tells every value of a document that is no object.
func flatten(name string, doc gjson.Result, tell func(name, value string)) {
	if !doc.IsObject() {
		if name != "" {
			tell(name, doc.Raw)
		}
		return
	}
	doc.ForEach(func(key, value gjson.Result) bool {
		if name == "" {
			flatten(key.String(), value, tell)
		} else {
			flatten(name+"."+key.String(), value, tell)
		}
		return true
	})
}
