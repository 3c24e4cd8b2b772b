package handbook

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/record"
)

// Request is a request to show: a path of the provider's own, with its query.
type Request struct {
	Method, Path string
	Headers      [][2]string
	Body         string
}

// Subject is the records of the fixtures that a request names.
type Subject struct {
	ID       string            // that it is about, or ""
	Parent   *dialect.Resource // of the one above it, or nil
	ParentID string
}

// Sample makes a small request for an operation out of the fixtures, with the
// records that it names. whole is false where these have none to name.
func Sample(d *dialect.Dialect, f *seed.Fixtures, op *dialect.Op) (r Request, of Subject, whole bool) {
	w := newSampler(d, f)
	rec, parent, _ := w.subject(op)
	if rec != nil {
		of.ID = rec.ID()
	}
	if parent != nil {
		of.Parent, of.ParentID = op.Resource.Parent, parent.ID()
	}
	r, whole = w.request(op)
	return r, of, whole
}

// Curl writes the request as a command line for any shell.
func (r Request) Curl(base string) string {
	var b strings.Builder
	b.WriteString("curl -i")
	if r.Method != "GET" {
		b.WriteString(" -X " + r.Method)
	}
	b.WriteString(" " + shellQuote(base+r.Path))
	for _, h := range r.Headers {
		if encoded, ok := strings.CutPrefix(h[1], "Basic "); ok && strings.EqualFold(h[0], "Authorization") {
			if plain, err := base64.StdEncoding.DecodeString(encoded); err == nil {
				b.WriteString(" -u " + shellQuote(string(plain)))
				continue
			}
		}
		b.WriteString(" -H " + shellQuote(h[0]+": "+h[1]))
	}
	if r.Body != "" {
		b.WriteString(" -d " + shellQuote(r.Body))
	}
	return b.String()
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func sortedCodes() []record.Code { return slices.Sorted(slices.Values(record.Codes())) }

// sampler looks for records of the fixtures that a request can name.
type sampler struct {
	d    *dialect.Dialect
	main *record.Record // the credential that samples use
	recs []*record.Record
}

// newSampler reads the fixtures as they are a minute after a sandbox starts.
func newSampler(d *dialect.Dialect, f *seed.Fixtures) *sampler {
	w := &sampler{d: d}
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, row := range f.Rows(start) {
		rec := row.Record
		if rec.Dialect != d.Name {
			continue
		}
		if res := resourceOf(d, rec.Schema); res != nil {
			rec = res.Expire(rec, start.Add(time.Minute))
		}
		if rec.Schema == record.Credentials && rec.ID() == f.Main(d.Name) {
			w.main = rec
		}
		w.recs = append(w.recs, rec)
	}
	return w
}

// resourceOf returns the resource that shows a kind of record, or nil.
func resourceOf(d *dialect.Dialect, schema *record.Schema) *dialect.Resource {
	for _, name := range sortedKeys(d.Resources) {
		if d.Resources[name].Schema == schema {
			return d.Resources[name]
		}
	}
	return nil
}

// slotText reads a slot by name, "" where there is none.
func slotText(rec *record.Record, name string) string {
	if slot, ok := rec.Schema.Slot(name); ok {
		return rec.Text(slot)
	}
	return ""
}

// mine tells whether the main credential sees a record.
func (w *sampler) mine(rec *record.Record, res *dialect.Resource) bool {
	if w.main == nil {
		return true
	}
	owner, mode := rec.Text(record.SlotAccount), rec.Get(record.SlotLive)
	return (owner == "" || owner == w.main.Text(record.SlotAccount)) && (res.Both || mode == "" || mode == w.main.Get(record.SlotLive))
}

// pick returns the first record of a resource that fits, or nil.
func (w *sampler) pick(res *dialect.Resource, fits func(*record.Record) bool) *record.Record {
	for _, rec := range w.recs {
		if rec.Schema == res.Schema && w.mine(rec, res) && fits(rec) {
			return rec
		}
	}
	return nil
}

func (w *sampler) credentials() Section {
	s := Section{Title: "Credentials", Columns: []Column{{"sent as", Code}, {"role", Prose}, {"gets", Prose}}}
	for _, rec := range w.recs {
		if rec.Schema != record.Credentials {
			continue
		}
		var gets []string
		for _, slot := range []string{"refused", "gate"} {
			if code := slotText(rec, slot); code != "" {
				where := " from every operation"
				if slot == "gate" {
					where = " where an entitlement is needed"
				}
				gets = append(gets, strconv.Itoa(w.d.Errors.Class(record.Code(code)).Status)+" "+code+where)
			}
		}
		if scopes := slotText(rec, "scopes"); scopes != "" {
			var names []string
			gjson.Parse(scopes).ForEach(func(_, v gjson.Result) bool { names = append(names, v.Str); return true })
			gets = append(gets, "the scopes "+strings.Join(names, ", "))
		}
		s.Rows = append(s.Rows, []string{w.sent(rec), slotText(rec, "label"), strings.Join(gets, "; ")})
	}
	switch {
	case w.d.Auth.Scheme == "none":
		s.Note = "None is asked for."
	case w.main != nil && !w.d.Auth.Strict:
		s.Note = "Any other credential acts as `" + w.main.ID() + "`, unless its shape is that of a real one."
	}
	return s
}

// sent shows a credential as a request carries it.
func (w *sampler) sent(rec *record.Record) string {
	if w.d.Auth.Scheme == "basic" {
		return "-u " + rec.ID() + ":"
	}
	var parts []string
	for _, h := range w.headers(rec) {
		parts = append(parts, h[0]+": "+h[1])
	}
	return strings.Join(parts, ", ")
}

// headers are the headers that carry a credential.
func (w *sampler) headers(rec *record.Record) [][2]string {
	switch w.d.Auth.Scheme {
	case "bearer":
		return [][2]string{{"Authorization", "Bearer " + rec.ID()}}
	case "basic":
		return [][2]string{{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(rec.ID()+":"))}}
	case "headers":
		out := [][2]string{{w.d.Auth.Headers[0], rec.ID()}}
		for _, name := range w.d.Auth.Headers[1:] {
			out = append(out, [2]string{name, slotText(rec, "secret")})
		}
		return out
	}
	return nil
}

