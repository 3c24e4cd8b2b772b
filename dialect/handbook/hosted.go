package handbook

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// hostedSection tells where the page of a link is, and how a payment there can
// end.
func hostedSection(d *dialect.Dialect) Section {
	s := Section{Title: "The page of a link", Columns: []Column{{"outcome", Code}, {"called", Prose}, {"test cards", Code}}}
	if d.ResourceFor(record.Links.Kind) == nil {
		return s
	}
	h := d.Hosted
	if h == nil {
		h = &dialect.Hosted{}
	}
	at := []string{"`/__pay/" + d.Name + "/{id}`"}
	for _, p := range h.Paths {
		at = append(at, "`/"+d.Name+p.Before+"{"+record.Links.Slots[p.Slot].Name+"}"+p.After+"`")
	}
	s.Note = "At " + strings.Join(at, ", ") + ". `POST /__admin/links/" + d.Name + "/{id}/complete` does the same without a browser, and takes `outcome` and `input`."
	var asked []string
	for _, in := range h.Inputs {
		name := in.Name
		if in.When != nil {
			name += " (under a condition)"
		}
		asked = append(asked, name)
	}
	if len(asked) > 0 {
		s.Note += " Asked for: " + strings.Join(asked, ", ") + "."
	}
	for _, o := range append([]dialect.Outcome{{Code: dialect.Succeeded, Label: "Success"}}, d.Failures()...) {
		s.Rows = append(s.Rows, []string{o.Code, o.Label, strings.Join(cardsOf(h, o.Code), ", ")})
	}
	return s
}

// cardsOf are the test cards that lead to an outcome.
func cardsOf(h *dialect.Hosted, outcome string) (cards []string) {
	for card, leads := range h.Cards {
		if leads == outcome {
			cards = append(cards, card)
		}
	}
	slices.Sort(cards)
	return cards
}
