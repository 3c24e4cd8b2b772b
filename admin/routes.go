package admin

import (
	"net/http"
	"slices"
)

// table is what the API does: everything that serves or describes it is made
// of this.
func (a *API) table() []Operation {
	return slices.Concat(a.programTable(), a.sandboxTable(), a.linkTable(), a.requestTable(), a.worldTable())
}

// programTable is about the whole program.
func (a *API) programTable() []Operation {
	return []Operation{
		typed(Operation{Name: "health.get", Method: "GET", Path: "/health", Does: "liveness; needs no token", Global: true, Open: true}, a.Health),
		typed(Operation{Name: "readiness.get", Method: "GET", Path: "/ready", Does: "readiness: there are dialects to answer in; needs no token", Refusals: []int{503}, Global: true, Open: true}, a.Ready),
		typed(Operation{Name: "version.get", Method: "GET", Path: "/version", Does: "version of the program", Global: true}, a.Version),
		typed(Operation{Name: "metrics.get", Method: "GET", Path: "/metrics", Does: "Prometheus metrics as text", Mime: "text/plain", Refusals: []int{404}, Global: true}, a.Metrics),
		typed(Operation{Name: "openapi.get", Method: "GET", Path: "/openapi.json", Does: "this API as OpenAPI 3.1", Global: true}, a.OwnOpenAPI),
		typed(Operation{Name: "dialect.openapi", Method: "GET", Path: "/openapi/{file}", Does: "a dialect as OpenAPI 3.1; file is its name with .json behind it", Refusals: []int{404}, Global: true}, a.OpenAPI),
		typed(Operation{Name: "dialect.list", Method: "GET", Path: "/dialects", Does: "the dialects that are served", Global: true}, a.Dialects),
		typed(Operation{Name: "dialect.get", Method: "GET", Path: "/dialects/{dialect}", Does: "operations, choices, credentials and samples of a dialect", Refusals: []int{404}, Global: true}, a.Dialect),
	}
}

// sandboxTable makes, replaces and drops sandboxes.
func (a *API) sandboxTable() []Operation {
	restore := typed(Operation{Name: "snapshot.restore", Method: "PUT", Path: "/snapshot", Does: "replace the sandbox by a snapshot; its journal starts anew", Example: snapshotExample}, a.RestoreSnapshot)
	restore.most, restore.read = a.o.MaxBody, a.readSnapshot
	return []Operation{
		typed(Operation{Name: "sandbox.reset", Method: "POST", Path: "/reset", Does: "the sandbox back to its fixtures, with a fresh clock and journal and without faults; scenarios are idle"}, a.ResetSandbox),
		typed(Operation{Name: "sandbox.list", Method: "GET", Path: "/sandboxes", Does: "the sandboxes", Global: true}, a.Sandboxes),
		typed(Operation{Name: "sandbox.create", Method: "POST", Path: "/sandboxes", Does: "make a sandbox, from the fixtures or as a fork", Example: sandboxExample, Status: http.StatusCreated, Refusals: []int{404, 409}, Global: true}, a.CreateSandbox),
		typed(Operation{Name: "sandbox.delete", Method: "DELETE", Path: "/sandboxes/{name}", Does: "drop a sandbox; the default one is reset", Refusals: []int{404}, Global: true}, a.DeleteSandbox),
		typed(Operation{Name: "sandbox.fork", Method: "POST", Path: "/sandboxes/{from}/fork", Does: "fork a sandbox: rows, clock and limits, without journal, faults and running scenarios", Example: forkExample, Status: http.StatusCreated, Refusals: []int{404, 409}, Global: true}, a.ForkSandbox),
		typed(Operation{Name: "snapshot.get", Method: "GET", Path: "/snapshot", Does: "the sandbox as one JSON document, secrets included and its journal not"}, a.Snapshot),
		restore,
	}
}

// linkTable shows and moves links.
func (a *API) linkTable() []Operation {
	return []Operation{
		typed(Operation{Name: "link.list", Method: "GET", Path: "/links", Does: "canonical links as they are now"}, a.Links),
		typed(Operation{Name: "link.get", Method: "GET", Path: "/links/{dialect}/{id}", Does: "one canonical link as it is now", Refusals: []int{404}}, a.Link),
		typed(Operation{Name: "link.timeline", Method: "GET", Path: "/links/{dialect}/{id}/timeline", Does: "what became of a link: created by, seen as, changed by, paid on its page, delivered to", Refusals: []int{404}}, a.LinkTimeline),
		typed(Operation{Name: "link.complete", Method: "POST", Path: "/links/{dialect}/{id}/complete", Does: "what paying on the hosted page does", Example: passageExample, Optional: true, Refusals: []int{404, 409}}, a.CompleteLink),
		typed(Operation{Name: "link.fail", Method: "POST", Path: "/links/{dialect}/{id}/fail", Does: "what a failed payment does: the link stays as it is", Example: passageExample, Optional: true, Refusals: []int{404, 409}}, a.FailLink),
		typed(Operation{Name: "link.cancel", Method: "POST", Path: "/links/{dialect}/{id}/cancel", Does: "what cancelling on the hosted page does: the link stays as it is", Example: passageExample, Optional: true, Refusals: []int{404, 409}}, a.CancelLink),
		typed(Operation{Name: "link.expire", Method: "POST", Path: "/links/{dialect}/{id}/expire", Does: "let the time of the link come now", Example: passageExample, Optional: true, Refusals: []int{404, 409}}, a.ExpireLink),
	}
}

