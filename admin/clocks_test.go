package admin

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/store"
)

func TestClockIsSetFrozenAndFreed(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, c := range []struct {
		body   string
		now    time.Time // right after
		later  time.Time // a minute of real time after
		frozen string
	}{
		{`{"frozen":false}`, start, start.Add(time.Minute), "false"},
		{`{"frozen":true}`, start.Add(time.Minute), start.Add(time.Minute), "true"},
		{`{"frozen":false}`, start.Add(time.Minute), start.Add(2 * time.Minute), "false"},
		{`{"now":"2030-06-01T12:00:00+02:00"}`, date("2030-06-01T10:00:00Z"), date("2030-06-01T10:01:00Z"), "false"},
		{`{"now":"2030-06-01T10:00:00.123456789Z","frozen":true}`, date("2030-06-01T10:00:00.123456789Z"), date("2030-06-01T10:00:00.123456789Z"), "true"},
		{`{"now":"2020-01-01T00:00:00Z","frozen":true}`, date("2020-01-01T00:00:00Z"), date("2020-01-01T00:00:00Z"), "true"},
		{`{"now":null}`, start.Add(6 * time.Minute), start.Add(7 * time.Minute), "false"},
		{`{"now":null,"frozen":true}`, start.Add(7 * time.Minute), start.Add(7 * time.Minute), "true"},
		{`{"now":null,"frozen":false}`, start.Add(8 * time.Minute), start.Add(9 * time.Minute), "false"},
	} {
		set := l.admin("PUT /clock", c.body).want(200)
		if set.get("now") != stamp(c.now) || set.get("frozen") != c.frozen {
			t.Errorf("PUT clock %s = %s, want %s, frozen %s", c.body, set.body, stamp(c.now), c.frozen)
		}
		if l.admin("GET /clock", "").body != set.body {
			t.Errorf("PUT clock %s answers otherwise than GET clock", c.body)
		}
		l.pass(time.Minute)
		if got := l.admin("GET /clock", "").get("now"); got != stamp(c.later) {
			t.Errorf("a minute after %s it is %s, want %s", c.body, got, stamp(c.later))
		}
	}
	if sb := l.worlds.Peek("default"); !sb.Clock.Real() {
		t.Error("a clock that was returned to real time is not on it")
	}
}

func date(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// effects shows what an advance answered as "at kind dialect/id".
func effects(a answer) []string {
	out := []string{}
	gjson.Get(a.body, "effects").ForEach(func(_, e gjson.Result) bool {
		out = append(out, e.Get("at").Str+" "+e.Get("kind").Str+" "+e.Get("dialect").Str+"/"+e.Get("id").Str)
		return true
	})
	return out
}

func TestAdvanceTellsWhatFallsDueInOrderAndOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("PUT /clock", `{"now":"2030-01-01T00:00:00Z","frozen":true}`).want(200)
	late := l.send(generate, `{"transactionId":"75906707-8c31-479c-b354-aa805c4cefbc","expiryMinutes":90}`, katu9...).want(201).get("data.paymentLink.id")
	early := l.send(setupLinks, `{"expires_in_hours":1}`, kirimdev...).want(201).get("data.id")
	// The fixtures' links fell due long before 2030, since real time, and are
	// told first; those that were over before the sandbox began are not.
	got := effects(l.admin("POST /clock/advance", `{"by":"2h"}`).want(200))
	if len(got) < 3 || got[len(got)-2] != "2030-01-01T01:00:00Z link.expired kirimdev/"+early || got[len(got)-1] != "2030-01-01T01:30:00Z link.expired katu9/"+late {
		t.Fatalf("the effects are\n%s", strings.Join(got, "\n"))
	}
	for i, e := range got {
		if i > 0 && e < got[i-1] {
			t.Errorf("%s comes after %s", e, got[i-1])
		}
		if e < stamp(start) {
			t.Errorf("%s was over before the sandbox began", e)
		}
	}
	if again := effects(l.admin("POST /clock/advance", `{"by":"2h"}`)); len(again) != 0 {
		t.Errorf("told again: %v", again)
	}
	for _, id := range []string{"kirimdev/" + early, "katu9/" + late} {
		if got := l.admin("GET /links/"+id, "").get("status"); got != "expired" {
			t.Errorf("%s is %s after its time", id, got)
		}
	}
}

