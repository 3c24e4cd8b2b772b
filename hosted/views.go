package hosted

import (
	"html/template"
	"strconv"
	"strings"
	"time"
)

// view is what the template reads.
type view struct {
	Style   template.CSS
	Heading string // the page's one h1
	Page    *Page  // nil on pages without a link
	Status  string
	Banner  string // what an action led to, in a few words
	Message string
	Failed  bool   // the message is about something that did not work
	Button  string // "" when nothing can be done
	Onward  string // where a person goes then, or ""
	Session string
	Lines   []lineView
	Total   string
	Expires string
	Instant string // the same for machines
	Mode    string
	Groups  []group
	Choices []Outcome
	Chosen  string
	Wrong   []fault
	Card    *fieldView

	targets []string
}

type lineView struct{ Name, Description, Quantity, Amount string }

// group is fields under one heading, or under none.
type group struct {
	Heading string
	Fields  []fieldView
}

type fieldView struct {
	ID, Name, TestID, Label, Kind, Value, Autocomplete, Min, Max, Error string
	MaxLength                                                           int
	Required                                                            bool
	Options                                                             []Option
}

// fault is a line of the summary above a form.
type fault struct{ ID, Text string }

// statuses say what a status means for whoever opened the page.
var statuses = map[string]string{
	"inactive":  "This link is not active.",
	"archived":  "This link is not active any more.",
	"completed": "This link has been used up.",
	"expired":   "This link has expired.",
	"revoked":   "This link has been withdrawn.",
}

func newView(p Page, bad wrong) view {
	v := view{Style: template.CSS(pageCSS), Heading: p.Title, Page: &p, Status: words(p.Status), Session: p.Session, Total: p.Total.String(),
		Mode: "Test", targets: p.Targets, Chosen: Success}
	if p.Live {
		v.Mode = "Live"
	}
	if v.Heading == "" {
		v.Heading = "Payment link"
		if p.Setup {
			v.Heading = "Set-up link"
		}
	}
	if !p.Expires.IsZero() {
		v.Expires, v.Instant = p.Expires.UTC().Format("2 January 2006, 15:04 UTC"), p.Expires.UTC().Format(time.RFC3339)
	}
	for _, l := range p.Lines {
		v.Lines = append(v.Lines, l.view())
	}
	if !p.Open() {
		if v.Message = statuses[p.Status]; v.Message == "" {
			v.Message = "Nothing can be done here."
		}
		if p.Message != "" {
			v.Message = p.Message
		}
		if p.Onward != "" && CheckTarget(p.Onward) == nil {
			v.Onward = p.Onward
		}
		return v
	}
	v.Button, v.Choices = p.button(), p.outcomes()
	v.form(&p, bad)
	return v
}

func (l Line) view() lineView {
	out := lineView{Name: l.Name, Description: l.Description, Quantity: l.Quantity, Amount: l.Amount.String()}
	if l.Every != "" && out.Amount != "" {
		out.Amount += " every " + strings.ReplaceAll(l.Every, "_", " ")
	}
	return out
}

// button is what the page's main button says.
func (p *Page) button() string {
	if p.Setup {
		return "Finish set-up"
	}
	text := "Pay"
	switch p.Submit {
	case "book", "donate", "subscribe":
		text = words(p.Submit)
	}
	return strings.TrimSpace(text + " " + p.Total.String())
}

// form fills in what is asked for, and what is wrong with it.
func (v *view) form(p *Page, bad wrong) {
	for i, f := range p.Fields {
		fv := f.view("f"+strconv.Itoa(i), bad)
		if n := len(v.Groups); n == 0 || v.Groups[n-1].Heading != f.Group {
			v.Groups = append(v.Groups, group{Heading: f.Group})
		}
		g := &v.Groups[len(v.Groups)-1]
		g.Fields = append(g.Fields, fv)
		if f.Group != "" {
			fv.Label = f.Group + ", " + fv.Label
		}
		v.note(fv)
	}
	if p.Card {
		card := Field{Name: "card", Label: "Test card number", Autocomplete: "cc-number"}.view("card", bad)
		v.Card = &card
		v.note(card)
	}
	for _, name := range []string{"outcome", "action"} {
		if why := bad[name]; why != "" {
			v.Wrong = append(v.Wrong, fault{"outcome", words(name) + ": " + why})
		}
	}
}

// note lists what is wrong with a field above the form.
func (v *view) note(f fieldView) {
	if f.Error != "" {
		v.Wrong = append(v.Wrong, fault{f.ID, f.Label + ": " + f.Error})
	}
}

func (f Field) view(id string, bad wrong) fieldView {
	out := fieldView{ID: id, Name: f.Name, TestID: f.TestID, Label: f.Label, Kind: f.Kind, Value: f.Value, Autocomplete: f.Autocomplete,
		Error: bad[f.Name], Required: f.Required, Options: f.Options, MaxLength: maxValue}
	if out.TestID == "" {
		out.TestID = f.Name
	}
	if out.Label == "" {
		out.Label = words(f.Name)
	}
	if out.Kind == "" {
		out.Kind = KindText
	}
	if out.Autocomplete == "" {
		out.Autocomplete = "off"
	}
	if f.Kind == KindNumber {
		out.Min = strconv.Itoa(f.Min)
		if f.Max > 0 {
			out.Max = strconv.Itoa(f.Max)
		}
	} else if f.Max > 0 {
		out.MaxLength = min(f.Max, maxValue)
	}
	return out
}

// resultView is the page after an action.
func resultView(res Result) view {
	v := newView(res.Page, nil)
	v.Banner = res.Heading
	if res.Message != "" || res.Heading != "" {
		v.Message = res.Message
	}
	v.Failed = res.Failed
	if !res.Failed {
		v.Button, v.Onward = "", "" // it is done: a second press would be a second payment
	}
	return v
}
