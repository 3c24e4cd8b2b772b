package admin

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/snapshot"
)

var leanrails = []string{"Authorization: Basic c2tfdGVzdF9tYWluOg==", "Content-Type: application/json"}

// lived fills a sandbox with one of everything that a snapshot has to keep.
func lived(l *lab, name string) {
	l.tb.Helper()
	l.in(name, "POST /links/"+setupLink+"/complete", "").want(200)
	l.in(name, "PUT /clock", `{"now":"2030-01-02T03:04:05.123456Z","frozen":true}`).want(200)
	lean, kirim := inside(name, leanrails), inside(name, kirimdev)
	for i := range 5 {
		body := fmt.Sprintf(`{"title":"T%d","line_items":[{"price":"price_3fg6hj9km1np","quantity":%d}],"metadata":{"z":"1.50","a":"<&>\u2028","é":"1"}}`, i, i+1)
		l.send("POST /leanrails/v1/checkout_links", body, append([]string{fmt.Sprintf("Idempotency-Key: k%d", i)}, lean...)...).want(200)
	}
	l.send(setupLinks, `{}`, append([]string{"Idempotency-Key: s1"}, kirim...)...).want(201)
	l.send("POST /kirimdev/v1/customers", `{"name":"Big","metadata":{"z":1.50,"n":123456789012345678901234567890,"a":{"y":1e400,"b":[0.10]}}}`, kirim...).want(201)
	l.send(devUpdate, `{"title":"Other","amount":77.70,"customFields":{"z":1.50,"a":10000000000000000000001}}`, inside(name, devdraft)...).want(200)
	l.send(generate, depositOne, inside(name, katu9)...).want(201)
	l.in(name, "POST /webhooks", `{"dialect":"katu9","url":"http://localhost/h","secret":"whsec_12345","events":["payment_link.created"]}`).want(201)
	l.in(name, "POST /faults", `{"dialect":"priceblocs","times":3,"status":503}`).want(201)
	l.send("GET /priceblocs/v1/payment-links", "", inside(name, []string{"Authorization: Bearer PB_sk_test_main"})...)
}

var ownPrefix = regexp.MustCompile(`/~[a-z]/`)

// answers asks a sandbox everything that could show a difference.
func answers(l *lab, name string) []string {
	var out []string
	ask := func(line, body string, headers ...string) {
		a := l.send(line, body, inside(name, headers)...)
		text := a.body
		// What is new with every request, by its nature.
		for _, path := range []string{"request_id", "error.request_id"} {
			if gjson.Get(text, path).Exists() {
				text, _ = sjson.Set(text, path, "…")
			}
		}
		// A URL leads back to the sandbox it is of.
		// One that was kept with an idempotent answer stays.
		text = ownPrefix.ReplaceAllString(text, "/~…/")
		a.header.Del("X-Request-Id")
		a.header.Del("X-Polylink-Request")
		out = append(out, fmt.Sprintf("%s %s\n%d %s\n%s", line, body, a.status, pretty(a.header), text))
	}
	ask("GET /leanrails/v1/checkout_links?limit=3", "", leanrails...)
	ask("GET /leanrails/v1/checkout_links?limit=100", "", leanrails...)
	ask("POST /leanrails/v1/checkout_links", `{"title":"T1","line_items":[{"price":"price_3fg6hj9km1np","quantity":2}],"metadata":{"z":"1.50","a":"<&>\u2028","é":"1"}}`,
		append([]string{"Idempotency-Key: k1"}, leanrails...)...)
	ask("POST /leanrails/v1/checkout_links", `{"title":"else"}`, append([]string{"Idempotency-Key: k1"}, leanrails...)...)
	ask(setupLinks, `{}`, append([]string{"Idempotency-Key: s1"}, kirimdev...)...)
	ask("GET /kirimdev/v1/customers?limit=2", "", kirimdev...)
	ask("GET /kirimdev/v1/customers", "", kirimdev...)
	ask("GET /kirimdev/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX/setup_links", "", kirimdev...)
	ask(devRead, "", devdraft...)
	ask("GET /devdraft/api/v0/payment-links", "", devdraft...)
	ask(generate, depositOne, katu9...) // the claim is taken
	ask("GET /priceblocs/v1/payment-links", "", "Authorization: Bearer PB_sk_test_main")
	for _, path := range []string{"links", "audit", "webhooks", "faults", "clock"} {
		ask("GET /__admin/"+path, "")
	}
	return out
}

