package routes_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/exchanges"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/store"
)

// client is how one of a dialect reads and changes links.
type client struct {
	list, change, one string // paths; one and change end in the id
	rows              string // where a list has its links
	id                *regexp.Regexp
	headers           []string
}

var clients = map[string]client{
	"stripe": {"/stripe/v1/payment_links?limit=100", "POST /stripe/v1/payment_links/", "/stripe/v1/payment_links/", "data",
		regexp.MustCompile(`^plink_[A-Za-z0-9]{24}$`), []string{"Authorization: Bearer sk_test_polylink_main"}},
	"leanrails": {"/leanrails/v1/checkout_links?limit=100", "POST /leanrails/v1/checkout_links/", "/leanrails/v1/checkout_links/", "data",
		regexp.MustCompile(`^cl_[a-z0-9]{12}$`), []string{"Authorization: " + basic("sk_test_main")}},
	"priceblocs": {"/priceblocs/v1/payment-links", "PUT /priceblocs/v1/payment-links/", "/priceblocs/v1/payment-links/", "data",
		regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4`), []string{"Authorization: Bearer PB_sk_test_main"}},
	"devdraft": {"/devdraft/api/v0/payment-links?take=100", "PUT /devdraft/api/v0/payment-links/", "/devdraft/api/v0/payment-links/", "@this",
		regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4`), []string{"x-client-key: your_client_key", "x-client-secret: your_client_secret"}},
}

func sharedServer(t *testing.T) *server {
	t.Helper()
	return newServer(t, func(o *routes.Options) { o.Shared = true })
}

// ids lists what a client sees.
func (c client) ids(t *testing.T, s *server) (ids []string) {
	t.Helper()
	a := do(t, s, asks("GET "+c.list, "", c.headers...)).want(t, 200)
	gjson.Get(a.body, c.rows).ForEach(func(_, v gjson.Result) bool {
		ids = append(ids, v.Get("id").Str)
		return true
	})
	return ids
}

func (c client) get(t *testing.T, s *server, id string) gjson.Result {
	t.Helper()
	return gjson.Parse(do(t, s, asks("GET "+c.one+id, "", c.headers...)).want(t, 200).body)
}

func (c client) put(t *testing.T, s *server, id, body string, headers ...string) {
	t.Helper()
	do(t, s, asks(c.change+id, body, append(slices.Clone(c.headers), headers...)...)).want(t, 200)
}

