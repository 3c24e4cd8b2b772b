package proxy

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/dialect/selection"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// maxRows bounds how far into the upstream's list one request may lead, where
// the upstream cannot be asked for the place itself.
const maxRows = 10_000

// List reads a page of the upstream's list, cut as our dialect cuts it.
func (o *operation) List(ctx context.Context) (selection.Found, *dialect.Problem, error) {
	if o.local() {
		return o.own.List(ctx)
	}
	if o.failed != nil {
		return selection.Found{}, nil, o.failed
	}
	if o.linesOfLink() {
		return o.lines(ctx)
	}
	size := o.Paging.Size
	if o.Op.Page == nil || size <= 0 {
		size = maxRows
	}
	p := o.pages(o.b.theirs(o.Op), size+1, o.Paging.Filters)
	win := o.window(p, size)
	for !p.done && (!win.full() || win.counts) {
		recs, problems, err := p.read(ctx)
		if err != nil {
			return selection.Found{}, nil, err
		}
		if len(problems) > 0 {
			return selection.Found{}, &problems[0], nil
		}
		for _, rec := range recs {
			win.add(rec, o)
		}
		if p.rows > maxRows {
			return selection.Found{}, nil, &backend.UpstreamError{Status: http.StatusBadGateway, Code: record.CodeInternal, Msg: "The place is too far down the list of the upstream " + o.b.Upstream.Name}
		}
	}
	page := win.page(p)
	if err := o.keepIDs(ctx, page.Records); err != nil {
		return selection.Found{}, nil, err
	}
	return page, nil, nil
}

// lines is a page of what the upstream shows within the record above.
func (o *operation) lines(ctx context.Context) (selection.Found, *dialect.Problem, error) {
	rec, problems, err := o.fetchParent(ctx)
	if err != nil || len(problems) > 0 {
		return selection.Found{}, first(problems), err
	}
	rec.Set(o.Op.Within, o.numbered(rec))
	page, stray := o.Lines(rec)
	return page, stray, nil
}

func first(problems []dialect.Problem) *dialect.Problem {
	if len(problems) == 0 {
		return nil
	}
	return &problems[0]
}

// numbered is a list of objects that have an id each: where the upstream shows
// none, one in our form that the record and the place decide.
func (o *operation) numbered(rec *record.Record) string {
	list := client.SlotField(o.Op.Resource.Parent, o.Op.Within)
	id := client.MemberLine(list, "id")
	if id == nil || id.Generated == nil {
		return rec.Get(o.Op.Within)
	}
	dst, n := []byte{'['}, 0
	jsontext.ValueOf(rec.Get(o.Op.Within)).ForEach(func(_ string, item jsontext.Value) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		all := new(jsontext.Object)
		for _, m := range jsontext.Members(item) {
			all.Put(m.Key, []byte(m.Val.Raw))
		}
		if all.Get("id") == nil {
			made, _ := rec.Time(record.SlotCreated)
			all.PutText("id", id.Generated.New(made, ids.Derived("proxy", o.b.From.Name, o.b.To.Name, rec.ID(), strconv.Itoa(n))))
		}
		dst = append(dst, all.Bytes()...)
		return true
	})
	return string(append(dst, ']'))
}

// keepIDs remembers the ids of a page.
func (o *operation) keepIDs(ctx context.Context, recs []*record.Record) error {
	rows := o.remembered(recs...)
	if len(rows) == 0 {
		return nil
	}
	return o.DB.Commit(ctx, batch(rows))
}

// window is the part of the list that was asked for.
type window struct {
	size    int
	skip    int    // rows to leave out first
	behind  string // the upstream's id of the row that it begins behind, "" once that was seen
	before  string // and of the one that it ends at
	ended   bool
	native  bool // the upstream itself looks in front of a row
	counts  bool // how many there are is wanted, and the upstream does not tell
	count   int
	filters []selection.Filter
	onward  bool
	recs    []*record.Record
	more    bool // rows that were seen and are not in it
}

// window finds out where to begin, and lets the upstream begin there where it
// can.
func (o *operation) window(p *pages, size int) *window {
	w := &window{size: size, skip: o.Paging.Skip + max(o.Paging.Number-1, 0)*o.Paging.Size, filters: p.rest, onward: o.Op.Page != nil && o.Op.Page.Onward}
	cursors := p.op.Page != nil && p.op.Page.Style == "cursor" && !p.op.Page.Opaque
	if id := o.Paging.After; id != "" {
		if w.behind = o.theirID(o.Op.Resource, id); cursors && p.op.Page.After != "" {
			p.after, w.behind = w.behind, ""
		}
	}
	if id := o.Paging.Before; id != "" {
		if w.before = o.theirID(o.Op.Resource, id); cursors && p.op.Page.Before != "" && len(w.filters) == 0 {
			p.query.Set(p.op.Page.Before, w.before)
			p.size, w.before, w.native = size, "", true
		}
	}
	w.counts = o.Op.Page != nil && o.Op.Page.Count && (p.op.Page == nil || !p.op.Page.Count || len(w.filters) > 0)
	if !w.counts && len(w.filters) == 0 && w.behind == "" && w.before == "" && p.op.Page != nil {
		switch p.op.Page.Style {
		case "offset":
			p.skip, w.skip = w.skip, 0
		case "number":
			p.number, w.skip = w.skip/p.size+1, w.skip%p.size
		}
	}
	return w
}

