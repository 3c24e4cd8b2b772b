package checkout

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

var (
	linkAmount    = record.Links.MustSlot("amount")
	linkMoney     = record.Links.MustSlot("currency")
	linkItems     = record.Links.MustSlot("items")
	linkDiscounts = record.Links.MustSlot("discounts")
	productName   = record.Products.MustSlot("name")
	productText   = record.Products.MustSlot("description")
	productAmount = record.Products.MustSlot("amount")
	productMoney  = record.Products.MustSlot("currency")
	priceProduct  = record.Prices.MustSlot("product")
	priceAmount   = record.Prices.MustSlot("amount")
	priceMoney    = record.Prices.MustSlot("currency")
	priceEvery    = record.Prices.MustSlot("recurrence")
	couponName    = record.Coupons.MustSlot("name")
	couponPercent = record.Coupons.MustSlot("percentage")

	sessionAmount = record.Sessions.MustSlot("amount")
	sessionBefore = record.Sessions.MustSlot("subtotal")
	sessionMoney  = record.Sessions.MustSlot("currency")
	sessionItems  = record.Sessions.MustSlot("items")
)

// Sum is what there is to pay: the lines, and what they come to. Amounts are
// whole minor units, exact at any size.
type Sum struct {
	Lines    []Line
	Items    string   // the lines' own record
	Subtotal *big.Int // without discounts and taxes; nil where no amount is fixed
	Total    *big.Int
	Currency string
	Digits   int // of the currency, behind the point

	find Find
}

// Line is one thing that is sold, or a discount.
type Line struct {
	Name, Description, Quantity string
	Minor                       string // of all of them; "" where it is not known
	Every                       string // interval, such as month; "" is once
}

// Find finds a record of the link's dialect, nil where there is none.
type Find func(schema *record.Schema, id string) *record.Record

// Of adds up what there is to pay for a quantity of what a link sells; 0 is the
// link's own. A link with an amount costs that, whatever it sells; the others
// what their lines do.
func Of(it *record.Record, quantity int, find Find) *Sum {
	s := &Sum{Currency: it.Text(linkMoney), find: find}
	lines := new(big.Int)
	known := true
	var shown []Line
	items := gjson.Parse(it.Get(linkItems)).Array()
	for i, item := range items {
		line, minor := s.line(item)
		n := int64(1)
		if q := item.Get("quantity"); q.Exists() && q.Int() > 0 {
			n = q.Int()
		}
		if i == 0 && quantity > 0 {
			n = int64(quantity)
		}
		line.Quantity = strconv.FormatInt(n, 10)
		if minor == nil {
			known = false
		} else {
			minor.Mul(minor, big.NewInt(n))
			lines.Add(lines, minor)
			line.Minor = minor.String()
		}
		shown = append(shown, line)
	}
	s.Currency = strings.ToUpper(s.Currency)
	s.Digits = record.CurrencyDigits(s.Currency)
	fixed, ok := new(big.Int).SetString(it.Get(linkAmount), 10)
	switch {
	case ok:
		if quantity > 0 && len(items) == 0 {
			fixed.Mul(fixed, big.NewInt(int64(quantity)))
		}
		if s.Subtotal = fixed; fixed.Cmp(lines) != 0 {
			for i := range shown {
				shown[i].Minor = ""
			}
		}
	case known && len(items) > 0:
		s.Subtotal = lines
	}
	s.Lines, s.Items = shown, itemsOf(shown, items, s.Currency)
	if s.Subtotal != nil {
		s.adjust(it)
	}
	return s
}

// line is a line item as a person reads it, and the price of one, nil where it
// has none. What the link does not say of it, its price and product do.
func (s *Sum) line(item gjson.Result) (Line, *big.Int) {
	price := s.record(record.Prices, item.Get("price").Str)
	id := item.Get("product").Str
	if id == "" && price != nil {
		id = price.Text(priceProduct)
	}
	product := s.record(record.Products, id)
	line := Line{Name: item.Get("name").Str, Every: item.Get("interval").Str}
	unit, currency := item.Get("unit_amount").Raw, item.Get("currency").Str
	if price != nil {
		unit, currency = either(unit, price.Get(priceAmount)), either(currency, price.Text(priceMoney))
		line.Every = either(line.Every, price.Text(priceEvery))
	}
	if product != nil {
		unit, currency = either(unit, product.Get(productAmount)), either(currency, product.Text(productMoney))
		line.Name, line.Description = either(line.Name, product.Text(productName)), product.Text(productText)
	}
	line.Name = either(line.Name, either(id, "Item"))
	if line.Every == "none" {
		line.Every = ""
	}
	s.Currency = either(s.Currency, currency)
	minor, ok := new(big.Int).SetString(unit, 10)
	if !ok {
		return line, nil
	}
	return line, minor
}