func TestAdvanceToldAtTheVeryInstant(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("PUT /clock", `{"now":"2030-01-01T00:00:00.0005Z","frozen":true}`).want(200)
	l.admin("POST /clock/advance", `{"by":"0s"}`).want(200)
	id := l.send(generate, depositOne, katu9...).want(201).get("data.paymentLink.id")
	if got := effects(l.admin("POST /clock/advance", `{"by":"59m59.999s"}`)); len(got) != 0 {
		t.Errorf("told too early: %v", got)
	}
	if got := l.admin("GET /links/katu9/"+id, "").get("status"); got != "active" {
		t.Errorf("a moment before its time it is %s", got)
	}
	if got := effects(l.admin("POST /clock/advance", `{"by":"1ms"}`)); len(got) != 1 || !strings.HasSuffix(got[0], id) {
		t.Errorf("at its time: %v", got)
	}
	l.send(generate, depositOne, katu9...).want(201) // as the dialect sees it, too
}

func TestAdvanceTellsWhatRealTimeBrought(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.send(generate, `{"transactionId":"75906707-8c31-479c-b354-aa805c4cefbc","expiryMinutes":10}`, katu9...).want(201).get("data.paymentLink.id")
	l.pass(11 * time.Minute)
	if got := effects(l.admin("POST /clock/advance", `{"by":"0s"}`)); len(got) != 1 || got[0] != "2026-01-02T03:14:05Z link.expired katu9/"+id {
		t.Errorf("the effects are %v", got)
	}
}

func TestAClockSetBackLetsThingsFallDueAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("PUT /clock", `{"now":"2026-02-01T00:00:00Z","frozen":true}`).want(200)
	l.admin("POST /clock/advance", `{"by":"1s"}`).want(200)
	l.admin("PUT /clock", `{"now":"2026-01-02T03:30:00Z","frozen":true}`).want(200)
	id := l.send(generate, depositOne, katu9...).want(201).get("data.paymentLink.id")
	got := strings.Join(effects(l.admin("POST /clock/advance", `{"by":"1h"}`)), "\n")
	if !strings.Contains(got, id) {
		t.Errorf("the link made in the past did not expire:\n%s", got)
	}
}

