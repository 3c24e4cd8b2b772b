package admin

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/sandbox"
)

// TestATimelineTellsALinkFromItsMakingToItsDelivery walks a link through all
// that can become of it.
func TestATimelineTellsALinkFromItsMakingToItsDelivery(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("POST /webhooks", `{"dialect":"devdraft","url":"http://hook:pw@127.0.0.1:9/","secret":"abc"}`).want(400)
	l.admin("POST /webhooks", `{"dialect":"devdraft","url":"http://127.0.0.1:9/h?token=0123456789abcdef0123456789abcdef","secret":"abc"}`).want(201)
	l.send(devRead, "", devdraft...).want(200)
	l.send(devUpdate, `{"title":"New"}`, devdraft...).want(200)
	l.send(devUpdate, `{"title":7}`, devdraft...).want(400)
	l.send("GET /devdraft/api/v0/payment-links", "", devdraft...).want(200)
	l.admin("POST /links/devdraft/"+devLink+"/fail", "").want(200)
	l.admin("POST /links/devdraft/"+devLink+"/complete", "").want(200)
	l.admin("POST /deliveries/wait", `{"event":"payment_link.paid","timeout":"20s"}`).want(200)
	l.send("GET /__pay/devdraft/"+devLink, "").want(200)
	l.send("POST /__pay/devdraft/"+devLink, "action=cancel", "Content-Type: application/x-www-form-urlencoded")
	body := l.admin("GET /links/devdraft/"+devLink+"/timeline", "").want(200).body
	seen := map[string]gjson.Result{}
	gjson.Get(body, "moments").ForEach(func(_, m gjson.Result) bool {
		seen[m.Get("did").String()] = m
		return true
	})
	for _, did := range []string{"created", "seen", "changed", "refused", "visited", "acted", "told", "delivered"} {
		if !seen[did].Exists() {
			t.Errorf("nothing tells that the link was %s: %s", did, body)
		}
	}
	if m := seen["changed"]; m.Get("n").Int() != 2 || m.Get("fields").String() != `["title"]` || !strings.HasPrefix(m.Get("rule").String(), "mappings/devdraft.yaml:") || m.Get("status").Int() != 200 {
		t.Errorf("it was changed by %s", m)
	}
	if m := seen["delivered"]; m.Get("status").Int() != 200 || strings.Contains(m.Get("url").String(), "0123456789abcdef") {
		t.Errorf("it was delivered as %s", m)
	}
	if gjson.Get(body, "as").Raw != `[{"dialect":"devdraft","id":"`+devLink+`"}]` || gjson.Get(body, "link.title").String() != "New" {
		t.Errorf("the timeline is of %s", body)
	}
	l.admin("GET /links/devdraft/none/timeline", "").refused(404, "GET /__admin/links")
}

// TestATimelineOfASharedLinkTellsHowOthersCallIt reads a link in another dialect.
func TestATimelineOfASharedLinkTellsHowOthersCallIt(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(o *Options, _ *sandbox.Options) { o.Shared = true })
	body := l.admin("GET /links/devdraft/"+devLink+"/timeline", "").want(200).body
	if n := gjson.Get(body, "as.#").Int(); n < 3 {
		t.Errorf("it has %d names: %s", n, body)
	}
}
