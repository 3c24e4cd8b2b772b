package selection

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"net/url"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// Paging is what a list is asked for.
type Paging struct {
	Size, Skip, Number int
	After, Before      string // ids
	Filters            []Filter
	Order              []Key // none is the list's own
}

// Keeps tells whether a list has a record.
func (p *Paging) Keeps(rec *record.Record, bounds *dialect.Bounds) bool {
	for i := range p.Filters {
		if !p.Filters[i].Matches(rec, bounds) {
			return false
		}
	}
	return true
}

// maxSkip bounds how far into a list an offset may point.
const maxSkip = 1 << 31

// Read reads what a query asks of a list, and notes what is wrong with it. listed
// tells whether an id is that of a record of the list.
func Read(op *dialect.Op, query url.Values, e *dialect.Env, listed func(id string) bool, note func(*dialect.Problem)) Paging {
	p := Paging{Filters: readFilters(op, query, e, note), Order: readOrder(op, query, note)}
	if op.Page != nil {
		p.page(op, query, listed, note)
	}
	return p
}

// page reads which page is asked for.
func (p *Paging) page(op *dialect.Op, query url.Values, listed func(id string) bool, note func(*dialect.Problem)) {
	rule := op.Page
	p.Size, p.Number = rule.Size, 1
	read := func(param string, least, most int, into *int) {
		if param == "" || !query.Has(param) {
			return
		}
		value := query.Get(param)
		n, err := strconv.Atoi(value)
		why := ""
		switch {
		case err != nil:
			why = "must be a whole number"
		case n < least && most == maxSkip:
			why = "must be at least " + strconv.Itoa(least)
		case n > most && param == rule.SizeParam && rule.Lowered:
			n = most
		case n < least || n > most:
			why = "must be from " + strconv.Itoa(least) + " to " + strconv.Itoa(most)
		}
		if why != "" {
			note(&dialect.Problem{Code: rule.SizeError, Path: param, Why: why, Value: record.Quote(value)})
			return
		}
		*into = n
	}
	most := rule.Max
	if most == 0 {
		most = maxSkip
	}
	read(rule.SizeParam, rule.Min, most, &p.Size)
	read(rule.Skip, 0, maxSkip, &p.Skip)
	read(rule.Number, 1, maxSkip/(1<<10), &p.Number)
	if problem := p.cursors(op, query, listed); problem != nil {
		note(problem)
	}
}

// cursors reads the ids that a page stands behind or before.
func (p *Paging) cursors(op *dialect.Op, query url.Values, listed func(id string) bool) *dialect.Problem {
	rule := op.Page
	if rule.After != "" && rule.Before != "" && query.Has(rule.After) && query.Has(rule.Before) {
		return &dialect.Problem{Code: rule.BothError, Path: rule.Before, Why: "cannot be sent together with " + rule.After}
	}
	for _, c := range []struct {
		param string
		into  *string
	}{{rule.After, &p.After}, {rule.Before, &p.Before}} {
		if c.param == "" || !query.Has(c.param) {
			continue
		}
		id, ok := query.Get(c.param), true
		if rule.Opaque {
			id, ok = p.open(op, id)
		}
		if !ok || op.Within < 0 && !listed(id) {
			return &dialect.Problem{Code: rule.CursorError, Path: c.param, Why: "names nothing in this list", Value: record.Quote(query.Get(c.param))}
		}
		*c.into = id
	}
	return nil
}

// seal makes an opaque cursor: an id with a check on the filters it was made with.
func (p *Paging) seal(op *dialect.Op, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(p.digest(op)[:12] + id))
}

func (p *Paging) open(op *dialect.Op, cursor string) (id string, ok bool) {
	plain, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(plain) < 13 || string(plain[:12]) != p.digest(op)[:12] {
		return "", false
	}
	return string(plain[12:]), true
}

