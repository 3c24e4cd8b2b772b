package routes_test

import (
	"bytes"
	order "cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/dispatch/receivers"
	"github.com/polylink-dev/polylink/internal/exchanges"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/store"
)

// folder is where the exchanges are, behaviours those that no single operation
// of a dialect shows.
const (
	folder     = "../fixtures"
	behaviours = "behaviours"
)

// writing tells that the goldens are to be made anew: make golden.
func writing() bool {
	write := os.Getenv("POLYLINK_GOLDEN") == "write"
	if write && os.Getenv("CI") == "true" {
		panic("POLYLINK_GOLDEN=write rewrites what the tests compare with, and has no place in CI")
	}
	return write
}

// goldens is every exchange, by dialect.
func goldens(tb testing.TB) map[string][]*exchanges.Exchange {
	tb.Helper()
	list, err := exchanges.Load(os.DirFS(folder), ".")
	if err != nil {
		tb.Fatal(err)
	}
	if len(list) == 0 {
		tb.Fatal("there are no exchanges")
	}
	out := map[string][]*exchanges.Exchange{}
	for _, x := range list {
		d, _, _ := strings.Cut(x.File, "/")
		out[d] = append(out[d], x)
	}
	return out
}

// world is a server that one exchange is played against. It holds every
// answer to what is true of all: a refusal changes nothing.
type world struct {
	*server
	*receivers.Receivers
	tb      testing.TB
	dialect string
	set     *dialect.Set
}

func newWorld(tb testing.TB, d string, x *exchanges.Exchange) *world {
	tb.Helper()
	change, f := []func(*routes.Options){seeded}, shipped()
	if len(x.Overrides) > 0 {
		var list []compile.Override
		for _, o := range x.Overrides {
			list = append(list, override(tb, d, o.Path, string(o.YAML)))
		}
		f = with(tb, list...)
		change = append(change, of(f))
	}
	return worldOf(tb, d, f.set, change...)
}

// worldOf is the world of a dialect on a server that is made so.
func worldOf(tb testing.TB, d string, set *dialect.Set, change ...func(*routes.Options)) *world {
	tb.Helper()
	w := &world{tb: tb, dialect: d, set: set}
	w.server = newServer(tb, append(change, w.hear)...)
	return w
}

// Advance moves the clock on, and performs what falls due.
func (w *world) Advance(by time.Duration) {
	w.Receivers.Advance(func() { w.passed.Add(int64(by)) })
}

func (w *world) Document(kind, id string) ([]byte, error) {
	if id == "*" {
		return w.documents(kind)
	}
	if doc := w.document(w.tb, kind, w.dialect, id); doc != "" {
		return []byte(doc), nil
	}
	return nil, nil
}

// documents is every record of a kind, oldest first.
func (w *world) documents(kind string) ([]byte, error) {
	db, err := w.Sandbox("default")
	if err != nil {
		return nil, err
	}
	rows := db.Read(context.Background()).Scan(kind, "", store.Page{})
	slices.SortStableFunc(rows, func(a, b *store.Row) int { return order.Compare(a.Created, b.Created) })
	list := []json.RawMessage{}
	for _, row := range rows {
		if row.Record.Dialect == w.dialect {
			list = append(list, document.Of(row.Record, false))
		}
	}
	return json.Marshal(list)
}

func (w *world) Given(doc []byte) error {
	rec, err := document.Read(doc)
	if err != nil {
		return err
	}
	db, err := w.Sandbox("default")
	if err != nil {
		return err
	}
	var shown *dialect.Resource
	for _, res := range w.set.Dialect(w.dialect).Resources {
		if res.Schema == rec.Schema {
			shown = res
		}
	}
	return db.Commit(w.tb.Context(), store.Batch{Put: []*store.Row{dialect.NewRow(shown, rec)}})
}

func (w *world) Break(kind, id string) error {
	w.breaks(w.tb, kind, w.dialect, id)
	return nil
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	before := w.rows(w.tb, "default")
	seen := &watched{ResponseWriter: rw}
	w.server.ServeHTTP(seen, r)
	if seen.status < 400 {
		return
	}
	if diff := cmp.Diff(before, w.rows(w.tb, "default")); diff != "" {
		w.tb.Errorf("%s %s was refused with %d and changed something (-before +after)\n%s", r.Method, r.URL, seen.status, diff)
	}
}

