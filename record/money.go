package record

import "math/big"

// Minor converts the source text of a decimal JSON number to whole minor units
// of a currency with so many digits. It is exact: what does not come out even,
// or is longer than a number can sensibly be, is refused.
func Minor(number string, digits int) (string, bool) {
	neg, whole, frac, exp, ok := splitNumber(number)
	if !ok {
		return "", false
	}
	shift := digits + exp
	all := whole + frac
	point := len(whole) + shift // where the decimal point stands in all
	switch {
	case point >= len(all):
		all += zeros(point - len(all))
	case point < 0:
		return zeroOr(all)
	default:
		for i := point; i < len(all); i++ {
			if all[i] != '0' {
				return "", false
			}
		}
		all = all[:point]
	}
	i := 0
	for i < len(all)-1 && all[i] == '0' {
		i++
	}
	if all = all[i:]; all == "" || all == "0" {
		return "0", true
	}
	if len(all) > MaxDigits {
		return "", false
	}
	if neg {
		all = "-" + all
	}
	return all, true
}

// Major converts whole minor units to the shortest decimal number.
func Major(dst []byte, minor string, digits int) []byte {
	dst = MajorFixed(dst, minor, digits)
	if digits == 0 {
		return dst
	}
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	if dst[len(dst)-1] == '.' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// MajorFixed converts whole minor units to a decimal number with all digits of
// the currency.
func MajorFixed(dst []byte, minor string, digits int) []byte {
	if len(minor) > 0 && minor[0] == '-' {
		dst, minor = append(dst, '-'), minor[1:]
	}
	for len(minor) <= digits {
		minor = "0" + minor
	}
	whole, frac := minor[:len(minor)-digits], minor[len(minor)-digits:]
	if dst = append(dst, whole...); frac != "" {
		dst = append(append(dst, '.'), frac...)
	}
	return dst
}

// WholeDigits is how many digits a JSON number has before its decimal point;
// one that cannot be taken apart has more than any amount.
func WholeDigits(number string) int {
	_, whole, frac, exp, ok := splitNumber(number)
	if !ok {
		return MaxDigits + 1
	}
	all := whole + frac
	lead := 0
	for lead < len(all) && all[lead] == '0' {
		lead++
	}
	if lead == len(all) {
		return 0
	}
	return max(0, len(whole)+exp-lead)
}

// MaxDigits bounds amounts in minor units: every amount of money there is fits, and no
// client can make us carry a book.
const MaxDigits = 30

// splitNumber takes the text of a JSON number apart.
func splitNumber(s string) (neg bool, whole, frac string, exp int, ok bool) {
	if len(s) > 0 && s[0] == '-' {
		neg, s = true, s[1:]
	}
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if whole = s[:i]; i == 0 {
		return
	}
	if i < len(s) && s[i] == '.' {
		j := i + 1
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		if frac = s[i+1 : j]; frac == "" {
			return
		}
		i = j
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		sign := 1
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			if s[i] == '-' {
				sign = -1
			}
			i++
		}
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			if exp = exp*10 + int(s[i]-'0'); exp > 400 {
				return
			}
			i++
		}
		if start == i {
			return
		}
		exp *= sign
	}
	return neg, whole, frac, exp, i == len(s) && len(whole)+len(frac) <= 400
}

func zeros(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = '0'
	}
	return string(b)
}

// zeroOr accepts a number that is smaller than a minor unit only when it is zero.
func zeroOr(digits string) (string, bool) {
	for i := 0; i < len(digits); i++ {
		if digits[i] != '0' {
			return "", false
		}
	}
	return "0", true
}

// CompareNumbers compares two JSON numbers by value, exactly: -1, 0 or 1.
// ok is false when one of them is no number of a sensible size.
func CompareNumbers(a, b string) (order int, ok bool) {
	if order, ok = comparePlain(a, b); ok {
		return order, true
	}
	na, wa, fa, ea, oka := splitNumber(a)
	nb, wb, fb, eb, okb := splitNumber(b)
	if !oka || !okb {
		return 0, false
	}
	da, pa := normal(wa, fa, ea)
	db, pb := normal(wb, fb, eb)
	if da == "" {
		na = false
	}
	if db == "" {
		nb = false
	}
	switch {
	case na && !nb:
		return -1, true
	case nb && !na:
		return 1, true
	}
	order = compareDigits(da, pa, db, pb)
	if na {
		order = -order
	}
	return order, true
}

// comparePlain compares what most numbers are: digits, and perhaps a point and
// more digits. ok is false for all others.
func comparePlain(a, b string) (order int, ok bool) {
	wa, wb := plainWhole(a), plainWhole(b)
	if wa == 0 || wb == 0 {
		return 0, false
	}
	if wa != wb {
		if wa < wb {
			return -1, true
		}
		return 1, true
	}
	for i := 0; i < len(a) || i < len(b); i++ {
		x, y := byte('0'), byte('0') // behind the last digit there are zeros
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		switch {
		case x == y:
		case x == '.' || y == '.': // 5 and 5.0
		case x < y:
			return -1, true
		default:
			return 1, true
		}
	}
	return 0, true
}

// plainWhole returns how many digits stand before the point of a plain number
// of a sensible size, 0 when it is none.
func plainWhole(s string) int {
	if len(s) > 32 || len(s) > 1 && s[0] == '0' && s[1] != '.' {
		return 0
	}
	whole := -1
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
		case c == '.' && whole < 0 && i > 0 && i < len(s)-1:
			whole = i
		default:
			return 0
		}
	}
	if whole < 0 {
		return len(s)
	}
	return whole
}

// normal strips zeros: 0.d1d2d3… times ten to the point.
func normal(whole, frac string, exp int) (digits string, point int) {
	digits, point = whole+frac, len(whole)+exp
	for len(digits) > 0 && digits[0] == '0' {
		digits, point = digits[1:], point-1
	}
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return digits, point
}

func compareDigits(da string, pa int, db string, pb int) int {
	switch {
	case da == "" && db == "":
		return 0
	case da == "":
		return -1
	case db == "":
		return 1
	case pa != pb:
		if pa < pb {
			return -1
		}
		return 1
	case da < db:
		return -1
	case da > db:
		return 1
	}
	return 0
}

// Integer tells whether the text of a JSON number is a whole number, and gives
// its plain form. 5.0 and 5e0 are whole, as they are in JSON Schema.
func Integer(number string) (string, bool) { return Minor(number, 0) }

// MovedBy tells whether an amount moved by more than a percentage of what it
// was. It is exact for amounts of any size.
func MovedBy(before, after string, percent int64) bool {
	b, ok1 := new(big.Int).SetString(before, 10)
	a, ok2 := new(big.Int).SetString(after, 10)
	if !ok1 || !ok2 {
		return before != after
	}
	moved := new(big.Int).Sub(a, b)
	moved.Abs(moved).Mul(moved, big.NewInt(100))
	return moved.Cmp(new(big.Int).Mul(b.Abs(b), big.NewInt(percent))) > 0
}
