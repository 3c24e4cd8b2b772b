package handbook

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/record"
)

// home is where polylink listens unless it is told otherwise.
const home = "http://127.0.0.1:12121"

// Describe collects the facts of a dialect. requests are requests to show, by
// operation; for the others a small one is made up. fixtures may be nil.
func Describe(d *dialect.Dialect, fixtures *seed.Fixtures, requests map[string]Request) *Description {
	if fixtures == nil {
		fixtures = &seed.Fixtures{}
	}
	w := newSampler(d, fixtures)
	out := &Description{Name: d.Name, Title: d.Title, File: d.File}
	for _, s := range []Section{
		reachSection(d), operationSection(d), absentSection(d), w.credentials(), w.records(), w.commands(requests), checkSection(d), errorTable(d),
		limitSection(d), idempotencySection(d), listSection(d), eventSection(d), hostedSection(d), choiceSection(d),
	} {
		if len(s.Rows) > 0 || len(s.Lines) > 0 || s.Note != "" {
			out.Sections = append(out.Sections, s)
		}
	}
	return out
}

func reachSection(d *dialect.Dialect) Section {
	s := Section{Title: "How to reach it", Columns: []Column{{"by", Prose}, {"write", Code}}}
	s.Rows = append(s.Rows, []string{"a prefix of the path", home + "/" + d.Name})
	for _, host := range d.Hosts {
		s.Rows = append(s.Rows, []string{"the real host", "Host: " + host})
	}
	s.Rows = append(s.Rows,
		[]string{"a host of its own", "http://" + d.Name + ".localhost:12121"},
		[]string{"a port of its own, in config.yaml", "listen: { " + d.Name + ": 127.0.0.1:12122 }"})
	sandbox := "X-Polylink-Sandbox: worker7"
	s.Note = "A sandbox is chosen by the header `" + sandbox + "`, by `/~worker7` in front of the path, or by `~worker7` at the end of the credential."
	return s
}

// absentSection lists what the provider has and the mock has not.
func absentSection(d *dialect.Dialect) Section {
	s := Section{Title: "Not served", Columns: []Column{{"method", Code}, {"path", Code}}}
	for _, a := range d.NotServed {
		s.Rows = append(s.Rows, []string{a.Method, a.Path})
	}
	return s
}

func operationSection(d *dialect.Dialect) Section {
	s := Section{Title: "Operations", Columns: []Column{{"operation", Code}, {"method", Code}, {"path", Code}, {"answers", Prose}, {"scope", Code}, {"notes", Prose}}}
	for _, op := range d.Operations {
		var notes []string
		if op.Public {
			notes = append(notes, "asks for no credential")
		}
		if len(op.From) > 0 {
			notes = append(notes, "while "+strings.Join(op.From, " or "))
		}
		if op.ByQuery != "" {
			notes = append(notes, "the id is the parameter "+op.ByQuery)
		}
		answers := strconv.Itoa(op.Status)
		if op.Does == dialect.Refuse {
			answers = strconv.Itoa(d.Errors.Class(op.Refusal).Status)
		}
		s.Rows = append(s.Rows, []string{op.Name, op.Method, op.Path, answers, op.Scope, strings.Join(notes, "; ")})
	}
	return s
}

func checkSection(d *dialect.Dialect) Section {
	var names []string
	for _, stage := range d.Checks {
		names = append(names, string(stage))
	}
	told := "one violation at a time"
	if d.ReportAll {
		told = "all violations of the fields together"
	}
	return Section{Title: "Order of checks", Note: strings.Join(names, ", ") + ". A refusal tells " + told + "."}
}

// errorTable lists the catalogue with the messages that a client reads, and
// shows one refusal as a whole.
func errorTable(d *dialect.Dialect) Section {
	s := Section{Title: "Errors", Columns: []Column{{"class", Code}, {"status", Prose}, {"message", Prose}, {"words", Code}, {"also", Code}}}
	for _, name := range d.Errors.Order {
		e := &dialect.Env{Env: template.Env{Method: "{method}", Path: "{path}", RequestID: "{request_id}", Limit: template.Limit{Policy: "{policy}"}}}
		f := failures.Of(d, e, dialect.Problem{Code: name, Path: "{field}", Why: "{why}", Value: record.Quote("{value}"), N: 1})
		f.Noun, f.State, f.Cap = "{noun}", "{state}", 1<<20
		s.Rows = append(s.Rows, []string{string(name), strconv.Itoa(f.Status), f.Message(), constantWords(f.Class), strings.Join(fallsTo(d, name), ", ")})
	}
	e := &dialect.Env{Env: template.Env{Method: "GET", Path: d.Operations[0].Path, RequestID: "…"}}
	f := failures.Of(d, e, dialect.Problem{Code: record.CodeBadCredential})
	e.Err = f
	s.Note = fmt.Sprintf("`words` are what the class puts into the envelope; `also` lists the codes that this class answers because they have none of their own. A refused credential, status %d: `%s`",
		f.Status, strings.ReplaceAll(string(failures.Append(nil, d, e)), "`", "'"))
	return s
}

// constantWords lists the words of a class that are always the same.
func constantWords(c *dialect.Class) string {
	var out []string
	for _, name := range sortedKeys(c.Vars) {
		if lit := c.Vars[name].Lit; lit != nil {
			out = append(out, name+": "+record.Unquote(string(lit)))
		}
	}
	return strings.Join(out, ", ")
}