func TestSnapshotRestoresTheVeryAnswers(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	lived(l, "a")
	snap := l.in("a", "GET /snapshot", "").want(200).body
	want := answers(l, "a")
	for _, target := range []string{"a", "f"} {
		l.pass(time.Hour)
		l.in(target, "PUT /snapshot", snap).want(200)
		if again := l.in(target, "GET /snapshot", "").want(200).body; again != snap {
			t.Errorf("%s: the snapshot of the restored sandbox is another\n%s", target, cmp.Diff(snap, again))
		}
		if diff := cmp.Diff(want, answers(l, target)); diff != "" {
			t.Errorf("%s answers otherwise (-want +got)\n%s", target, diff)
		}
	}
	// On another process, which began at another time.
	other := newLab(t)
	other.pass(1000 * time.Hour)
	other.in("a", "PUT /snapshot", snap).want(200)
	if diff := cmp.Diff(want, answers(other, "a")); diff != "" {
		t.Errorf("another process answers otherwise (-want +got)\n%s", diff)
	}
	for _, text := range []string{`"z":1.50`, `123456789012345678901234567890`, `1e400`, `0.10`, `10000000000000000000001`} {
		if !strings.Contains(snap, text) {
			t.Errorf("the snapshot lost %s", text)
		}
	}
}

func TestSnapshotOfARealClockStaysOnIt(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	snap := l.in("a", "GET /snapshot", "").want(200).body
	if gjson.Get(snap, "clock.now").Raw != "null" || gjson.Get(snap, "polylink").Int() != snapshot.Version {
		t.Errorf("the snapshot begins %.200s", snap)
	}
	l.in("b", "PUT /snapshot", snap).want(200)
	l.pass(time.Hour)
	if got := l.in("b", "GET /clock", "").get("now"); got != stamp(start.Add(time.Hour)) {
		t.Errorf("the restored clock shows %s and is not on the sandboxes' real time", got)
	}
	l.in("a", "PUT /clock", `{"now":"2031-01-01T00:00:00Z"}`).want(200)
	snap = l.in("a", "GET /snapshot", "").body
	l.in("b", "PUT /snapshot", snap).want(200)
	l.pass(time.Minute)
	if got := l.in("b", "GET /clock", "").get("now"); got != "2031-01-01T00:01:00Z" {
		t.Errorf("the restored clock that runs shows %s", got)
	}
}

func TestSnapshotKeepsLimits(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.in("a", "PUT /clock", `{"now":"2030-01-01T00:00:00Z","frozen":true}`).want(200)
	for range 99 {
		l.send(devRead, "", inside("a", devdraft)...).want(200)
	}
	snap := l.in("a", "GET /snapshot", "").body
	l.admin("POST /sandboxes/a/fork", `{"name":"f"}`).want(201)
	l.in("b", "PUT /snapshot", snap).want(200)
	for _, name := range []string{"b", "f"} {
		l.send(devRead, "", inside(name, devdraft)...).want(200)
		l.send(devRead, "", inside(name, devdraft)...).want(429)
	}
}

// TestSnapshotKeepsAClaimThatWasLost takes a link's unique claim over by
// another one, and looks that the restored first link has none.
func TestSnapshotKeepsAClaimThatWasLost(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.in("a", "PUT /clock", `{"now":"2030-01-01T00:00:00Z","frozen":true}`).want(200)
	l.send(generate, depositOne, inside("a", katu9)...).want(201)
	l.in("a", "POST /clock/advance", `{"by":"61m"}`).want(200)
	l.send(generate, depositOne, inside("a", katu9)...).want(201)
	l.in("b", "PUT /snapshot", l.in("a", "GET /snapshot", "").body).want(200)
	l.send(generate, depositOne, inside("b", katu9)...).want(409)
	l.in("b", "POST /clock/advance", `{"by":"61m"}`).want(200)
	l.send(generate, depositOne, inside("b", katu9)...).want(201)
}

func TestSnapshotsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	lived(l, "default")
	good := l.admin("GET /snapshot", "").body
	set := func(path string, raw string) string {
		out, err := sjson.SetRaw(good, path, raw)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	row := func(doc string) string {
		return `{"polylink":1,"clock":{"now":null,"frozen":false},"limits":[],"faults":[],"rows":[{"version":1,"record":` + doc + `}]}`
	}
	for name, c := range map[string]struct {
		doc  string
		says []string
	}{
		"newer":             {set("polylink", "2"), []string{"version 2", "newer", "version 1"}},
		"much newer":        {`{"polylink":99,"future":true}`, []string{"version 99", "newer"}},
		"zero":              {set("polylink", "0"), []string{"version"}},
		"text":              {set("polylink", `"1"`), []string{"number of a version"}},
		"none":              {`{"rows":[]}`, []string{"polylink"}},
		"another document":  {`{"links":[]}`, []string{"this is no snapshot"}},
		"no rows":           {`{"polylink":1}`, []string{"rows"}},
		"an unknown member": {set("extra", "1"), []string{"extra"}},
		"a bad clock":       {set("clock.now", `"9999-01-01T00:00:00Z"`), []string{"9000"}},
		"a row twice":       {set("rows.-1", gjson.Get(good, "rows.0").Raw), []string{"row 1"}},
		"a bad kind":        {row(`{"object":"nope","dialect":"katu9","id":"x"}`), []string{"row 1", "nope"}},
		"a bad slot":        {row(`{"object":"link","dialect":"katu9","id":"x","amount":"1"}`), []string{"row 1", "amount"}},
		"no id":             {row(`{"object":"link","dialect":"katu9"}`), []string{"row 1", "id"}},
		"no dialect":        {row(`{"object":"link","dialect":"nope","id":"x"}`), []string{"row 1", "nope"}},
		"no record":         {`{"polylink":1,"rows":[{"version":1}]}`, []string{"row 1", "record"}},
		"a bad fault":       {set("faults.0.times", "0"), []string{"times"}},
		"a fault's name":    {set("faults.0.operation", `"nope"`), []string{"operation"}},
		"a fault's id":      {set("faults.0.id", `"x"`), []string{"flt_"}},
		"an unknown error":  {row(`{"object":"credential","dialect":"katu9","id":"x","refused":"nonsense"}`), []string{"row 1", "refused", "nonsense"}},
		"another's error":   {row(`{"object":"credential","dialect":"katu9","id":"x","gate":"customer_archived"}`), []string{"row 1", "gate", "katu9"}},
		"a lost member":     {row(`{"object":"link","dialect":"katu9","id":"x","titel":"T"}`), []string{"row 1", `did you mean "title"`}},
		"a lost one inside": {row(`{"object":"link","dialect":"katu9","id":"x","redirect":{"sucess":"http://x"}}`), []string{"row 1", "redirect.sucess"}},
		"a year too far":    {row(`{"object":"link","dialect":"katu9","id":"x","expires_at":"9999-12-31T23:59:59-23:59"}`), []string{"row 1", "expires_at", "10000"}},
		"a clock too far":   {set("clock.now", `"9000-12-31T23:59:59-23:59"`), []string{"9000"}},
		"null for rows":     {set("rows", "null"), []string{"rows"}},
		"no such account":   {row(`{"object":"link","dialect":"katu9","id":"x","account":"gone"}`), []string{"row 1", "account", "gone"}},
		"no status":         {row(`{"object":"replay","dialect":"katu9","id":"x","http_status":99}`), []string{"row 1", "http_status"}},
		"no headers":        {row(`{"object":"replay","dialect":"katu9","id":"x","headers":{"A":["b"]}}`), []string{"row 1", "headers"}},
		"bad limits":        {set("limits", `[{"kind":"nope"}]`), []string{"snapshot"}},
	} {
		l.admin("PUT /snapshot", c.doc).refused(400, c.says...)
		_ = name
	}
	if diff := cmp.Diff(good, l.admin("GET /snapshot", "").body); diff != "" {
		t.Errorf("a refused snapshot has changed something (-before +after)\n%s", diff)
	}
	// What a link names may have been deleted since.
	rows := gjson.Get(good, `rows.#(record.object=="price")#.record.id`).Array()
	kept, _ := sjson.Delete(good, fmt.Sprintf("rows.%d", slices.IndexFunc(gjson.Get(good, "rows").Array(), func(r gjson.Result) bool { return r.Get("record.object").Str == "price" })))
	if len(rows) == 0 {
		t.Fatal("the world has no prices")
	}
	l.in("kept", "PUT /snapshot", kept).want(200)
	small := newLab(t, func(o *Options, _ *sandbox.Options) { o.MaxBody = 100 })
	small.admin("PUT /snapshot", good).refused(413, "100 bytes")
}

// TestEveryRowSurvivesASnapshot compares the rows themselves.
func TestEveryRowSurvivesASnapshot(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	lived(l, "a")
	l.in("b", "PUT /snapshot", l.in("a", "GET /snapshot", "").body).want(200)
	dump := func(name string) (out []string) {
		r := l.worlds.Peek(name).DB.Read(t.Context())
		for _, kind := range record.Kinds() {
			for _, row := range r.Scan(kind, "", everything) {
				out = append(out, fmt.Sprintf("%s %s %q %d %q v%d %s", row.Table, row.Key, row.Scope, row.Created, row.Keys, row.Version, document.Of(row.Record, false)))
				for i := range row.Record.Schema.Slots {
					out = append(out, row.Record.Get(record.Slot(i)))
				}
			}
		}
		return out
	}
	if diff := cmp.Diff(dump("a"), dump("b")); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
}