// full tells that no more rows are needed.
func (w *window) full() bool {
	return w.ended || w.before == "" && len(w.recs) > w.size || w.native && len(w.recs) > 0
}

// add takes the next row.
func (w *window) add(theirs *record.Record, o *operation) {
	id := theirs.ID()
	switch {
	case w.ended:
		return
	case w.behind != "":
		if id == w.behind {
			w.behind = ""
		}
		return
	case w.before != "" && id == w.before:
		w.ended = true
		return
	}
	rec := o.ours(o.Op.Resource, theirs)
	for _, f := range w.filters {
		if !f.Matches(rec, o.Env.Bounds) {
			return
		}
	}
	if w.count++; w.skip > 0 {
		w.skip--
		return
	}
	if w.counts && len(w.recs) > w.size {
		return
	}
	w.recs = append(w.recs, rec)
	if w.before != "" && len(w.recs) > w.size {
		w.recs, w.more = w.recs[1:], true
	}
}

// page is what was found.
func (w *window) page(p *pages) selection.Found {
	out := selection.Found{Records: w.recs, Total: max(p.total, 0)}
	switch {
	case w.native:
		out.More = p.more || !w.onward && len(w.recs) > 0
	case w.ended:
		out.More = w.onward && w.more || !w.onward && len(w.recs) > 0
	case len(out.Records) > w.size:
		out.Records, out.More = out.Records[:w.size], true
	}
	if w.counts {
		out.Total = w.count
	}
	return out
}

// pages reads the upstream's list from a place on.
type pages struct {
	o            *operation
	op           *dialect.Op
	query        url.Values
	rest         []selection.Filter // which the upstream has not
	size         int
	skip, number int
	after        string
	total        int
	rows         int
	more         bool // the last answer told that there are some behind it
	done         bool
}

// pages begins to read; want is how many rows are wanted at once.
func (o *operation) pages(op *dialect.Op, want int, filters []selection.Filter) *pages {
	p := &pages{o: o, op: op, query: url.Values{}, number: 1, total: -1}
	if op.Page != nil {
		most := op.Page.Max
		if most == 0 {
			most = 100
		}
		if p.size = op.Page.Size; op.Page.SizeParam != "" {
			p.size = min(max(want, op.Page.Min, 1), most)
		}
	}
	for _, f := range filters {
		if !p.filter(f) {
			p.rest = append(p.rest, f)
		}
	}
	return p
}

// filter has the upstream select, where it can.
func (p *pages) filter(f selection.Filter) bool {
	text, ok := f.Plain()
	if !ok {
		return false
	}
	place := client.Place(p.o.Op.Resource, f.Field)
	for _, theirs := range p.op.Filters {
		if theirs.Field == nil || theirs.Test != "equal" || client.Place(p.op.Resource, theirs.Field) != place {
			continue
		}
		want := client.Renamed(place, text, p.o.theirRef)
		word := record.Unquote(string(theirs.Field.Codec.Encode(nil, want, record.New(p.op.Resource.Schema, p.op.Owner.Name))))
		if back, broken := theirs.Field.Decode(theirs.Field.Codec.FromText(word), p.o.Env); broken == nil && back == want {
			p.query.Set(theirs.Param, word)
			return true
		}
	}
	return false
}

// read reads the next page.
func (p *pages) read(ctx context.Context) ([]*record.Record, []dialect.Problem, error) {
	o, rule := p.o, p.op.Page
	r := client.New(p.op, o.listVars(p.op))
	for name, values := range p.query {
		r.Query[name] = slices.Clone(values)
	}
	if rule != nil {
		set := func(name, value string) {
			if name != "" && value != "" {
				r.Query.Set(name, value)
			}
		}
		set(rule.SizeParam, strconv.Itoa(p.size))
		switch rule.Style {
		case "cursor":
			set(rule.After, p.after)
		case "offset":
			set(rule.Skip, strconv.Itoa(p.skip))
		case "number":
			set(rule.Number, strconv.Itoa(p.number))
		}
	}
	got, err := o.b.Upstream.call(ctx, o.b.To, r, true)
	if err != nil {
		return nil, nil, err
	}
	if !got.ok() {
		problems, err := o.refusals(p.op, got)
		return nil, problems, err
	}
	page, ok := client.Items(p.op, got.body)
	if !ok {
		return nil, nil, o.b.Upstream.strange(got)
	}
	p.advance(page)
	return page.Records, nil, nil
}

// advance goes to where the next page begins.
func (p *pages) advance(page client.Page) {
	n := len(page.Records)
	p.rows += n
	p.total = page.Total
	p.skip, p.number = p.skip+n, p.number+1
	rule := p.op.Page
	p.more = page.More != nil && *page.More
	switch {
	case n == 0 || rule == nil || rule.Style == "none" || rule.Style == "":
		p.done = true
		return
	case page.More != nil:
		p.done = !*page.More
	default:
		p.done = n < p.size
	}
	if rule.Style == "cursor" {
		if p.after = page.Records[n-1].ID(); rule.Opaque {
			p.after = page.Next
			p.done = p.done || page.Next == ""
		}
	}
}

// listVars are the path variables of the upstream's list.
func (o *operation) listVars(op *dialect.Op) map[string]string {
	vars := map[string]string{}
	if op.Resource.Parent != nil && o.Env.Parent != nil && len(op.Vars) > 0 {
		vars[op.Vars[0]] = o.theirID(o.Op.Resource.Parent, o.Env.Parent.ID())
	}
	return vars
}
