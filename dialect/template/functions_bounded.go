package template

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm/runtime"

	"github.com/polylink-dev/polylink/record"
)

// The functions and operators that can make more than they are given, or look at
// much, as the fence has them: they take the evaluation's budget first. Their
// names cannot be written in a file.

// prefixBounded begins the names of bounded functions.
const prefixBounded = "bounded "

// budgetName is the variable that holds the budget.
const budgetName = "bounded budget"

// bounded lists the functions by the name of what they stand for.
var bounded = map[string]struct {
	run   func(b *budget, args []any) (any, error)
	types []any
}{
	"upper":  {boundedUpper, []any{new(func(*budget, any) string)}},
	"lower":  {boundedLower, []any{new(func(*budget, any) string)}},
	"trim":   {boundedTrim, []any{new(func(*budget, any) string), new(func(*budget, any, any) string)}},
	"split":  {boundedSplit, []any{new(func(*budget, any, any) []string), new(func(*budget, any, any, any) []string)}},
	"join":   {boundedJoin, []any{new(func(*budget, any) string), new(func(*budget, any, any) string)}},
	"string": {boundedString, []any{new(func(*budget, any) string)}},
	"tail":   {boundedTail, []any{new(func(*budget, any, any) string)}},
	"money":  {boundedMoney, []any{new(func(*budget, any, any) string)}},
	"concat": {boundedAdd, []any{new(func(*budget, any, any) string)}},
	"add":    {boundedAdd, []any{new(func(*budget, any, any) any)}},
	"match":  {boundedMatch, []any{new(func(*budget, any, any) bool)}},

	"through":       {through, []any{new(func(*budget, any) any)}},
	"through texts": {through, []any{new(func(*budget, []string) []string)}},
	"through list":  {through, []any{new(func(*budget, []any) []any)}},

	"weigh":       {weigh, []any{new(func(*budget, any) any)}},
	"weigh text":  {weigh, []any{new(func(*budget, string) string)}},
	"weigh texts": {weigh, []any{new(func(*budget, []string) []string)}},
	"weigh list":  {weigh, []any{new(func(*budget, []any) []any)}},
	"weigh match": {weighMatch, []any{new(func(*budget, any, int) any)}},
}

// boundedOptions give a program the bounded functions.
var boundedOptions = func() (opts []expr.Option) {
	for name, f := range bounded {
		opts = append(opts, expr.Function(prefixBounded+name, func(args ...any) (any, error) {
			b, ok := args[0].(*budget)
			if !ok {
				return nil, fmt.Errorf("%s has no budget", name)
			}
			return f.run(b, args[1:])
		}, f.types...))
	}
	return opts
}()

// text reads an argument that must be one.
func text(args []any, i int) (string, error) {
	s, ok := args[i].(string)
	if !ok {
		return "", fmt.Errorf("a text is needed, not %T", args[i])
	}
	return s, nil
}

// texts reads two arguments that must be texts.
func texts(args []any) (a, b string, err error) {
	if a, err = text(args, 0); err == nil {
		b, err = text(args, 1)
	}
	return a, b, err
}

