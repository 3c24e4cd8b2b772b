package admin

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
)

// routes is the table of the API. Its own OpenAPI document is made of it.
func (a *API) routes() []route {
	return slices.Concat(programRoutes(), sandboxRoutes(), linkRoutes(), requestRoutes(), worldRoutes())
}

// programRoutes are about the whole program.
func programRoutes() []route {
	return []route{
		{method: "GET", path: "/health", does: "liveness; needs no token", do: health, answer: healthAnswer{}, global: true},
		{method: "GET", path: "/ready", does: "readiness: there are dialects to answer in; needs no token", do: ready, answer: readyAnswer{}, no: []int{503}, global: true},
		{method: "GET", path: "/version", does: "version of the program", do: version, answer: versionAnswer{}, global: true},
		{method: "GET", path: "/metrics", does: "Prometheus metrics as text", do: metrics, answer: "", mime: "text/plain", no: []int{404}, global: true},
		{method: "GET", path: "/openapi.json", does: "this API as OpenAPI 3.1", do: ownDocument, answer: json.RawMessage{}, global: true},
		{method: "GET", path: "/openapi/{file}", does: "a dialect as OpenAPI 3.1; file is its name with .json behind it", do: dialectDocument, answer: json.RawMessage{}, no: []int{404}, global: true},
		{method: "GET", path: "/dialects", does: "the dialects that are served", do: dialects, answer: dialectsAnswer{}, global: true},
		{method: "GET", path: "/dialects/{dialect}", does: "operations, choices, credentials and samples of a dialect", do: oneDialect, answer: shownDialect{}, no: []int{404}, global: true},
	}
}

// sandboxRoutes make, replace and drop sandboxes.
func sandboxRoutes() []route {
	return []route{
		{method: "POST", path: "/reset", does: "the sandbox back to its fixtures, with a fresh clock and journal and without faults", do: reset, answer: shownSandbox{}},
		{method: "GET", path: "/sandboxes", does: "the sandboxes", do: sandboxes, answer: sandboxesAnswer{}, global: true},
		{method: "POST", path: "/sandboxes", does: "make a sandbox, from the fixtures or as a fork", do: makeSandbox, in: newSandbox{}, answer: shownSandbox{}, status: http.StatusCreated, no: []int{404, 409}, global: true},
		{method: "DELETE", path: "/sandboxes/{name}", does: "drop a sandbox; the default one is reset", do: dropSandbox, no: []int{404}, global: true},
		{method: "POST", path: "/sandboxes/{name}/fork", does: "fork a sandbox: rows, clock and limits, without journal and faults", do: forkSandbox, in: newFork{}, answer: shownSandbox{}, status: http.StatusCreated, no: []int{404, 409}, global: true},
		{method: "GET", path: "/snapshot", does: "the sandbox as one JSON document, secrets included and its journal not", do: exportSnapshot, answer: snapshot{}},
		{method: "PUT", path: "/snapshot", does: "replace the sandbox by a snapshot; its journal starts anew", do: importSnapshot, in: snapshot{}, answer: shownSandbox{}},
	}
}

// linkRoutes show and move links.
func linkRoutes() []route {
	status, _ := record.Links.Slot("status")
	filters := []param{
		{name: "dialect", does: "links made in it", of: ""},
		{name: "status", does: "links in this state, as they are now", of: "", oneOf: record.Links.Slots[status].Values},
	}
	acted := func(what, does string) route {
		return route{method: "POST", path: "/links/{dialect}/{id}/" + what, does: does, do: act(what), answer: canonical{}, no: []int{404, 409}}
	}
	return []route{
		{method: "GET", path: "/links", does: "canonical links as they are now", do: links, query: filters, answer: linksAnswer{}},
		{method: "GET", path: "/links/{dialect}/{id}", does: "one canonical link as it is now", do: oneLink, answer: canonical{}, no: []int{404}},
		acted("complete", "what paying on the hosted page does"),
		acted("fail", "what a failed payment does: the link stays as it is"),
		acted("cancel", "what cancelling on the hosted page does: the link stays as it is"),
		acted("expire", "let the time of the link come now"),
	}
}

// requestRoutes are the journal.
func requestRoutes() []route {
	filters := []param{
		{name: "dialect", does: "requests in it", of: ""}, {name: "operation", does: "such as link.update", of: ""},
		{name: "method", does: "of HTTP", of: ""}, {name: "status", does: "of the answer", of: 0},
		{name: "path", does: "as the client wrote it or without polylink's prefixes, with * for any characters", of: ""},
		{name: "body", does: "text that the request's body contains", of: ""},
		{name: "unmatched", does: "only what no operation matched", of: false},
		{name: "since", does: "only entries with a larger number", of: 0}, {name: "limit", does: "at most so many, the newest", of: 0},
	}
	return []route{
		{method: "GET", path: "/requests", does: "the journal", do: requests, query: filters, answer: requestsAnswer{}},
		{method: "DELETE", path: "/requests", does: "clear the journal", do: clearRequests, answer: clearedAnswer{}},
		{method: "GET", path: "/requests/unmatched", does: "requests that no operation matched", do: unmatchedRequests, answer: requestsAnswer{}},
		{method: "POST", path: "/requests/count", does: "count requests and, with times, atLeast or atMost, verify their number", do: countRequests, in: count{}, answer: countAnswer{}, no: []int{422}},
		{method: "GET", path: "/requests/{n}", does: "one entry of the journal, by the number that X-Polylink-Request has", do: oneRequest, answer: journal.Shown{}, no: []int{404}},
	}
}

// worldRoutes are what else there is in a sandbox.
func worldRoutes() []route {
	return []route{
		{method: "GET", path: "/clock", does: "the sandbox's clock", do: showClock, answer: shownClock{}},
		{method: "PUT", path: "/clock", does: "set, freeze or free the clock", do: setClock, in: clockChange{}, answer: shownClock{}},
		{method: "POST", path: "/clock/advance", does: "advance the clock and tell what falls due, in order", do: advanceClock, in: advance{}, answer: advanceAnswer{}},

		{method: "GET", path: "/faults", does: "the faults, spent ones too", do: listFaults, answer: faultsAnswer{}},
		{method: "POST", path: "/faults", does: "inject a fault", do: addFault, in: newFault{}, answer: shownFault{}, status: http.StatusCreated, no: []int{409}},
		{method: "DELETE", path: "/faults", does: "delete all faults", do: clearFaults, answer: clearedAnswer{}},
		{method: "DELETE", path: "/faults/{id}", does: "delete a fault", do: deleteFault, no: []int{404}},

		{method: "GET", path: "/webhooks", does: "webhook endpoints that were registered here; events are not delivered yet", do: webhooks, answer: webhooksAnswer{}},
		{method: "POST", path: "/webhooks", does: "register a webhook endpoint for a dialect's whole sandbox; events are not delivered yet", do: addWebhook, in: newWebhook{}, answer: shownWebhook{}, status: http.StatusCreated, no: []int{409}},
		{method: "PATCH", path: "/webhooks/{id}", does: "change a webhook endpoint", do: changeWebhook, in: webhookChange{}, answer: shownWebhook{}, no: []int{404}},
		{method: "DELETE", path: "/webhooks/{id}", does: "forget a webhook endpoint", do: deleteWebhook, no: []int{404}},

		{method: "GET", path: "/audit", does: "who changed what, where a dialect keeps an audit trail", do: audit, answer: auditAnswer{}},
	}
}