// TestExpiriesAreToldOnceWhoeverLooked has requests look before the clock is
// advanced, and twelve advances at once.
func TestExpiriesAreToldOnceWhoeverLooked(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("PUT /clock", `{"now":"2026-01-02T03:04:05Z","frozen":true}`).want(200)
	id := l.send(generate, `{"transactionId":"75906707-8c31-479c-b354-aa805c4cefbc","expiryMinutes":10}`, katu9...).want(201).get("data.paymentLink.id")
	l.admin("PUT /clock", `{"now":"2026-01-02T03:20:00Z","frozen":true}`).want(200)
	if got := l.admin("GET /links/katu9/"+id, "").get("status"); got != "expired" {
		t.Errorf("it is %s", got)
	}
	want := []string{"2026-01-02T03:14:05Z link.expired katu9/" + id}
	if diff := cmp.Diff(want, effects(l.admin("POST /clock/advance", `{"by":"1m"}`).want(200))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	told := make([][]string, 12)
	var wg sync.WaitGroup
	for i := range told {
		wg.Go(func() { told[i] = effects(l.admin("POST /clock/advance", `{"by":"24h"}`)) })
	}
	wg.Wait()
	seen := map[string]int{}
	for _, list := range told {
		for _, e := range list {
			seen[e]++
		}
	}
	audited := map[string]int{}
	gjson.Get(l.admin("GET /audit", "").body, "audit").ForEach(func(_, e gjson.Result) bool {
		if e.Get("operation").Str != "link.expire" || e.Get("before.status").Str != "active" || e.Get("after.status").Str != "expired" ||
			e.Get("account").Str == "" || e.Get("account").Str != e.Get("after.account").Str || e.Get("request").Exists() {
			t.Errorf("the trail has %s", e)
		}
		audited[e.Get("at").Str+" link.expired "+e.Get("dialect").Str+"/"+e.Get("record").Str]++
		return true
	})
	delete(audited, want[0])
	if diff := cmp.Diff(audited, seen); diff != "" || len(seen) < 3 {
		t.Errorf("the trail and what was told of differ (-trail +told)\n%s", diff)
	}
	for e, n := range seen {
		if n != 1 {
			t.Errorf("%s was told %d times", e, n)
		}
	}
}

// TestWhatHasExpiredStaysSo sets the clock back.
func TestWhatHasExpiredStaysSo(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	read := func() string { return l.admin("GET /links/"+katuLink, "").get("status") }
	trail := func() string { return gjson.Get(l.admin("GET /audit", "").body, "audit.#.record").Raw }
	l.admin("PUT /clock", `{"now":"2026-01-02T04:30:00Z","frozen":true}`).want(200)
	if got := read(); got != "expired" {
		t.Fatalf("past its time it is %s", got)
	}
	before := trail()
	l.admin("PUT /clock", `{"now":"2026-01-02T03:30:00Z","frozen":true}`).want(200)
	if got := read(); got != "expired" || trail() != before {
		t.Errorf("set back it is %s, and the trail %s instead of %s", got, trail(), before)
	}
	l.send(generate, `{"transactionId":"75906707-8c31-479c-b354-aa805c4cef02"}`, katu9...).want(201) // its claim is over
	l.admin("POST /clock/advance", `{"by":"20h"}`).want(200)
	if n := strings.Count(trail(), strings.TrimPrefix(katuLink, "katu9/")); n != 1 {
		t.Errorf("it expired %d times", n)
	}
}

// TestWhatAWorldHoldsAsOverLeavesNoTrail looks at fixtures, and at a snapshot of
// a link that is over but was not seen so.
func TestWhatAWorldHoldsAsOverLeavesNoTrail(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	if got := gjson.Get(l.admin("GET /audit", "").body, "audit.#").Int(); got != 0 {
		t.Errorf("the trail of a fresh sandbox has %d entries", got)
	}
	const link = `{"object":"link","dialect":"katu9","id":"a","status":"active","account":"m","created_at":"2026-01-01T00:00:00Z","expires_at":"2026-01-01T01:00:00Z"}`
	const old = `{"polylink":1,"clock":{"now":"2026-01-01T02:00:00Z","frozen":true%s},"limits":[],"faults":[],"rows":[{"version":1,"record":{"object":"account","dialect":"katu9","id":"m"}},{"version":1,"record":` + link + `}]}`
	for told, want := range map[string]int{"": 0, `,"told":"2026-01-01T00:30:00Z"`: 1} {
		l.admin("PUT /snapshot", fmt.Sprintf(old, told)).want(200)
		if got := l.admin("GET /links/katu9/a", "").get("status"); got != "expired" {
			t.Errorf("restored it is %s", got)
		}
		if got := effects(l.admin("POST /clock/advance", `{"by":"1s"}`)); len(got) != want {
			t.Errorf("told %q, an advance tells of %v", told, got)
		}
		if got := gjson.Get(l.admin("GET /audit", "").body, "audit.#").Int(); got != int64(want) {
			t.Errorf("told %q, the trail has %d entries", told, got)
		}
	}
}

func TestSessionsFallDueToo(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	rec, err := document.Read([]byte(`{"object":"session","dialect":"leanrails","id":"cs_1","status":"open","account":"mer_main","livemode":false,
		"created_at":"2026-01-02T03:04:05Z","expires_at":"2026-01-03T03:04:05Z","link":"cl_4de6fg8hi0jk"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.worlds.Peek("default").DB.Commit(t.Context(), store.Batch{Put: []*store.Row{dialect.NewRow(files().set.Dialect("leanrails").ResourceFor("session"), rec)}}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(effects(l.admin("POST /clock/advance", `{"by":"2000h"}`)), "\n")
	if !strings.Contains(got, "2026-01-03T03:04:05Z session.expired leanrails/cs_1") {
		t.Errorf("no session expires:\n%s", got)
	}
}

// TestAdvanceChangesNothingThatTimeAloneWouldNot moves a link's date after its
// time has come: it is back, however time has passed.
func TestAdvanceChangesNothingThatTimeAloneWouldNot(t *testing.T) {
	t.Parallel()
	for name, pass := range map[string]func(l *lab){
		"advance":   func(l *lab) { l.admin("POST /clock/advance", `{"by":"48h"}`).want(200) },
		"real time": func(l *lab) { l.pass(48 * time.Hour) },
		"expire":    func(l *lab) { l.admin("POST /links/devdraft/"+devLink+"/expire", "").want(200) },
	} {
		l := newLab(t)
		l.send(devUpdate, `{"expirationDate":"2026-01-03T03:04:05Z"}`, devdraft...)
		l.send(devUpdate, `{"expiration_date":"2026-01-03T03:04:05Z"}`, devdraft...)
		pass(l)
		if got := l.admin("GET /links/devdraft/"+devLink, "").get("status"); got != "expired" {
			t.Errorf("%s: the link is %s", name, got)
		}
		l.send(devUpdate, `{"expiration_date":"2027-01-03T03:04:05Z"}`, devdraft...)
		l.send(devUpdate, `{"expirationDate":"2027-01-03T03:04:05Z"}`, devdraft...)
		if got := l.admin("GET /links/devdraft/"+devLink, "").get("status"); got != "active" {
			t.Errorf("%s: the link with a later date is %s", name, got)
		}
	}
}

func TestLimitsAndIdempotencyFollowTheClock(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("PUT /clock", `{"now":"2030-01-01T00:00:00Z","frozen":true}`).want(200)
	for range 100 {
		l.send(devRead, "", devdraft...).want(200)
	}
	l.send(devRead, "", devdraft...).want(429)
	l.admin("POST /clock/advance", `{"by":"61s"}`).want(200)
	l.send(devRead, "", devdraft...).want(200)

	keyed := append([]string{"Idempotency-Key: k1"}, kirimdev...)
	first := l.send(setupLinks, `{}`, keyed...).want(201).get("data.id")
	l.admin("POST /clock/advance", `{"by":"23h"}`).want(200)
	if again := l.send(setupLinks, `{}`, keyed...).want(201).get("data.id"); again != first {
		t.Errorf("within its life the key gives %s, not %s", again, first)
	}
	l.admin("POST /clock/advance", `{"by":"2h"}`).want(200)
	if again := l.send(setupLinks, `{}`, keyed...).want(201).get("data.id"); again == first {
		t.Error("past its life the key still answers")
	}
}

func TestTheClockAdvancesByDaysAndToDates(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, c := range []struct{ body, now string }{
		{`{"by":"1d12h"}`, "2026-01-03T15:04:05Z"}, {`{"to":"2026-01-04"}`, "2026-01-04T00:00:00Z"}, {`{"to":"2026-01-04"}`, "2026-01-04T00:00:00Z"},
		{`{"to":"2026-01-04T02:00:00.5+01:00"}`, "2026-01-04T01:00:00.5Z"}, {`{"by":"7d"}`, "2026-01-11T01:00:00.5Z"},
	} {
		if got := l.admin("POST /clock/advance", c.body).want(200).get("now"); got != c.now {
			t.Errorf("%s advances to %s, want %s", c.body, got, c.now)
		}
		if got := l.admin("GET /clock", "").get("now"); got != c.now {
			t.Errorf("after %s it is %s, want %s", c.body, got, c.now)
		}
	}
	l.pass(time.Hour)
	l.admin("POST /clock/advance", `{"to":"2026-01-11T02:00:00Z"}`).refused(400, "past")
	if got := l.admin("GET /clock", "").get("now"); got != "2026-01-11T02:00:00.5Z" {
		t.Errorf("a refusal has moved the clock to %s", got)
	}
	l.admin("PUT /clock", `{"now":"2026-02-01","frozen":true}`).want(200)
	if a := l.admin("POST /clock/advance", `{"to":"2026-02-02"}`).want(200); a.get("now") != "2026-02-02T00:00:00Z" || a.get("frozen") != "true" {
		t.Errorf("a frozen clock advances to %s", a.body)
	}
}
