package admin

import (
	"testing"

	"github.com/tidwall/gjson"
)

// TestEventsAreListedAndFired makes an event by a change and one without.
func TestEventsAreListedAndFired(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("POST /links/devdraft/"+devLink+"/complete", "").want(200)
	fired := l.admin("POST /events", `{"dialect":"devdraft","event":"payment_link.expired","id":"`+devLink+`"}`).want(201)
	if fired.get("triggered") != "true" || fired.get("event") != "payment_link.expired" || fired.get("record") != devLink {
		t.Errorf("fired %s", fired.body)
	}
	list := gjson.Get(l.admin("GET /events", "").want(200).body, "events.#.event").String()
	if list != `["payment_link.expired","payment.completed","payment_link.paid"]` {
		t.Errorf("the events are %s", list)
	}
	for query, want := range map[string]string{"event=payment_link.paid": "1", "event=link.completed": "2", "record=nobody": "0", "dialect=katu9": "0"} {
		if got := gjson.Get(l.admin("GET /events?"+query, "").want(200).body, "events.#").String(); got != want {
			t.Errorf("%s: %s events, want %s", query, got, want)
		}
	}
	l.admin("GET /events?dialect=nobody", "").want(400)
	if got := l.admin("GET /links/devdraft/"+devLink, "").get("status"); got != "active" {
		t.Errorf("an event that was fired made the link %s", got)
	}
}

func TestEventsThatCannotBeFired(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for name, c := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"nothing":         {`{}`, 400, "dialect, event and id are needed"},
		"no such dialect": {`{"dialect":"nobody","event":"a","id":"b"}`, 400, "nobody"},
		"no such event":   {`{"dialect":"devdraft","event":"payment_link.updated","id":"` + devLink + `"}`, 400, "payment_link.created"},
		"no events":       {`{"dialect":"priceblocs","event":"a","id":"b"}`, 400, "tells of nothing"},
		"no such record":  {`{"dialect":"devdraft","event":"payment_link.paid","id":"nobody"}`, 404, "there is no payment link"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.admin("POST /events", c.body).refused(c.status, c.says)
		})
	}
}