// records lists what a fresh sandbox holds, and whose it is.
func (w *sampler) records() Section {
	s := Section{Title: "Records of a fresh sandbox", Columns: []Column{{"kind", Prose}, {"id", Code}, {"state", Prose}, {"mode", Prose}, {"owner", Prose}, {"what", Prose}}}
	owners := map[string]string{}
	for _, rec := range w.recs {
		if rec.Schema == record.Accounts {
			owners[rec.ID()] = slotText(rec, "name")
		}
	}
	for _, rec := range w.recs {
		if rec.Schema == record.Credentials {
			continue
		}
		mode := map[string]string{"true": "live", "false": "test"}[rec.Get(record.SlotLive)]
		what := slotText(rec, "title")
		for _, slot := range []string{"name", "type", "description", "parent"} {
			if what == "" {
				what = slotText(rec, slot)
			}
		}
		owner := owners[rec.Text(record.SlotAccount)]
		if rec.Schema == record.Accounts {
			owner = "–"
		}
		s.Rows = append(s.Rows, []string{rec.Schema.Kind, rec.ID(), rec.Text(record.SlotStatus), mode, owner, what})
	}
	return s
}

// commands shows a request for each operation.
func (w *sampler) commands(requests map[string]Request) Section {
	s := Section{Title: "Try it", Note: "Each line works on a fresh sandbox, and answers as the table of operations says."}
	for _, op := range w.d.Operations {
		title := "`" + op.Name + "`"
		r, ok := requests[op.Name]
		if !ok {
			if r, ok = w.request(op); !ok {
				title += ", once there is one: put its id in the place of `ID`"
			}
		}
		s.Lines = append(s.Lines, Line{title, r.Curl(home + "/" + w.d.Name)})
	}
	return s
}
