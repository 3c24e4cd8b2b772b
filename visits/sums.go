package visits

import (
	"github.com/polylink-dev/polylink/checkout"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/record"
)

var (
	linkTitle     = record.Links.MustSlot("title")
	linkText      = record.Links.MustSlot("description")
	linkKind      = record.Links.MustSlot("kind")
	linkItems     = record.Links.MustSlot("items")
	linkEvery     = record.Links.MustSlot("recurrence")
	linkSubmit    = record.Links.MustSlot("submit_type")
	linkBuyer     = record.Links.MustSlot("customer")
	linkEmail     = record.Links.MustSlot("customer_email")
	customerEmail = record.Customers.MustSlot("email")
)

func either(text, other string) string {
	if text == "" || text == record.Null {
		return other
	}
	return text
}

// total is what there is to pay for a quantity; 0 is the link's own.
func (v *visit) total(quantity int) *checkout.Sum {
	return checkout.Of(v.row.Record, quantity, v.record)
}

// linesOf are the lines of a sum as a page shows them.
func linesOf(s *checkout.Sum) (out []hosted.Line) {
	for _, l := range s.Lines {
		out = append(out, hosted.Line{Name: l.Name, Description: l.Description, Quantity: l.Quantity, Every: l.Every,
			Amount: hosted.Money{Minor: l.Minor, Currency: s.Currency, Digits: s.Digits}})
	}
	return out
}

// moneyOf is a sum as a page shows it.
func moneyOf(s *checkout.Sum) hosted.Money {
	if s.Total == nil {
		return hosted.Money{}
	}
	return hosted.Money{Minor: s.Total.String(), Currency: s.Currency, Digits: s.Digits}
}
