package selection

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// zero is the time of a value that is nobody's request.
var zero = time.Unix(0, 0)

// Key is a field that a list is sorted by.
type Key struct {
	Field *dialect.Field // nil is the order in which records were made
	Down  bool           // the largest first
}

// readOrder reads the order that the query asks for; none is the list's own.
func readOrder(op *dialect.Op, query url.Values, note func(*dialect.Problem)) []Key {
	s := op.Sort
	if s == nil {
		return nil
	}
	value, param := "", s.By
	if s.By != "" {
		value = query.Get(s.By)
	}
	if value == "" {
		value = s.Default
	}
	var keys []Key
	for _, one := range strings.Split(value, ",") {
		if one == "" {
			continue
		}
		name, down := s.Split(one)
		field, ok := s.Fields[name]
		if !ok || len(keys) >= len(s.Fields) {
			note(&dialect.Problem{Path: param, Code: s.Code, Check: "one_of", Why: "must be one of " + strings.Join(s.Names, ", "), Value: record.Quote(value)})
			return nil
		}
		keys = append(keys, Key{Field: field, Down: down})
	}
	if s.Direction == "" || !query.Has(s.Direction) {
		return keys
	}
	word := query.Get(s.Direction)
	if lower := strings.ToLower(word); lower != "asc" && lower != "desc" {
		note(&dialect.Problem{Path: s.Direction, Code: s.Code, Check: "one_of", Why: "must be asc or desc", Value: record.Quote(word)})
		return nil
	}
	if len(keys) == 0 {
		keys = []Key{{}}
	}
	for i := range keys {
		keys[i].Down = strings.EqualFold(word, "desc")
	}
	return keys
}

// Natural tells whether the order is one of those that rows are kept in: the
// newest or the oldest first.
func (p *Paging) Natural(ascending bool) (up, ok bool) {
	switch {
	case len(p.Order) == 0:
		return ascending, true
	case len(p.Order) == 1 && p.Order[0].Field == nil:
		return !p.Order[0].Down, true
	}
	return false, false
}

// Sort puts records, which are in the list's own order, into the one that is asked
// for. Records without a value come last.
func (p *Paging) Sort(recs []*record.Record) {
	slices.SortStableFunc(recs, func(a, b *record.Record) int {
		for _, k := range p.Order {
			if k.Field == nil {
				continue
			}
			x, y := k.Field.Get(a), k.Field.Get(b)
			order := 0
			switch {
			case empty(x) || empty(y):
				if empty(x) != empty(y) {
					if empty(x) {
						return 1
					}
					return -1
				}
			default:
				order = compare(x, y)
			}
			if k.Down {
				order = -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	})
}

func empty(text string) bool { return text == "" || text == record.Null }
