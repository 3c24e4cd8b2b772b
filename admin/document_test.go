package admin

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/tidwall/gjson"
)

// TestEveryRouteKeepsItsDocument calls every line of the table once; admin
// holds each answer to the document.
func TestEveryRouteKeepsItsDocument(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.seen = map[string]bool{}
	for _, line := range []string{
		"GET /health", "GET /ready", "GET /version", "GET /openapi.json", "GET /openapi/katu9.json", "GET /dialects", "GET /dialects/devdraft",
		"GET /sandboxes", "GET /links", "GET /links?status=active&dialect=katu9", "GET /links/katu9/497f6eca-6276-4993-bfeb-53cbbbba6f08", "GET /clock",
		"GET /faults", "GET /audit", "GET /requests", "GET /webhooks", "GET /snapshot",
	} {
		l.admin(line, "").want(200)
	}
	l.send(devUpdate, `{"title":"New","amount":99,"metadata":{"n":1.50}}`, devdraft...).want(200)
	l.send(setupLinks, `{}`, kirimdev...).want(201)
	l.send("GET /nowhere", "").want(404)
	l.admin("GET /metrics", "").want(200)
	l.admin("GET /links", "").want(200)
	l.admin("GET /audit", "").want(200)
	l.admin("GET /requests?limit=10&since=0&method=PUT&status=200&dialect=devdraft&operation=link.update&path=*&body=New&unmatched=false", "").want(200)
	l.admin("GET /requests/1", "").want(200)
	l.admin("GET /requests/1/explain", "").want(200)
	l.admin("GET /requests/stream?since=0&limit=1", "").want(200)
	l.admin("GET /requests/1/curl", "").want(200)
	l.admin("GET /requests.har?body.title=New&header.content-type=application/json", "").want(200)
	l.admin("GET /requests/unmatched", "").want(200)
	l.admin("POST /requests/count", `{"operation":"link.update","times":1}`).want(200)
	l.admin("POST /requests/count", `{"operation":"link.update","times":2}`).want(422)
	l.admin("POST /sandboxes", `{"name":"a"}`).want(201)
	l.admin("POST /sandboxes/a/fork", `{"name":"b"}`).want(201)
	l.admin("DELETE /sandboxes/b", "").want(204)
	for _, what := range []string{"fail", "cancel", "complete"} {
		l.admin("POST /links/katu9/497f6eca-6276-4993-bfeb-53cbbbba6f08/"+what, "").want(200)
	}
	l.admin("POST /links/devdraft/"+devLink+"/expire", "").want(200)
	l.admin("PUT /clock", `{"now":"2030-01-01T00:00:00Z","frozen":true}`).want(200)
	l.admin("PUT /clock", `{"now":null}`).want(200)
	l.admin("POST /clock/advance", `{"by":"8760h"}`).want(200)
	id := l.admin("POST /faults", `{"dialect":"katu9","operation":"link.create","times":3,"status":503,"code":"invalid","delay":"1ms","abort":"body"}`).want(201).get("id")
	l.admin("POST /faults", `{"abort":true}`).want(201)
	l.admin("GET /events?dialect=katu9&event=payment_link.created&record=x", "").want(200)
	l.admin("POST /events", `{"dialect":"devdraft","event":"payment_link.paid","id":"`+devLink+`"}`).want(201)
	l.admin("POST /faults", `{"dialect":"katu9","event":"payment_link.created","delivery":"late","delay":"24h"}`).want(201)
	l.admin("GET /deliveries?dialect=katu9&event=a&endpoint=b&record=c&status=failed", "").want(200)
	l.admin("GET /faults", "").want(200)
	hook := l.admin("POST /webhooks", `{"dialect":"katu9","url":"http://localhost/h","secret":"whsec_1","events":["payment_link.created"],"active":false}`).want(201).get("id")
	l.admin("GET /webhooks", "").want(200)
	l.admin("PATCH /webhooks/"+hook, `{"active":true}`).want(200)
	l.admin("POST /scenarios/outage-then-fine", "").want(200)
	l.admin("GET /scenarios", "").want(200)
	l.admin("GET /links/devdraft/"+devLink+"/timeline", "").want(200)
	l.admin("POST /webhooks", `{"dialect":"devdraft","url":"http://localhost/h","secrets":["a","b"]}`).want(201)
	l.admin("POST /events", `{"dialect":"devdraft","event":"payment_link.paid","id":"`+devLink+`"}`).want(201)
	sent := l.admin("POST /deliveries/wait", `{"dialect":"devdraft","event":"payment_link.paid","n":1,"timeout":"20s"}`).want(200).get("deliveries.0.id")
	l.admin("POST /deliveries/"+sent+"/resend", "").want(200)
	snap := l.admin("GET /snapshot", "").want(200).body
	l.admin("PUT /snapshot", snap).want(200)
	l.admin("DELETE /webhooks/"+hook, "").want(204)
	l.admin("DELETE /faults/"+id, "").want(204)
	l.admin("DELETE /faults", "").want(200)
	l.admin("DELETE /scenarios/outage-then-fine", "").want(204)
	l.admin("DELETE /requests", "").want(200)
	l.admin("POST /reset", "").want(200)
	for _, r := range l.api.Operations() {
		op := contract().doc.Paths.Find(prefix + r.Path)
		if op == nil || op.GetOperation(r.Method) == nil {
			t.Errorf("the document does not have %s %s", r.Method, r.Path)
			continue
		}
		if !l.seen[r.Name] {
			t.Errorf("no success of %s %s was held to the document", r.Method, r.Path)
		}
	}
}

func TestTheServedDocumentIsValidAndComplete(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	body := l.admin("GET /openapi.json", "").want(200).body
	doc, err := openapi3.NewLoader().LoadFromData([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if doc.OpenAPI != "3.1.0" {
		t.Errorf("the document is of version %s", doc.OpenAPI)
	}
	operations := 0
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			operations++
			at := method + " " + path
			if op.Summary == "" || op.OperationID == "" || op.Responses.Default() == nil {
				t.Errorf("%s lacks a summary, an id or a default answer", at)
			}
			described := 0
			for _, p := range op.Parameters {
				if p.Value.In == "path" && p.Value.Required && strings.Contains(path, "{"+p.Value.Name+"}") {
					described++
				}
			}
			if described != strings.Count(path, "{") {
				t.Errorf("%s describes %d variables of its path", at, described)
			}
			if body := op.RequestBody; body != nil && body.Value.Content.Get("application/json").Schema.Ref == "" {
				t.Errorf("%s has a body without a schema", at)
			}
		}
	}
	if n := len(l.api.Operations()); n != operations {
		t.Errorf("the document has %d operations and the table %d lines", operations, n)
	}
	if gjson.Get(body, "components.schemas.Link.properties.token").Exists() {
		t.Error("the link's secret is in its schema")
	}
}