// digest tells apart lists of other filters and orders.
func (p *Paging) digest(op *dialect.Op) string {
	h := sha256.New()
	put := func(parts ...string) {
		for _, part := range parts {
			h.Write([]byte(part))
			h.Write([]byte{0})
		}
	}
	put(op.Name)
	for _, f := range p.Filters {
		put(f.Param)
		if f.Test != "equal" {
			put(f.Test, f.Key)
		}
		put(f.Texts...)
	}
	for _, k := range p.Order {
		if k.Field != nil {
			put(k.Field.Path)
		}
		put(strconv.FormatBool(k.Down))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Found is a page that a backend has found.
type Found struct {
	Records []*record.Record
	More    bool   // rows behind it, or in the direction that was asked for
	Total   int    // of the whole list, where the operation counts it
	Next    string // id of the first row behind it, where the list's cursors name that
}

// Cut cuts a page out of a list that is there as a whole; rule is nil for one that
// has no pages.
func (p *Paging) Cut(rule *dialect.Page, all []*record.Record) Found {
	from, to := 0, len(all)
	for i, rec := range all {
		if p.After != "" && rec.ID() == p.After {
			if from = i + 1; rule.Inclusive {
				from = i
			}
		}
		if p.Before != "" && rec.ID() == p.Before {
			to = i
		}
	}
	found := Found{Total: len(all)}
	switch {
	case rule == nil:
	case p.Before != "":
		start := from
		from = max(from, to-p.Size)
		found.More = from > start
		if !rule.Onward {
			found.More = 0 < to && to < len(all)
		}
	default:
		from = min(from+p.Skip+(p.Number-1)*p.Size, to)
		if to-from > p.Size {
			to = from + p.Size
			found.More, found.Next = true, all[to].ID()
		}
	}
	found.Records = all[from:to]
	return found
}

// Describe tells templates about a page: where it is in its list, and where the
// pages around it are. query is that of the request.
func (p *Paging) Describe(op *dialect.Op, found *Found, query url.Values, e *dialect.Env) {
	e.More, e.Total, e.Skip, e.Size = found.More, found.Total, p.Skip, p.Size
	e.Page, e.Next, e.NextURL, e.Previous, e.PrevURL = 1, "", "", "", ""
	rule := op.Page
	if rule == nil {
		e.Size = len(found.Records)
		return
	}
	if rule.Style == "number" {
		e.Skip, e.Page = p.Skip+(p.Number-1)*p.Size, p.Number
	} else if p.Size > 0 {
		e.Page = p.Skip/p.Size + 1
	}
	to := func(param, value string, drop ...string) string {
		at := maps.Clone(query)
		for _, name := range drop {
			at.Del(name)
		}
		at.Set(param, value)
		return e.Base + e.Path + "?" + at.Encode()
	}
	if next, param := p.next(op, found); next != "" {
		e.Next, e.NextURL = next, to(param, record.Unquote(next), rule.Before)
	}
	if previous, param := p.previous(op, found); previous != "" {
		e.Previous, e.PrevURL = previous, to(param, record.Unquote(previous), rule.After)
	}
}

// next is what asks for the page behind one, as JSON text.
func (p *Paging) next(op *dialect.Op, found *Found) (next, param string) {
	rule, recs := op.Page, found.Records
	if !found.More || len(recs) == 0 {
		return "", ""
	}
	switch rule.Style {
	case "number":
		return strconv.Itoa(p.Number + 1), rule.Number
	case "offset":
		return strconv.Itoa(p.Skip + len(recs)), rule.Skip
	case "cursor":
		id := recs[len(recs)-1].ID()
		if rule.Inclusive {
			id = found.Next
		}
		if rule.Opaque {
			id = p.seal(op, id)
		}
		return record.Quote(id), rule.After
	}
	return "", ""
}

// previous is what asks for the page in front of one.
func (p *Paging) previous(op *dialect.Op, found *Found) (previous, param string) {
	rule, recs := op.Page, found.Records
	switch rule.Style {
	case "number":
		if p.Number > 1 {
			return strconv.Itoa(p.Number - 1), rule.Number
		}
	case "offset":
		if p.Skip > 0 {
			return strconv.Itoa(max(p.Skip-p.Size, 0)), rule.Skip
		}
	case "cursor":
		if rule.Before == "" || len(recs) == 0 || p.After == "" && !(p.Before != "" && found.More && rule.Onward) {
			return "", ""
		}
		id := recs[0].ID()
		if rule.Opaque {
			id = p.seal(op, id)
		}
		return record.Quote(id), rule.Before
	}
	return "", ""
}

// Here is the address of a request, with its query.
func Here(e *dialect.Env, query url.Values) string {
	if len(query) == 0 {
		return e.Base + e.Path
	}
	return e.Base + e.Path + "?" + strings.TrimSuffix(query.Encode(), "&")
}
