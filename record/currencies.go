package record

import (
	"slices"
	"strconv"
	"strings"
)

// Digits of the minor unit, by ISO 4217 (list one of 2026) where they are not
// two, and of the crypto currencies that payment links are priced in.
var exponents = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
	"UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
	"USDC": 6, "EURC": 6, "USDT": 6, "PYUSD": 6, "BTC": 8, "SOL": 9, "ETH": 18, "DAI": 18,
}

const twoDigits = `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD
CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD
HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP
MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR
SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES
WST XCD XCG YER ZAR ZMW ZWG`

// currencyText maps every spelling in one case to its canonical JSON text.
var currencyText = func() map[string]string {
	m := map[string]string{}
	add := func(code string) {
		m[code] = Quote(code)
		m[strings.ToLower(code)] = Quote(code)
	}
	for code := range exponents {
		add(code)
	}
	for _, code := range strings.Fields(twoDigits) {
		add(code)
	}
	return m
}()

// Currency returns the canonical text of a code in upper or lower case; ok is
// false for a code that is not known.
func Currency(code string) (text string, ok bool) {
	text, ok = currencyText[code]
	return text, ok
}

// Currencies lists the codes that are known, in upper case and in order.
func Currencies() []string {
	codes := strings.Fields(twoDigits)
	for code := range exponents {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// CurrencyDigits returns the digits of a currency's minor unit; a code that is
// not known has two.
func CurrencyDigits(currency string) int {
	if d, ok := exponents[currency]; ok {
		return d
	}
	return 2
}

// signs of the currencies that have one everybody writes.
var signs = map[string]string{"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}

// FormatMoney writes minor units for people, as in "$10.00" or "10.00 XYZ".
func FormatMoney(minor int64, currency string) string {
	currency = strings.ToUpper(currency)
	digits := CurrencyDigits(currency)
	neg := minor < 0
	if neg {
		minor = -minor
	}
	s := strconv.FormatInt(minor, 10)
	for len(s) <= digits {
		s = "0" + s
	}
	if digits > 0 {
		s = s[:len(s)-digits] + "." + s[len(s)-digits:]
	}
	if neg {
		s = "-" + s
	}
	if sign, ok := signs[currency]; ok {
		return sign + s
	}
	return s + " " + currency
}
