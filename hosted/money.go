package hosted

import (
	"strings"

	"github.com/polylink-dev/polylink/record"
)

// Money is an amount in minor units of a currency with so many digits.
type Money struct {
	Minor    string // a whole number; "" is no amount
	Currency string
	Digits   int
}

// symbols stand before amounts of well-known currencies.
var symbols = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "IDR": "Rp", "BRL": "R$", "KRW": "₩", "NGN": "₦", "PHP": "₱", "VND": "₫"}

// String is the amount as a person reads it: "$1,234.50 USD".
func (m Money) String() string {
	if m.Minor == "" {
		return ""
	}
	currency := strings.ToUpper(m.Currency)
	text := string(record.MajorFixed(nil, m.Minor, max(m.Digits, 0)))
	sign := ""
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		sign, text = "-", rest
	}
	whole, fraction, point := strings.Cut(text, ".")
	if m.Digits > 4 { // nobody reads the zeros of a crypto currency
		fraction = fraction[:2] + strings.TrimRight(fraction[2:], "0")
	}
	out := sign + symbols[currency] + grouped(whole)
	if point {
		out += "." + fraction
	}
	return strings.TrimSpace(out + " " + currency)
}

// grouped sets a comma before every three digits.
func grouped(digits string) string {
	var b strings.Builder
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}
