package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/record"
)

// majorNumber turns minor units into an exact decimal number.
func majorNumber(args ...any) (any, error) {
	amount, ok1 := args[0].(int)
	currency, ok2 := args[1].(string)
	if !ok1 || !ok2 {
		return json.Number("0"), fmt.Errorf("major takes an amount in minor units and a currency")
	}
	return json.Number(record.Major(nil, strconv.Itoa(amount), record.CurrencyDigits(strings.ToUpper(currency)))), nil
}

// errTooLarge is an amount that no whole number can hold.
var errTooLarge = errors.New("the result is too large")

// exactProduct multiplies; whole numbers that are too large have no product.
func exactProduct(args ...any) (any, error) {
	a, ok1 := args[0].(int)
	b, ok2 := args[1].(int)
	if ok1 && ok2 {
		if p := a * b; a == 0 || p/a == b && !(a == -1 && b == math.MinInt) {
			return p, nil
		}
		return nil, errTooLarge
	}
	x, ok1 := asFloat(args[0])
	y, ok2 := asFloat(args[1])
	if !ok1 || !ok2 {
		return nil, errors.New("only numbers can be multiplied")
	}
	return x * y, nil
}

// sumOf adds; whole numbers that are too large have no sum.
func sumOf(args ...any) (any, error) {
	list, _ := args[0].([]any)
	total, exact, rest := 0, true, 0.0
	for _, v := range list {
		switch n := v.(type) {
		case int:
			next := total + n
			if (n > 0) != (next > total) && n != 0 {
				return nil, errTooLarge
			}
			total = next
		default:
			f, ok := asFloat(v)
			if !ok {
				return nil, errors.New("only numbers can be added up")
			}
			exact, rest = false, rest+f
		}
	}
	if exact {
		return total, nil
	}
	return float64(total) + rest, nil
}

func asFloat(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case float64:
		return n, true
	}
	return 0, false
}

// seconds returns the whole seconds of a time less another.
func seconds(args ...any) (any, error) {
	d, ok := args[0].(time.Duration)
	if !ok {
		return 0, errors.New("seconds takes a time less another")
	}
	return int(d / time.Second), nil
}

// secondsBetween returns the whole seconds of a time less another.
func secondsBetween(args ...any) (any, error) {
	a, ok1 := args[0].(time.Time)
	b, ok2 := args[1].(time.Time)
	if !ok1 || !ok2 {
		return 0, errors.New("seconds takes a time less another")
	}
	s, ns := a.Unix()-b.Unix(), a.Nanosecond()-b.Nanosecond()
	switch {
	case s > 0 && ns < 0:
		s--
	case s < 0 && ns > 0:
		s++
	}
	return int(s), nil
}

// duration reads a length of time, as in duration("7d").
func duration(args ...any) (any, error) {
	text, ok := args[0].(string)
	if !ok {
		return time.Duration(0), errors.New("duration takes a text")
	}
	return durations.Parse(text)
}

// unix returns a time in whole seconds since 1970.
func unix(args ...any) (any, error) {
	at, ok := args[0].(time.Time)
	if !ok {
		return 0, errors.New("unix takes a time")
	}
	return int(at.Unix()), nil
}