// hasRules holds every entry of the journal to naming the line that decided.
func (w *world) hasRules() {
	for _, e := range w.Sandboxes().Peek("default").Journal.Entries() {
		if e.Dialect == "" {
			continue
		}
		lines := strings.Split(string(e.Source), "\n")
		if e.Rule.Code == "" || e.Rule.File != "mappings/"+w.dialect+".yaml" || e.Rule.Line < 1 || e.Rule.Line > len(lines) || strings.TrimSpace(lines[e.Rule.Line-1]) == "" {
			w.tb.Errorf("%s %s was answered %d by the rule %+v", e.Method, e.Path, e.Status, e.Rule)
		}
	}
}

type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func TestGoldenExchanges(t *testing.T) {
	t.Parallel()
	for d, list := range goldens(t) {
		for _, x := range list {
			t.Run(strings.TrimSuffix(x.File, ".txtar"), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, d, x)
				got, err := x.Play(w)
				if err != nil {
					t.Fatal(err)
				}
				compare(t, x, got.Got)
				keepsSecrets(t, w, got)
				w.hasRules()
			})
		}
	}
}

// compare holds what was played to the file, or writes it.
func compare(t *testing.T, x *exchanges.Exchange, got []byte) {
	t.Helper()
	if writing() {
		if err := os.WriteFile(filepath.Join(folder, x.File), got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(x.Format()), string(got)); diff != "" {
		t.Errorf("the exchange went otherwise (-want +got); if that is right, make golden\n%s", diff)
	}
}

// TestGoldenExchangesAreSpelledAlike asks for the form that make golden writes,
// so that it changes what an exchange shows and nothing else.
func TestGoldenExchangesAreSpelledAlike(t *testing.T) {
	t.Parallel()
	if writing() {
		t.Skip("the goldens are being written")
	}
	for _, list := range goldens(t) {
		for _, x := range list {
			text, err := os.ReadFile(filepath.Join(folder, x.File))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(text), string(x.Format())); diff != "" {
				t.Errorf("%s is not spelled as make golden spells it (-is +should be)\n%s", x.File, diff)
			}
		}
	}
}

// keepsSecrets looks for credentials in what was logged and answered.
func keepsSecrets(t *testing.T, w *world, got *exchanges.Result) {
	t.Helper()
	logged := w.log.String()
	for _, secret := range secrets() {
		if strings.Contains(logged, secret) {
			t.Errorf("the log shows the credential %s:\n%s", secret, logged)
		}
		for _, r := range got.Replies {
			if bytes.Contains(r.Body, []byte(secret)) {
				t.Errorf("an answer shows the credential %s:\n%s", secret, r.Body)
			}
		}
	}
	for _, r := range got.Replies {
		for _, name := range []string{"Authorization", "X-Client-Key", "X-Client-Secret"} {
			if v := r.Request.Header.Get(name); v != "" && (strings.Contains(logged, v) || bytes.Contains(r.Body, []byte(v))) {
				t.Errorf("the log or the answer shows the %s header", name)
			}
		}
	}
}

// secrets is every credential of the fixtures, and every token of a link.
func secrets() []string {
	var out []string
	for _, d := range shipped().set.Dialects {
		for _, rec := range shipped().fixtures.Records(d.Name, record.Credentials.Kind) {
			out = append(out, rec.ID())
		}
		for _, kind := range record.Kinds() {
			for _, name := range []string{"secret", "token"} {
				slot, ok := record.Schemas()[kind].Slot(name)
				for _, rec := range shipped().fixtures.Records(d.Name, kind) {
					if ok && rec.Has(slot) {
						out = append(out, rec.Text(slot))
					}
				}
			}
		}
	}
	return out
}