// fresh is the one id that was not there before.
func fresh(t *testing.T, before, after []string) string {
	t.Helper()
	var found []string
	for _, id := range after {
		if !slices.Contains(before, id) {
			found = append(found, id)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d links are new: %v", len(found), found)
	}
	return found[0]
}

func TestASharedLinkIsReadAndChangedInEveryDialect(t *testing.T) {
	t.Parallel()
	s := sharedServer(t)
	before := map[string][]string{}
	for name, c := range clients {
		before[name] = c.ids(t, s)
	}
	form := "Content-Type: application/x-www-form-urlencoded"
	origin := clients["stripe"]
	made := do(t, s, asks("POST /stripe/v1/payment_links", "line_items[0][price]=price_0PolylinkShirtOneTime00&line_items[0][quantity]=2&"+
		"metadata[order]=17&custom_text[submit][message]=Go&restrictions[completed_sessions][limit]=3&tax_id_collection[enabled]=true",
		append(slices.Clone(origin.headers), form)...)).want(t, 200)
	id := gjson.Get(made.body, "id").Str
	ids := map[string]string{}
	for name, c := range clients {
		ids[name] = fresh(t, before[name], c.ids(t, s))
		if !c.id.MatchString(ids[name]) {
			t.Errorf("%s calls it %s, which is no id of its own", name, ids[name])
		}
		if got := c.get(t, s, ids[name]).Get("id").Str; got != ids[name] {
			t.Errorf("%s: asked for %s, got %s", name, ids[name], got)
		}
	}
	if ids["stripe"] != id {
		t.Errorf("its own dialect calls it %s, and made %s", ids["stripe"], id)
	}
	if got := clients["leanrails"].get(t, s, ids["leanrails"]); got.Get("object").Str != "checkout_link" || got.Get("metadata.order").Str != "17" ||
		got.Get("restrictions.completed_sessions.limit").Int() != 3 || got.Get("currency").Str != "usd" {
		t.Errorf("leanrails shows %s", got.Raw)
	}
	was := origin.get(t, s, id)

	// Each says something of its own, and something that others know.
	clients["leanrails"].put(t, s, ids["leanrails"], `{"inactive_message":"Sold out","active":false}`, "Idempotency-Key: a", "Content-Type: application/json")
	clients["devdraft"].put(t, s, ids["devdraft"], `{"title":"Two shirts","requirePhoneNumber":true,"walletId":"wallet_550e8400-e29b-41d4-a716-446655440000"}`, "Content-Type: application/json")
	clients["priceblocs"].put(t, s, ids["priceblocs"], `{"automatic_tax":{"enabled":true}}`, "Content-Type: application/json")
	now := origin.get(t, s, id)
	want := strings.NewReplacer(`"active":true`, `"active":false`, `"inactive_message":null`, `"inactive_message":"Sold out"`,
		`"phone_number_collection":{"enabled":false}`, `"phone_number_collection":{"enabled":true}`, `"automatic_tax":{"enabled":false`, `"automatic_tax":{"enabled":true`).Replace(was.Raw)
	if diff := cmp.Diff(want, now.Raw); diff != "" {
		t.Errorf("back in its own dialect (-want +got)\n%s", diff)
	}
	if got := clients["leanrails"].get(t, s, ids["leanrails"]); got.Get("title").Str != "Two shirts" {
		t.Errorf("leanrails shows %s", got.Raw)
	}
	origin.put(t, s, id, "active=true", form)
	got := clients["devdraft"].get(t, s, ids["devdraft"])
	if got.Get("status").Str != "ACTIVE" || got.Get("walletId").Str != "wallet_550e8400-e29b-41d4-a716-446655440000" || got.Get("title").Str != "Two shirts" {
		t.Errorf("devdraft shows %s", got.Raw)
	}
}

// TestALinkMadeElsewhereIsChangedInAnother goes the other way:
// what the origin said and the other has no word for is still there.
func TestALinkMadeElsewhereIsChangedInAnother(t *testing.T) {
	t.Parallel()
	s := sharedServer(t)
	origin, other := clients["leanrails"], clients["stripe"]
	before := other.ids(t, s)
	head := append(slices.Clone(origin.headers), "Idempotency-Key: made", "Content-Type: application/json")
	made := do(t, s, asks("POST /leanrails/v1/checkout_links", `{"title":"Made elsewhere","submit_type":"book","metadata":{"a":"1","keep":"x"},`+
		`"line_items":[{"price":"price_3fg6hj9km1np","quantity":2}],"inactive_message":"Bye"}`, head...)).want(t, 200)
	was, id := gjson.Parse(made.body), fresh(t, before, other.ids(t, s))
	if got := other.get(t, s, id); got.Get("submit_type").Str != "book" || got.Get("metadata.keep").Str != "x" || got.Get("phone_number_collection.enabled").Raw != "false" {
		t.Errorf("there it is %s", got.Raw)
	}
	other.put(t, s, id, "active=false&metadata[a]=&metadata[b]=2", "Content-Type: application/x-www-form-urlencoded")
	want := strings.NewReplacer(`"active":true`, `"active":false`, `{"a":"1","keep":"x"}`, `{"keep":"x","b":"2"}`).Replace(was.Raw)
	if diff := cmp.Diff(want, origin.get(t, s, was.Get("id").Str).Raw); diff != "" {
		t.Errorf("back in its own dialect (-want +got)\n%s", diff)
	}
	for _, id := range clients["priceblocs"].ids(t, s) {
		if url := clients["priceblocs"].get(t, s, id).Get("url").Str; strings.HasSuffix(url, "/") {
			t.Errorf("priceblocs gives %s the address %s", id, url)
		}
	}
}

func TestLinksOfTheFixturesAreSharedTheOtherWay(t *testing.T) {
	t.Parallel()
	s := sharedServer(t)
	for name, c := range clients {
		list := c.ids(t, s)
		seen := map[string]bool{}
		for _, id := range list {
			if !c.id.MatchString(id) && !strings.HasPrefix(id, "0000") && !strings.HasPrefix(id, "550e") && !strings.HasPrefix(id, "plink_0") && !strings.HasPrefix(id, "cl_") {
				t.Errorf("%s lists %s", name, id)
			}
			if seen[id] {
				t.Errorf("%s lists %s twice", name, id)
			}
			seen[id] = true
			c.get(t, s, id)
		}
		if len(list) < 6 {
			t.Errorf("%s lists %d links", name, len(list))
		}
	}
	own := newServer(t)
	for name, c := range clients {
		if n := len(c.ids(t, own)); n > 4 {
			t.Errorf("%s lists %d links although they are not shared", name, n)
		}
	}
}

func TestSharedLinksArePagedWithoutAGap(t *testing.T) {
	t.Parallel()
	s := sharedServer(t)
	c := clients["stripe"]
	all, got, after := c.ids(t, s), []string(nil), ""
	for len(got) <= len(all) {
		a := do(t, s, asks("GET /stripe/v1/payment_links?limit=2"+after, "", c.headers...)).want(t, 200)
		gjson.Get(a.body, "data.#.id").ForEach(func(_, v gjson.Result) bool {
			got = append(got, v.Str)
			return true
		})
		if !gjson.Get(a.body, "has_more").Bool() {
			break
		}
		after = "&starting_after=" + got[len(got)-1]
	}
	if diff := cmp.Diff(all, got); diff != "" {
		t.Errorf("in one page and in many (-one +many)\n%s", diff)
	}
}

// others are the credentials of another account than the main one.
var others = map[string][]string{
	"stripe":     {"Authorization: Bearer sk_test_polylink_other"},
	"leanrails":  {"Authorization: " + basic("sk_test_other")},
	"priceblocs": {"Authorization: Bearer PB_sk_test_other"},
	"devdraft":   {"x-client-key: other_client_key", "x-client-secret: other_client_secret"},
}

func openServer(t *testing.T) *server {
	t.Helper()
	return newServer(t, func(o *routes.Options) { o.Shared, o.NoWalls = true, true })
}

func TestSharedLinksKeepTheDocumentsOfEachDialect(t *testing.T) {
	t.Parallel()
	s := openServer(t) // in which there are the most
	form := append(slices.Clone(clients["stripe"].headers), "Content-Type: application/x-www-form-urlencoded")
	for _, id := range clients["stripe"].ids(t, s) { // what not all have words for
		do(t, s, asks("POST /stripe/v1/payment_links/"+id, "custom_fields[0][key]=a&custom_fields[0][label][custom]=A&custom_fields[0][label][type]=custom&"+
			"custom_fields[0][type]=text&metadata[a]=b&inactive_message=x", form...)).want(t, 200)
	}
	for name, c := range clients {
		for _, id := range c.ids(t, s) {
			a := do(t, s, asks("GET "+c.one+id, "", c.headers...)).want(t, 200)
			r := &exchanges.Reply{Request: httptest.NewRequest("GET", c.one+id, nil), Status: a.status, Header: http.Header(a.header), Body: []byte(a.body)}
			if v, err := contracts()[name].check(r); err != nil || !v.response {
				t.Errorf("%s %s: %v\n%s", name, id, err, a.body)
			}
		}
	}
}

func TestAccountsAreWallsAmongSharedLinks(t *testing.T) {
	t.Parallel()
	s, own, open := sharedServer(t), newServer(t), openServer(t)
	body := map[string]string{"stripe": "active=false", "leanrails": `{"active":false}`, "priceblocs": `{"title":"Mine"}`, "devdraft": `{"title":"Mine"}`}
	for name, c := range clients {
		stranger := c
		stranger.headers = others[name]
		if diff := cmp.Diff(stranger.ids(t, own), stranger.ids(t, s)); diff != "" {
			t.Errorf("%s: another account sees more than its own (-own +shared)\n%s", name, diff)
		}
		main, all := c.ids(t, s), c.ids(t, open)
		if len(main) >= len(all) || len(main) <= len(c.ids(t, own)) {
			t.Errorf("%s: %d links within walls, %d without", name, len(main), len(all))
		}
		kind := "Content-Type: application/json"
		if name == "stripe" {
			kind = "Content-Type: application/x-www-form-urlencoded"
		}
		change := func(s *server, id string, headers []string) answer {
			head := append(slices.Clone(headers), kind)
			if name == "leanrails" {
				head = append(head, "Idempotency-Key: "+id)
			}
			return do(t, s, asks(c.change+id, body[name], head...))
		}
		for _, id := range all {
			a := do(t, s, asks("GET "+c.one+id, "", c.headers...))
			if b := change(s, id, c.headers); slices.Contains(main, id) != (a.status == 200) || a.status == 200 != (b.status == 200) {
				t.Errorf("%s: %s is listed: %v, read: %d, changed: %d %s", name, id, slices.Contains(main, id), a.status, b.status, b.body)
			}
			if b := change(open, id, stranger.headers); b.status == 403 || b.status == 404 { // what it refers to may be unknown there
				t.Errorf("%s: without walls, another account changes %s: %d %s", name, id, b.status, b.body)
			}
		}
		for _, id := range main {
			if a := change(s, id, stranger.headers); a.status < 400 {
				t.Errorf("%s: another account changes %s: %d", name, id, a.status)
			}
		}
	}
}

// TestWhatIsShownByDefaultIsNotSaid changes a link in a dialect that shows more
// of it than its origin ever said.
func TestWhatIsShownByDefaultIsNotSaid(t *testing.T) {
	t.Parallel()
	s := sharedServer(t)
	origin, other := clients["devdraft"], clients["leanrails"]
	before := other.ids(t, s)
	made := do(t, s, asks("POST /devdraft/api/v0/payment-links", `{"title":"Tea for two","url":"tea-for-two","linkType":"DONATION","currency":"usdc"}`,
		append(slices.Clone(origin.headers), "Content-Type: application/json")...)).want(t, 201)
	was, id := gjson.Parse(made.body), fresh(t, before, other.ids(t, s))
	if got := other.get(t, s, id); got.Get("livemode").Raw != "false" {
		t.Errorf("there it is %s", got.Raw)
	}
	other.put(t, s, id, `{"metadata":{"a":"1"}}`, "Idempotency-Key: a", "Content-Type: application/json")
	if diff := cmp.Diff(was.Raw, origin.get(t, s, was.Get("id").Str).Raw); diff != "" {
		t.Errorf("back in its own dialect (-want +got)\n%s", diff)
	}
	sb, err := s.Sandboxes().Get(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	entries := sb.DB.Read(t.Context()).Scan(record.Audits.Kind, record.Audits.Kind, store.Page{})
	for _, row := range entries {
		if doc := gjson.ParseBytes(document.Of(row.Record, false)); strings.Contains(doc.Get("before").Raw+doc.Get("after").Raw, `livemode`) {
			t.Errorf("the audit trail says %s", doc.Raw)
		}
	}
	if len(entries) == 0 {
		t.Error("the audit trail is empty")
	}
	live := clients["stripe"]
	live.headers = []string{"Authorization: Bearer sk_live_polylink_main"}
	for _, id := range live.ids(t, s) {
		if got := live.get(t, s, id); got.Get("livemode").Raw != "true" {
			t.Errorf("a live key sees %s", got.Raw)
		}
	}
	if got := s.log.String(); strings.Contains(got, "level=ERROR") {
		t.Error(got)
	}
}
