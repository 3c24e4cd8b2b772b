package visits

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

var (
	linkTitle     = record.Links.MustSlot("title")
	linkText      = record.Links.MustSlot("description")
	linkKind      = record.Links.MustSlot("kind")
	linkAmount    = record.Links.MustSlot("amount")
	linkMoney     = record.Links.MustSlot("currency")
	linkItems     = record.Links.MustSlot("items")
	linkDiscounts = record.Links.MustSlot("discounts")
	linkEvery     = record.Links.MustSlot("recurrence")
	linkMode      = record.Links.MustSlot("mode")
	linkSubmit    = record.Links.MustSlot("submit_type")
	linkBuyer     = record.Links.MustSlot("customer")
	linkEmail     = record.Links.MustSlot("customer_email")
	linkRef       = record.Links.MustSlot("reference")

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
	customerEmail = record.Customers.MustSlot("email")
)

// sum is what there is to pay: the lines, and what they come to. Amounts are
// whole minor units, exact at any size.
type sum struct {
	lines    []hosted.Line
	items    string   // the lines' own record
	subtotal *big.Int // without discounts and taxes; nil where no amount is fixed
	total    *big.Int
	currency string
	digits   int
}

// total adds up what there is to pay for a quantity; 0 is the link's own. A link
// with an amount costs that, whatever it sells; the others what their lines do.
func (v *visit) total(quantity int) *sum {
	it := v.row.Record
	s := &sum{currency: it.Text(linkMoney)}
	lines := new(big.Int)
	known := true
	var shown []hosted.Line
	items := gjson.Parse(it.Get(linkItems)).Array()
	for i, item := range items {
		line, minor := v.line(item, s)
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
			line.Amount.Minor = minor.String()
		}
		shown = append(shown, line)
	}
	s.currency = strings.ToUpper(s.currency)
	s.digits = record.CurrencyDigits(s.currency)
	fixed, ok := new(big.Int).SetString(it.Get(linkAmount), 10)
	switch {
	case ok:
		if quantity > 0 && len(items) == 0 {
			fixed.Mul(fixed, big.NewInt(int64(quantity)))
		}
		if s.subtotal = fixed; fixed.Cmp(lines) != 0 {
			for i := range shown {
				shown[i].Amount.Minor = ""
			}
		}
	case known && len(items) > 0:
		s.subtotal = lines
	}
	for i := range shown {
		shown[i].Amount.Currency, shown[i].Amount.Digits = s.currency, s.digits
	}
	s.lines, s.items = shown, itemsOf(shown, items)
	if s.subtotal != nil {
		v.adjust(s)
	}
	return s
}

// line is a line item as a person reads it, and the price of one, nil where it
// has none. What the link does not say of it, its price and product do.
func (v *visit) line(item gjson.Result, s *sum) (hosted.Line, *big.Int) {
	price := v.record(record.Prices, item.Get("price").Str)
	id := item.Get("product").Str
	if id == "" && price != nil {
		id = price.Text(priceProduct)
	}
	product := v.record(record.Products, id)
	line := hosted.Line{Name: item.Get("name").Str, Every: item.Get("interval").Str}
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
	s.currency = either(s.currency, currency)
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
func (v *visit) adjust(s *sum) {
	it := v.row.Record
	s.total = new(big.Int).Set(s.subtotal)
	for _, d := range gjson.Parse(it.Get(linkDiscounts)).Array() {
		coupon := v.record(record.Coupons, d.Get("coupon").Str)
		if coupon == nil {
			continue
		}
		if part := share(s.total, coupon.Get(couponPercent)); part != nil && part.Cmp(s.total) <= 0 {
			s.total.Sub(s.total, part)
			s.extra("Discount: "+either(coupon.Text(couponName), coupon.ID()), part.Neg(part))
		}
	}
}

func (s *sum) extra(name string, minor *big.Int) {
	s.lines = append(s.lines, hosted.Line{Name: name, Amount: hosted.Money{Minor: minor.String(), Currency: s.currency, Digits: s.digits}})
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

// money is a sum as a page shows it.
func (s *sum) money() hosted.Money {
	if s.total == nil {
		return hosted.Money{}
	}
	return hosted.Money{Minor: s.total.String(), Currency: s.currency, Digits: s.digits}
}

// itemsOf is what the session keeps of the lines: those of the link, as they
// were shown.
func itemsOf(lines []hosted.Line, items []gjson.Result) string {
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
		if lines[i].Amount.Currency != "" {
			o.raw("currency", record.Quote(lines[i].Amount.Currency))
		}
		o.raw("amount", lines[i].Amount.Minor)
		if every := lines[i].Every; every != "" {
			o.raw("interval", record.Quote(every))
		}
		out = append(out, o.text()...)
	}
	out = append(out, ']')
	return string(jsontext.AppendCanonical(nil, jsontext.ValueIn(gjson.ParseBytes(out))))
}