func either(text, other string) string {
	if text == "" || text == record.Null {
		return other
	}
	return text
}

// adjust takes the discounts off. Each is a share of what is left, rounded to the
// nearest minor unit. A tax is part of the amount.
func (s *Sum) adjust(it *record.Record) {
	s.Total = new(big.Int).Set(s.Subtotal)
	for _, d := range gjson.Parse(it.Get(linkDiscounts)).Array() {
		coupon := s.record(record.Coupons, d.Get("coupon").Str)
		if coupon == nil {
			continue
		}
		if part := share(s.Total, coupon.Get(couponPercent)); part != nil && part.Cmp(s.Total) <= 0 {
			s.Total.Sub(s.Total, part)
			s.extra("Discount: "+either(coupon.Text(couponName), coupon.ID()), part.Neg(part))
		}
	}
}

func (s *Sum) extra(name string, minor *big.Int) {
	s.Lines = append(s.Lines, Line{Name: name, Minor: minor.String()})
}

// share is a percentage of an amount, nil where it is none.
func share(of *big.Int, percent string) *big.Int {
	if percent == "" || len(percent) > 20 {
		return nil
	}
	p, ok := new(big.Rat).SetString(percent)
	if !ok || p.Sign() <= 0 {
		return nil
	}
	p.Mul(p, new(big.Rat).SetFrac(of, big.NewInt(100)))
	p.Add(p, big.NewRat(1, 2))
	return new(big.Int).Div(p.Num(), p.Denom())
}

// Keep puts what there is to pay into a session.
func (s *Sum) Keep(it *record.Record) {
	set := func(slot record.Slot, n *big.Int) {
		if n != nil {
			it.Set(slot, n.String())
		}
	}
	set(sessionAmount, s.Total)
	set(sessionBefore, s.Subtotal)
	if s.Currency != "" {
		it.Set(sessionMoney, record.Quote(s.Currency))
	}
	it.Set(sessionItems, s.Items)
}

// record finds a record by its id, nil where there is none.
func (s *Sum) record(schema *record.Schema, id string) *record.Record {
	if id == "" {
		return nil
	}
	return s.find(schema, id)
}

// itemsOf is what the session keeps of the lines: those of the link, as they
// were shown.
func itemsOf(lines []Line, items []gjson.Result, currency string) string {
	if len(items) == 0 {
		return ""
	}
	out := []byte{'['}
	for i, item := range items {
		if i > 0 {
			out = append(out, ',')
		}
		var o object
		for _, name := range []string{"id", "price", "product"} {
			o.raw(name, item.Get(name).Raw)
		}
		o.raw("name", record.Quote(lines[i].Name))
		o.raw("quantity", lines[i].Quantity)
		if currency != "" {
			o.raw("currency", record.Quote(currency))
		}
		o.raw("amount", lines[i].Minor)
		if every := lines[i].Every; every != "" {
			o.raw("interval", record.Quote(every))
		}
		out = append(out, o.text()...)
	}
	out = append(out, ']')
	return string(jsontext.AppendCanonical(nil, jsontext.ValueIn(gjson.ParseBytes(out))))
}

// object writes a JSON object.
type object struct{ b []byte }

func (o *object) raw(name, text string) {
	if text == "" {
		return
	}
	if o.b == nil {
		o.b = append(o.b, '{')
	} else {
		o.b = append(o.b, ',')
	}
	o.b = append(append(record.AppendQuote(o.b, name), ':'), text...)
}

func (o *object) text() string {
	if o.b == nil {
		return ""
	}
	return string(append(o.b, '}'))
}
