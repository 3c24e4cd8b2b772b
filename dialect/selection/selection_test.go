package selection_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/dialect/selection"
	"github.com/polylink-dev/polylink/record"
)

const mapping = `dialect: t
errors: { body: none, classes: { internal: { status: 500 }, invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 } } }
resources:
  link:
    id: { uuid: 4 }
    fields:
      id:    { to: id, dir: out }
      name:  { to: title }
      note:  { to: description }
      state: { to: status, as: enum, map: { on: active, off: inactive }, else: off }
      tags:  { to: ext.tags, as: list, of: { as: word } }
      meta:  { to: metadata, as: map }
      price: { to: amount, as: money.text }
      cur:   { to: currency, as: currency }
      made:  { to: created_at, as: time.unix, dir: out }
      kind:  { to: ext.kind, default: plain }
operations:
  link.list:
    at: GET /links
    page: { style: cursor, size: 2, max: 3, beyond: lower, by: limit, after: after, before: before, count: true }
    filters:
      name: name
      same: { field: name, test: same }
      state: { field: state, many: commas, default: "on", blank: ignore }
      q: { over: [name, note] }
      tag: { field: tags, test: has }
      meta: { field: meta, test: key }
      made: { field: made, test: range }
      price: { field: price, test: range }
      kind: kind
    sort: { by: sort, fields: { created: made, price: price, name: name }, direction: dir }
    answer: { data: $items }
  link.pages:
    at: GET /pages
    does: list
    page: { style: number, size: 2, number: page, count: true }
    answer: { data: $items }
  link.from:
    at: GET /from
    does: list
    page: { style: cursor, size: 2, after: from, inclusive: true }
    answer: { data: $items }
`

// links are four records: their names, and what they hold besides.
func links(t *testing.T) []*record.Record {
	t.Helper()
	var out []*record.Record
	for i, slots := range []map[string]string{
		{"title": `"Oak table"`, "status": `"active"`, "t.tags": `["a","b"]`, "metadata": `{"color":"blue"}`, "amount": "1050", "currency": `"EUR"`},
		{"title": `"Ash chair"`, "status": `"inactive"`, "description": `"goes with the OAK table"`, "t.tags": `["b"]`, "amount": "1050", "currency": `"JPY"`, "t.kind": `"fancy"`},
		{"title": `"Elm shelf"`, "status": `"active"`, "metadata": `{"color":"red"}`, "amount": "200", "currency": `"EUR"`},
		{"title": `"Fir bench"`, "status": `"archived"`},
	} {
		rec := dialecttest.Record(t, slots)
		rec.Set(record.SlotID, record.Quote(string(rune('a'+i))))
		rec.Set(record.SlotCreated, record.FormatTime(dialecttest.Noon.Add(time.Duration(i)*time.Minute+300*time.Millisecond)))
		out = append(out, rec)
	}
	return out
}

// ask reads a query, and returns the ids of the records that it keeps, in its
// order, or what is wrong with it.
func ask(t *testing.T, name, query string) (ids, problems string, p selection.Paging) {
	t.Helper()
	d, err := compile.File("t.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	p = selection.Read(d.Op(name), values, dialecttest.Env(), func(id string) bool { return len(id) == 1 }, func(p *dialect.Problem) { problems += p.Path + ": " + p.Why + "\n" })
	var kept []*record.Record
	for _, rec := range links(t) {
		if p.Keeps(rec, nil) {
			kept = append(kept, rec)
		}
	}
	p.Sort(kept)
	for _, rec := range kept {
		ids += rec.ID()
	}
	return ids, strings.TrimSuffix(problems, "\n"), p
}

func TestFiltersSelect(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":                               "ac", // by default those that are on
		"state=":                         "ac",
		"state=off":                      "bd",
		"state=on,off":                   "abcd",
		"state=on&state=off":             "abcd",
		"state[]=off":                    "bd",
		"name=Oak+table":                 "a",
		"name=oak+table":                 "",
		"same=oak+TABLE":                 "a",
		"q=oak&state=on,off":             "ab",
		"q=nothing":                      "",
		"tag=b&state=on,off":             "ab",
		"tag=c":                          "",
		"meta[color]=red":                "c",
		"meta[size]=red":                 "",
		"made[gte]=1772366520":           "c",
		"made[gt]=1772366520":            "",
		"made[lte]=1772366400":           "a", // whole seconds, as they are shown
		"made=1772366400":                "a",
		"made[gt]=1&made[lt]=1772366520": "a",
		"price=10.50":                    "a",
		"price[gte]=2&price[lt]=10.5":    "c",
		"price[gt]=1000&state=on,off":    "b",
		"kind=plain":                     "ac",
		"kind=fancy&state=off":           "b",
		"sort=name&state=on,off":         "bcda",
		"sort=-name&state=on,off":        "adcb",
		"sort=price,-name&state=on,off":  "cabd", // without a price last
		"sort=name&dir=desc&state=on":    "ac",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			if got, problems, _ := ask(t, "link.list", query); got != want || problems != "" {
				t.Errorf("got %q %s, want %q", got, problems, want)
			}
		})
	}
}