// kept takes the room of a text that a function made, which cannot be much
// longer than what it was made of.
func (b *budget) kept(s string, err error) (any, error) {
	if err == nil {
		err = b.makes(len(s))
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// altered applies a function to a text that is within bounds.
func (b *budget) altered(args []any, f func(string) string) (any, error) {
	s, err := text(args, 0)
	if err != nil {
		return nil, err
	}
	if len(s) > MaxText {
		return nil, errLongText
	}
	return b.kept(f(s), nil)
}

func boundedUpper(b *budget, args []any) (any, error) { return b.altered(args, strings.ToUpper) }

func boundedLower(b *budget, args []any) (any, error) { return b.altered(args, strings.ToLower) }

func boundedTrim(b *budget, args []any) (any, error) {
	if len(args) < 2 {
		return b.altered(args, strings.TrimSpace)
	}
	s, set, err := texts(args)
	if err == nil {
		err = b.looks(len(s) * max(1, len(set)))
	}
	if err != nil {
		return nil, err
	}
	return b.kept(strings.Trim(s, set), nil)
}

func boundedSplit(b *budget, args []any) (any, error) {
	s, sep, err := texts(args)
	if err == nil {
		err = b.looks(len(s))
	}
	if err != nil {
		return nil, err
	}
	most := -1
	if len(args) > 2 {
		most = runtime.ToInt(args[2])
	}
	parts := strings.Count(s, sep) + 1
	if sep == "" {
		parts = utf8.RuneCountInString(s)
	}
	if most >= 0 {
		parts = min(parts, most)
	}
	if err := b.lists(parts); err != nil {
		return nil, err
	}
	return strings.SplitN(s, sep, most), nil
}

func boundedJoin(b *budget, args []any) (any, error) {
	glue := ""
	if len(args) > 1 {
		var err error
		if glue, err = text(args, 1); err != nil {
			return nil, err
		}
	}
	var list []string
	switch items := args[0].(type) {
	case []string:
		list = items
	case []any:
		if len(items) > MaxItems {
			return nil, errManyItems
		}
		list = make([]string, len(items))
		for i := range items {
			var err error
			if list[i], err = text(items, i); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("join takes a list, not %T", args[0])
	}
	size := len(glue) * max(0, len(list)-1)
	for _, item := range list {
		size += len(item)
	}
	if err := b.makes(size); err != nil {
		return nil, err
	}
	return strings.Join(list, glue), b.looks(len(list))
}

// boundedString writes a value as a text; lists and maps as Go does.
func boundedString(b *budget, args []any) (any, error) {
	size := 0
	err := weight(args[0], func(n int) error {
		if size += n; size > MaxTotal {
			return errLongText
		}
		return b.looks(n)
	})
	if err != nil {
		return nil, err
	}
	return b.kept(fmt.Sprintf("%v", args[0]), nil)
}

func boundedTail(b *budget, args []any) (any, error) {
	s, err := text(args, 0)
	if err == nil {
		err = b.looks(len(s))
	}
	if err != nil {
		return nil, err
	}
	out, err := tail(args...)
	if err != nil {
		return nil, err
	}
	return b.kept(out.(string), nil)
}

func boundedMoney(b *budget, args []any) (any, error) {
	if s, ok := args[1].(string); ok && len(s) > MaxText {
		return nil, errLongText
	}
	out, err := moneyText(args...)
	if err != nil {
		return nil, err
	}
	return b.kept(out.(string), nil)
}

// boundedAdd is the operator +.
func boundedAdd(b *budget, args []any) (any, error) {
	x, ok1 := args[0].(string)
	y, ok2 := args[1].(string)
	if !ok1 || !ok2 {
		return runtime.Add(args[0], args[1]), nil
	}
	if err := b.makes(len(x) + len(y)); err != nil {
		return nil, err
	}
	return x + y, nil
}

// boundedMatch is the operator matches with a regular expression that is not
// written in the file.
func boundedMatch(b *budget, args []any) (any, error) {
	if args[0] == nil || args[1] == nil {
		return false, nil
	}
	s, pattern, err := texts(args)
	if err != nil {
		return nil, err
	}
	if len(pattern) > maxSource {
		return nil, errTooSlow
	}
	// Repeats make a program of many steps out of a few letters.
	if err := b.looks((steps(pattern) + 1) * (len(s) + valueSize)); err != nil {
		return nil, err
	}
	return regexp.MatchString(pattern, s)
}

// through gives a list as it is, if it may be gone through.
func through(_ *budget, args []any) (any, error) {
	if list, ok := args[0].([]any); ok && len(list) > MaxItems {
		return nil, errManyItems
	}
	return args[0], nil
}

// weigh gives a value as it is, and counts it as looked at.
func weigh(b *budget, args []any) (any, error) { return args[0], b.looked(args[0]) }

// weighMatch does so for a text that is held against a program of n steps.
func weighMatch(b *budget, args []any) (any, error) {
	s, _ := args[0].(string)
	n, _ := args[1].(int)
	return args[0], b.looks(n * len(s))
}

// moneyText writes an amount for people, as in "$10.00" or "10.00 XYZ".
func moneyText(args ...any) (any, error) {
	amount, ok1 := args[0].(int)
	currency, ok2 := args[1].(string)
	if !ok1 || !ok2 {
		return "", fmt.Errorf("money takes an amount in minor units and a currency")
	}
	return record.FormatMoney(int64(amount), currency), nil
}

// tail returns the last n characters.
func tail(args ...any) (any, error) {
	s, ok1 := args[0].(string)
	n, ok2 := args[1].(int)
	if !ok1 || !ok2 || n < 0 {
		return "", fmt.Errorf("tail takes a text and a number")
	}
	runes := []rune(s)
	return string(runes[max(0, len(runes)-n):]), nil
}
