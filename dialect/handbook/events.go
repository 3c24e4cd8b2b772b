package handbook

import (
	"fmt"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/signing"
)

// eventSection tells what the provider tells of, and how it delivers it.
func eventSection(d *dialect.Dialect) Section {
	s := Section{Title: "Events", Columns: []Column{{"event", Code}, {"tells of", Code}, {"about", Prose}}}
	for _, ev := range d.Events {
		about := "the " + ev.Subject().Noun
		if ev.When != nil {
			about += ", under a condition"
		}
		s.Rows = append(s.Rows, []string{ev.Name, strings.Join(ev.On, ", "), about})
	}
	if len(s.Rows) > 0 {
		s.Note = deliveryNote(d.Webhooks.Style)
	}
	return s
}

// deliveryNote tells how a provider delivers.
func deliveryNote(style *signing.Style) string {
	var tries []string
	for _, delay := range style.Schedule {
		tries = append(tries, short(delay))
	}
	note := "Sent once"
	if len(tries) > 1 {
		note = fmt.Sprintf("Tried up to %d times, after %s", len(tries), strings.Join(tries, ", "))
	}
	if style.Jitter > 0 {
		note += fmt.Sprintf(", each up to %d%% longer or shorter", style.Jitter)
	}
	var names []string
	for _, h := range style.Headers {
		names = append(names, h.Name)
	}
	if sig := style.Signature; sig != nil {
		note += "; signed with " + sig.Algorithm
		var in []string
		for _, h := range sig.Headers {
			in = append(in, h.Name)
		}
		if sig.Member != "" {
			in = append(in, sig.Member+" in the body")
		}
		note += " in " + strings.Join(in, ", ")
	}
	if len(names) > 0 {
		note += ". Further headers: " + strings.Join(names, ", ")
	}
	return note + "."
}