func TestGoldenExchangesShowEveryOperationAndErrorClass(t *testing.T) {
	t.Parallel()
	if writing() {
		t.Skip("the goldens are being written")
	}
	have := goldens(t)
	for _, d := range shipped().set.Dialects {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			ops, classes := map[string]bool{}, map[string]bool{}
			for _, x := range have[d.Name] {
				_, rest, _ := strings.Cut(x.File, "/")
				op, _, _ := strings.Cut(rest, "/")
				got := answers(t, x)
				switch found := d.Op(op); {
				case op == behaviours:
				case found == nil:
					t.Errorf("%s: %s has no operation %s", x.File, d.Name, op)
				case found.Does == dialect.Refuse || slices.ContainsFunc(got, func(a shown) bool { return a.status == found.Status }):
					ops[op] = true
				}
				for _, name := range x.Classes {
					if err := showsClass(d, name, got); err != nil {
						t.Errorf("%s: class: %s: %v", x.File, name, err)
					}
					classes[name] = true
				}
			}
			for _, op := range d.Operations {
				if !ops[op.Name] {
					t.Errorf("no exchange in %s/%s/%s/ shows it, with status %d", folder, d.Name, op.Name, op.Status)
				}
			}
			for _, name := range d.ErrorCodes() {
				if !classes[name] {
					t.Errorf("no exchange of %s has the line class: %s", d.Name, name)
				}
			}
		})
	}
	for d, list := range have {
		if shipped().set.Dialect(d) == nil {
			t.Errorf("%s: there is no dialect %s", list[0].File, d)
		}
	}
}

// shown is an answer that an exchange has.
type shown struct {
	status int
	leaves map[string]string // scalars of its JSON body, by path
}

// answers reads every answer of an exchange.
func answers(t *testing.T, x *exchanges.Exchange) []shown {
	t.Helper()
	var out []shown
	for _, s := range x.Steps {
		if s.Verb != exchanges.Response {
			continue
		}
		head, body := s.Parts()
		status, err := strconv.Atoi(head[0])
		if err != nil {
			t.Errorf("%s: a response begins with %q and not with its status", x.File, head[0])
		}
		out = append(out, shown{status, leaves(string(body))})
	}
	return out
}

// leaves lists the scalars of a JSON document by their path.
func leaves(text string) map[string]string {
	out := map[string]string{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, member := range v {
				walk(at+"."+k, member)
			}
		case []any:
			for i, item := range v {
				walk(at+"."+strconv.Itoa(i), item)
			}
		default:
			out[at] = fmt.Sprint(v)
		}
	}
	var doc any
	if json.Unmarshal([]byte(text), &doc) == nil {
		walk("", doc)
	}
	return out
}

// showsClass tells whether one of the answers is of a class: it has the
// class's status, and whatever the class says in every case.
func showsClass(d *dialect.Dialect, name string, got []shown) error {
	if !d.HasClass(record.Code(name)) {
		return fmt.Errorf("the catalogue has no such class")
	}
	var status int
	render := func(word string) map[string]string {
		e := dialect.Env{}
		e.Now, e.Header, e.Method, e.Path, e.RequestID = time.Unix(int64(len(word)), 0), func(string) string { return word }, word, word, word
		e.Payload, e.Limit = func() string { return `{"` + word + `":1}` }, dialect.Limit{Policy: word, Retry: int64(len(word))}
		f := failures.Of(d, &e, dialect.Problem{Code: record.Code(name), Path: word, Why: word, Value: record.Quote(word), N: len(word)})
		f.Noun, f.State, f.Cap, status = word, word, int64(len(word)), f.Status
		return leaves(string(failures.Append(nil, d, &e)))
	}
	fixed, other := render("one"), render("another")
	maps.DeleteFunc(fixed, func(at, text string) bool { return other[at] != text })
	var near string
	for _, a := range got {
		if a.status != status {
			continue
		}
		near = ""
		for at, text := range fixed {
			if a.leaves[at] != text {
				near = fmt.Sprintf("; it says %s at %s and not %s", a.leaves[at], at, text)
			}
		}
		if near == "" {
			return nil
		}
	}
	return fmt.Errorf("no answer with status %d shows it%s", status, near)
}