// fallsTo lists the codes without a class of their own that a class answers.
func fallsTo(d *dialect.Dialect, name record.Code) []string {
	var out []string
	for _, code := range sortedCodes() {
		if d.Errors.Classes[code] == nil && record.Code(d.Errors.Class(code).Name) == name {
			out = append(out, string(code))
		}
	}
	return out
}

func limitSection(d *dialect.Dialect) Section {
	s := Section{Title: "Limits", Columns: []Column{{"limit", Code}, {"allows", Prose}, {"counted by", Prose}, {"for", Prose}}}
	kinds := map[string]string{"window": "in a window from the first request", "wall_window": "in each window of the clock", "bucket": "refilled steadily"}
	for _, l := range d.Limits {
		allows := fmt.Sprintf("%d per %s, %s", l.Count, short(l.Every), kinds[l.Kind])
		for _, plan := range sortedKeys(l.Plans) {
			allows += fmt.Sprintf("; %d on plan %s", l.Plans[plan], plan)
		}
		whose := "every operation"
		switch {
		case l.On != "":
			whose = "requests whose credential is refused"
		case l.Only != nil:
			whose = "only " + strings.Join(l.Only, ", ")
		case len(l.Methods) > 0:
			whose = strings.Join(l.Methods, ", ")
		}
		s.Rows = append(s.Rows, []string{l.Name, allows, l.Per, whose})
	}
	if len(s.Rows) == 0 {
		s.Note = "None is documented, and none is imitated."
	}
	return s
}

func idempotencySection(d *dialect.Dialect) Section {
	s := Section{Title: "Idempotency", Columns: []Column{{"about", Prose}, {"is", Prose}}}
	i := d.Idempotency
	if i == nil {
		s.Note = "None is documented: every request counts."
		return s
	}
	pick := func(words ...string) string {
		var out []string
		for n := 0; n+1 < len(words); n += 2 {
			if words[n] == "true" {
				out = append(out, words[n+1])
			}
		}
		if out == nil {
			return "nothing"
		}
		return strings.Join(out, ", ")
	}
	yes := strconv.FormatBool
	required := "optional"
	if i.Required {
		required = "required"
	}
	place := i.Header
	switch {
	case i.Field != "" && place != "":
		place += " or " + i.Field + " in the body"
	case i.Field != "":
		place = i.Field + " in the body"
	}
	s.Rows = [][]string{
		{"key", place + ", " + required + ", at most " + strconv.Itoa(i.Longest) + " characters"},
		{"methods", strings.Join(i.Methods, ", ")},
		{"answers are kept", short(i.Keep) + ", those with status " + pick(yes(i.Keeps[2]), "2xx", yes(i.Keeps[4]), "4xx", yes(i.Keeps[5]), "5xx")},
		{"a second request waits", short(i.Wait)},
		{"keys are told apart by", pick(yes(i.Account), "account", yes(i.Mode), "mode")},
		{"requests are the same by", pick(yes(i.SameM), "method", yes(i.SameP), "path", yes(i.SameB), "body")},
	}
	return s
}

func listSection(d *dialect.Dialect) Section {
	s := Section{Title: "Lists", Columns: []Column{{"operation", Code}, {"pages", Prose}, {"size", Prose}, {"filters", Code}}}
	for _, op := range d.Operations {
		if op.Does != dialect.List {
			continue
		}
		var filters []string
		for _, f := range op.Filters {
			filters = append(filters, f.Param)
		}
		if s := op.Sort; s != nil {
			for _, param := range []string{s.By, s.Direction} {
				if param != "" {
					filters = append(filters, param+" (order)")
				}
			}
		}
		pages, size := "one", "all"
		if p := op.Page; p != nil {
			pages, size = paging(p)
		}
		s.Rows = append(s.Rows, []string{op.Name, pages, size, strings.Join(filters, ", ")})
	}
	return s
}

// paging says how pages are asked for.
func paging(p *dialect.Page) (pages, size string) {
	size = strconv.Itoa(p.Size)
	if p.SizeParam != "" {
		size += ", or " + p.SizeParam + " from " + strconv.Itoa(p.Min)
		if p.Max > 0 {
			size += " to " + strconv.Itoa(p.Max)
		}
	}
	var by []string
	for _, param := range []string{p.After, p.Before, p.Skip, p.Number} {
		if param != "" {
			by = append(by, param)
		}
	}
	switch {
	case p.Style == "none":
		pages = "the first alone"
	case p.Opaque:
		pages = "opaque " + p.Style + " by " + strings.Join(by, ", ")
	default:
		pages = p.Style + " by " + strings.Join(by, ", ")
	}
	if p.Ascending {
		pages += ", oldest first"
	}
	return pages, size
}

func choiceSection(d *dialect.Dialect) Section {
	s := Section{Title: "Choices", Columns: []Column{{"path", Code}, {"is", Code}, {"why", Prose}, {"line", Source}},
		Note: "What the provider's documents leave open, and what polylink does. Each can be set otherwise in `config.yaml`, under `dialects: { " +
			d.Name + ": { path: value } }`."}
	for _, c := range d.Choices {
		s.Rows = append(s.Rows, []string{c.Path, c.Is, c.Why, c.File + ":" + strconv.Itoa(c.Line)})
	}
	return s
}

// short writes a duration without zero units: 24h instead of 24h0m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