// requestTable is the journal.
func (a *API) requestTable() []Operation {
	return []Operation{
		typed(Operation{Name: "request.list", Method: "GET", Path: "/requests", Does: "the journal"}, a.Requests),
		typed(Operation{Name: "request.clear", Method: "DELETE", Path: "/requests", Does: "clear the journal"}, a.ClearRequests),
		typed(Operation{Name: "request.stream", Method: "GET", Path: "/requests/stream", Does: "requests as they come, as server-sent events", Mime: "text/event-stream", Refusals: []int{503}}, a.StreamRequests),
		typed(Operation{Name: "request.unmatched", Method: "GET", Path: "/requests/unmatched", Does: "requests that no operation matched"}, a.UnmatchedRequests),
		typed(Operation{Name: "request.count", Method: "POST", Path: "/requests/count", Does: "count requests and, with times, atLeast or atMost, verify their number", Example: countExample, Refusals: []int{422}}, a.CountRequests),
		typed(Operation{Name: "request.har", Method: "GET", Path: "/requests.har", Does: "the journal as an HTTP Archive 1.2, oldest first, without secrets"}, a.RequestsHAR),
		typed(Operation{Name: "request.curl", Method: "GET", Path: "/requests/{n}/curl", Does: "one entry of the journal as a curl line; $KEY stands for the credential", Mime: "text/plain", Refusals: []int{404}}, a.RequestCurl),
		typed(Operation{Name: "request.get", Method: "GET", Path: "/requests/{n}", Does: "one entry of the journal, by the number that X-Polylink-Request has", Refusals: []int{404}}, a.Request),
		typed(Operation{Name: "request.explain", Method: "GET", Path: "/requests/{n}/explain", Does: "why a request was answered as it was: the line of the mapping file that decided", Refusals: []int{404}}, a.ExplainRequest),
	}
}

// worldTable is what else there is in a sandbox.
func (a *API) worldTable() []Operation {
	return []Operation{
		typed(Operation{Name: "clock.get", Method: "GET", Path: "/clock", Does: "the sandbox's clock"}, a.Clock),
		typed(Operation{Name: "clock.set", Method: "PUT", Path: "/clock", Does: "set, freeze or free the clock", Example: clockExample}, a.SetClock),
		typed(Operation{Name: "clock.advance", Method: "POST", Path: "/clock/advance", Does: "advance the clock and tell what falls due, in order", Example: advanceExample}, a.AdvanceClock),

		typed(Operation{Name: "fault.list", Method: "GET", Path: "/faults", Does: "the faults, spent ones too"}, a.Faults),
		typed(Operation{Name: "fault.create", Method: "POST", Path: "/faults", Does: "inject a fault", Example: faultExample, Status: http.StatusCreated, Refusals: []int{409}}, a.CreateFault),
		typed(Operation{Name: "fault.clear", Method: "DELETE", Path: "/faults", Does: "delete all faults"}, a.ClearFaults),
		typed(Operation{Name: "fault.delete", Method: "DELETE", Path: "/faults/{id}", Does: "delete a fault", Refusals: []int{404}}, a.DeleteFault),

		typed(Operation{Name: "event.list", Method: "GET", Path: "/events", Does: "what the dialects have told of"}, a.Events),
		typed(Operation{Name: "event.create", Method: "POST", Path: "/events", Does: "fire an event that the dialect documents for a record, although nothing happens to it", Example: eventExample, Status: http.StatusCreated, Refusals: []int{404}}, a.TriggerEvent),

		typed(Operation{Name: "scenario.list", Method: "GET", Path: "/scenarios", Does: "the scenarios, and the step at which each stands"}, a.Scenarios),
		typed(Operation{Name: "scenario.start", Method: "POST", Path: "/scenarios/{name}", Does: "start a scenario at its first step, also when it runs already", Refusals: []int{404}}, a.StartScenario),
		typed(Operation{Name: "scenario.stop", Method: "DELETE", Path: "/scenarios/{name}", Does: "make a scenario idle", Refusals: []int{404}}, a.StopScenario),

		typed(Operation{Name: "delivery.list", Method: "GET", Path: "/deliveries", Does: "the log of deliveries, with every attempt"}, a.Deliveries),
		typed(Operation{Name: "delivery.resend", Method: "POST", Path: "/deliveries/{id}/resend", Does: "send a delivery again, at once and as it should be", Refusals: []int{404}}, a.ResendDelivery),
		typed(Operation{Name: "delivery.wait", Method: "POST", Path: "/deliveries/wait", Does: "block until so many deliveries have arrived", Example: waitExample, Refusals: []int{408}}, a.AwaitDeliveries),

		typed(Operation{Name: "webhook.list", Method: "GET", Path: "/webhooks", Does: "webhook endpoints that were registered here"}, a.Webhooks),
		typed(Operation{Name: "webhook.create", Method: "POST", Path: "/webhooks", Does: "register a webhook endpoint for a dialect's whole sandbox, in every mode and environment", Example: webhookExample, Status: http.StatusCreated, Refusals: []int{409}}, a.CreateWebhook),
		typed(Operation{Name: "webhook.update", Method: "PATCH", Path: "/webhooks/{id}", Does: "change a webhook endpoint", Example: webhookChangeExample, Refusals: []int{404}}, a.UpdateWebhook),
		typed(Operation{Name: "webhook.delete", Method: "DELETE", Path: "/webhooks/{id}", Does: "forget a webhook endpoint", Refusals: []int{404}}, a.DeleteWebhook),

		typed(Operation{Name: "audit.list", Method: "GET", Path: "/audit", Does: "who changed what, where a dialect keeps an audit trail"}, a.Audit),
	}
}