func TestAQueryIsRefused(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"state=gone":       "state: must be one of on, off",
		"state=on,gone":    "state: must be one of on, off",
		"made[gte]=x":      "made[gte]: must be a whole number",
		"sort=size":        "sort: must be one of created, price, name",
		"dir=up":           "dir: must be asc or desc",
		"limit=x":          "limit: must be a whole number",
		"limit=0":          "limit: must be from 1 to 3",
		"after=a&before=b": "before: cannot be sent together with after",
		"after=none":       "after: names nothing in this list",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			if _, got, _ := ask(t, "link.list", query); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestSizesAboveTheLargestAreLowered(t *testing.T) {
	t.Parallel()
	if _, problems, p := ask(t, "link.list", "limit=500"); p.Size != 3 || problems != "" {
		t.Errorf("the size is %d %s", p.Size, problems)
	}
}

func TestPagesTellWhereTheyAre(t *testing.T) {
	t.Parallel()
	d, err := compile.File("t.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	all := links(t)
	for name, c := range map[string]struct {
		op, query string
		found     selection.Found
		want      string
	}{
		"a page in the middle": {"link.pages", "page=2", selection.Found{Records: all[2:], More: true, Total: 9}, `2 of 5, skip 2, next 3 http://mock/x?page=3, previous 1 http://mock/x?page=1`},
		"the first page":       {"link.pages", "", selection.Found{Records: all[:2], Total: 2}, `1 of 1, skip 0, next  , previous  `},
		"behind a cursor":      {"link.list", "after=b&limit=2", selection.Found{Records: all[2:], More: true, Total: 9}, `1 of 5, skip 0, next "d" http://mock/x?after=d&limit=2, previous "c" http://mock/x?before=c&limit=2`},
		"before a cursor":      {"link.list", "before=c", selection.Found{Records: all[:2], More: true, Total: 9}, `1 of 5, skip 0, next "b" http://mock/x?after=b, previous  `},
		"the row behind":       {"link.from", "from=a", selection.Found{Records: all[:2], More: true, Next: "c"}, `1 of 1, skip 0, next "c" http://mock/x?from=c, previous  `},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			query, _ := url.ParseQuery(c.query)
			e := dialecttest.Env()
			e.Path = "/x"
			op := d.Op(c.op)
			p := selection.Read(op, query, e, func(string) bool { return true }, func(p *dialect.Problem) { t.Error(p) })
			p.Describe(op, &c.found, query, e)
			got := template(e, "page") + " of " + template(e, "pages") + ", skip " + template(e, "skip") + ", next " + e.Next + " " + e.NextURL + ", previous " + e.Previous + " " + e.PrevURL
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// template is what a variable gives.
func template(e *dialect.Env, name string) string {
	switch name {
	case "page":
		return string(rune('0' + e.Page))
	case "pages":
		if e.Total <= e.Size {
			return "1"
		}
		return string(rune('0' + (e.Total+e.Size-1)/e.Size))
	}
	return string(rune('0' + e.Skip))
}
