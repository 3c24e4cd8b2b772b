// Package sdk does with payment links what a user of stripe-go does, against
// polylink. The address comes in POLYLINK_ADDR (host:port), and without it the
// SDK calls its own host, so that only the environment can lead it here; each step prints
// one line, and the first thing that is not as with Stripe ends it.
package sdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"testing"

	"github.com/stripe/stripe-go/v84"
	"github.com/stripe/stripe-go/v84/webhook"
)

var ctx = context.Background()

const shirt = "price_0PolylinkShirtOneTime00"

func client(key string, retries int64) *stripe.Client {
	config := &stripe.BackendConfig{
		MaxNetworkRetries: stripe.Int64(retries),
		EnableTelemetry:   stripe.Bool(false), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull},
	}
	if addr := os.Getenv("POLYLINK_ADDR"); addr != "" {
		config.URL = stripe.String("http://" + addr)
	}
	return stripe.NewClient(key, stripe.WithBackends(stripe.NewBackendsWithConfig(config)))
}

func ok(step string) { fmt.Println("ok " + step) }

func must[T any](v T, err error) T {
	if err != nil {
		fail("%v", err)
	}
	return v
}

func want(what string, holds bool) {
	if !holds {
		fail("it does not hold that %s", what)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

// fails wants the SDK's own error.
func fails(err error, status int, kind stripe.ErrorType, code stripe.ErrorCode, param string) *stripe.Error {
	e, is := errors.AsType[*stripe.Error](err)
	if !is {
		fail("%v is no *stripe.Error", err)
	}
	if e.HTTPStatusCode != status || e.Type != kind || e.Code != code || e.Param != param || e.RequestID == "" {
		fail("want %d %s %q %q, got %v", status, kind, code, param, e)
	}
	return e
}

// all reads a list to its end.
func all[T any](seq func(yield func(T, error) bool)) (out []T) {
	for v, err := range seq {
		out = append(out, must(v, err))
	}
	return out
}

func item(price string, quantity int64) *stripe.PaymentLinkCreateParams {
	return &stripe.PaymentLinkCreateParams{LineItems: []*stripe.PaymentLinkCreateLineItemParams{{Price: &price, Quantity: &quantity}}}
}

func TestPaymentLinks(*testing.T) {
	c := client("sk_test_polylink_main", 0)
	link := create(c)
	update(c, link)
	list(c, link)
	mistakes(c, link)
	idempotency(c)
	webhooks(c, link)
}

// webhooks has what arrives accepted by the SDK's own verifier, as it stands.
func webhooks(c *stripe.Client, link *stripe.PaymentLink) {
	type request struct {
		body      []byte
		signature string
	}
	arrived := make(chan request, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- request{must(io.ReadAll(r.Body)), r.Header.Get("Stripe-Signature")}
	}))
	defer receiver.Close()
	endpoint := must(c.V1WebhookEndpoints.Create(ctx, &stripe.WebhookEndpointCreateParams{URL: &receiver.URL, EnabledEvents: stripe.StringSlice([]string{"payment_link.updated"})}))
	params := &stripe.PaymentLinkUpdateParams{}
	params.AddMetadata("told", "yes")
	must(c.V1PaymentLinks.Update(ctx, link.ID, params))
	got := <-arrived
	event := must(webhook.ConstructEvent(got.body, got.signature, endpoint.Secret))
	want("it tells of the update", event.Type == stripe.EventTypePaymentLinkUpdated && event.GetObjectValue("id") == link.ID && event.GetObjectValue("metadata", "told") == "yes")
	_, err := webhook.ConstructEvent(got.body, got.signature, "whsec_other")
	want("another secret is refused", errors.Is(err, webhook.ErrNoValidSignature))
	want("it is deleted", must(c.V1WebhookEndpoints.Delete(ctx, endpoint.ID, nil)).Deleted)
	ok("webhook: ConstructEvent accepts it")
}

func create(c *stripe.Client) *stripe.PaymentLink {
	product := must(c.V1Products.Create(ctx, &stripe.ProductCreateParams{Name: stripe.String("Mug")}))
	price := must(c.V1Prices.Create(ctx, &stripe.PriceCreateParams{Product: &product.ID, Currency: stripe.String("eur"), UnitAmount: stripe.Int64(1250)}))
	params := item(price.ID, 2)
	params.AfterCompletion = &stripe.PaymentLinkCreateAfterCompletionParams{Type: stripe.String("redirect"),
		Redirect: &stripe.PaymentLinkCreateAfterCompletionRedirectParams{URL: stripe.String("https://example.com/thanks")}}
	params.Restrictions = &stripe.PaymentLinkCreateRestrictionsParams{
		CompletedSessions: &stripe.PaymentLinkCreateRestrictionsCompletedSessionsParams{Limit: stripe.Int64(7)}}
	params.AddMetadata("order", "17")
	params.AddMetadata("gone", "soon")
	params.AddExpand("line_items.data.price.product")
	link := must(c.V1PaymentLinks.Create(ctx, params))
	want("it is active, in euros", link.Active && link.Currency == stripe.CurrencyEUR && !link.Livemode)
	want("it redirects", link.AfterCompletion.Redirect.URL == "https://example.com/thanks")
	want("it is limited", link.Restrictions.CompletedSessions.Limit == 7 && link.Restrictions.CompletedSessions.Count == 0)
	want("its product is expanded", link.LineItems.Data[0].Price.Product.Name == "Mug" && link.LineItems.Data[0].AmountTotal == 2500)
	want("it has a request id", link.LastResponse.RequestID != "" && link.LastResponse.Header.Get("Stripe-Version") == stripe.APIVersion)
	ok("create")

	inline := must(c.V1PaymentLinks.Create(ctx, &stripe.PaymentLinkCreateParams{LineItems: []*stripe.PaymentLinkCreateLineItemParams{{
		Quantity: stripe.Int64(1), PriceData: &stripe.PaymentLinkCreateLineItemPriceDataParams{Currency: stripe.String("usd"), UnitAmount: stripe.Int64(900),
			Recurring:   &stripe.PaymentLinkCreateLineItemPriceDataRecurringParams{Interval: stripe.String("month")},
			ProductData: &stripe.PaymentLinkCreateLineItemPriceDataProductDataParams{Name: stripe.String("Club")}}}},
		Expand: stripe.StringSlice([]string{"line_items"})}))
	made := must(c.V1Prices.Retrieve(ctx, inline.LineItems.Data[0].Price.ID, nil))
	want("the inline price is there", !made.Active && made.Recurring.Interval == stripe.PriceRecurringIntervalMonth && made.UnitAmount == 900)
	ok("create with an inline price")

	got := must(c.V1PaymentLinks.Retrieve(ctx, link.ID, nil))
	want("it is the same", got.ID == link.ID && got.LineItems == nil && got.Metadata["gone"] == "soon" && got.URL == link.URL)
	ok("get")
	return link
}

func update(c *stripe.Client, link *stripe.PaymentLink) {
	params := &stripe.PaymentLinkUpdateParams{LineItems: []*stripe.PaymentLinkUpdateLineItemParams{{ID: &link.LineItems.Data[0].ID, Quantity: stripe.Int64(3)}}}
	params.AddMetadata("gone", "")
	params.AddMetadata("added", "yes")
	params.AddExpand("line_items")
	got := must(c.V1PaymentLinks.Update(ctx, link.ID, params))
	want("metadata is merged", len(got.Metadata) == 2 && got.Metadata["added"] == "yes" && got.Metadata["order"] == "17")
	want("the line item has changed", got.LineItems.Data[0].Quantity == 3 && got.LineItems.Data[0].AmountTotal == 3750)
	ok("update")
}

func list(c *stripe.Client, link *stripe.PaymentLink) {
	var ids []string
	for range 5 {
		ids = append([]string{must(c.V1PaymentLinks.Create(ctx, item(shirt, 1))).ID}, ids...)
	}
	params := &stripe.PaymentLinkListParams{}
	params.Limit = stripe.Int64(2)
	var seen []string
	for _, one := range all(c.V1PaymentLinks.List(ctx, params)) {
		seen = append(seen, one.ID)
	}
	want("all pages are read, newest first", len(seen) >= 9 && slices.Equal(seen[:5], ids) && slices.Contains(seen, link.ID))
	ok(fmt.Sprintf("list with auto-paging: %d links", len(seen)))

	items := all(c.V1PaymentLinks.ListLineItems(ctx, &stripe.PaymentLinkListLineItemsParams{PaymentLink: &link.ID}))
	want("there is one line item", len(items) == 1 && items[0].Description == "Mug" && items[0].Price.ID == link.LineItems.Data[0].Price.ID)
	ok("line items")

	off := must(c.V1PaymentLinks.Update(ctx, link.ID, &stripe.PaymentLinkUpdateParams{Active: stripe.Bool(false), InactiveMessage: stripe.String("Sold out")}))
	want("it is off", !off.Active && off.InactiveMessage == "Sold out")
	inactive := all(c.V1PaymentLinks.List(ctx, &stripe.PaymentLinkListParams{Active: stripe.Bool(false)}))
	want("it is listed as inactive", slices.ContainsFunc(inactive, func(l *stripe.PaymentLink) bool { return l.ID == link.ID }))
	ok("deactivate")
}

func mistakes(c *stripe.Client, link *stripe.PaymentLink) {
	const invalid = stripe.ErrorTypeInvalidRequest
	_, err := c.V1PaymentLinks.Retrieve(ctx, "plink_nope", nil)
	fails(err, http.StatusNotFound, invalid, stripe.ErrorCodeResourceMissing, "payment_link")
	ok("missing: *stripe.Error 404 resource_missing")
	_, err = client("nonsense", 0).V1PaymentLinks.Retrieve(ctx, link.ID, nil)
	fails(err, http.StatusUnauthorized, invalid, "", "")
	ok("bad key: *stripe.Error 401")
	_, err = c.V1PaymentLinks.Create(ctx, item("price_nope", 1))
	fails(err, http.StatusBadRequest, invalid, stripe.ErrorCodeResourceMissing, "line_items[0][price]")
	_, err = c.V1PaymentLinks.Create(ctx, item(shirt, 0))
	fails(err, http.StatusBadRequest, invalid, stripe.ErrorCodeParameterInvalidInteger, "line_items[0][quantity]")
	_, err = c.V1PaymentLinks.Create(ctx, &stripe.PaymentLinkCreateParams{})
	fails(err, http.StatusBadRequest, invalid, stripe.ErrorCodeParameterMissing, "line_items")
	ok("bad parameter: *stripe.Error 400")
	params := &stripe.PaymentLinkUpdateParams{}
	params.AddExtra("colour", "red")
	_, err = c.V1PaymentLinks.Update(ctx, link.ID, params)
	e := fails(err, http.StatusBadRequest, invalid, stripe.ErrorCodeParameterUnknown, "colour")
	want("it says why", e.Msg == "Received unknown parameter: colour" && e.DocURL != "")
	ok("unknown parameter: *stripe.Error 400 parameter_unknown")
}

func idempotency(c *stripe.Client) {
	with := func(quantity int64) *stripe.PaymentLinkCreateParams {
		params := item(shirt, quantity)
		params.SetIdempotencyKey("order-18")
		return params
	}
	first := must(c.V1PaymentLinks.Create(ctx, with(4)))
	again := must(c.V1PaymentLinks.Create(ctx, with(4)))
	want("it is the same link", first.ID == again.ID && again.LastResponse.Header.Get("Idempotent-Replayed") == "true" &&
		first.LastResponse.Header.Get("Idempotent-Replayed") == "")
	ok("idempotent replay")
	_, err := c.V1PaymentLinks.Create(ctx, with(5))
	fails(err, http.StatusBadRequest, stripe.ErrorTypeIdempotency, "", "")
	ok("idempotent mismatch: *stripe.Error 400 idempotency_error")

	if fault := os.Getenv("POLYLINK_FAULT"); fault != "" {
		must(http.Post(fault+"/body", "", nil)) //nolint:bodyclose // the program ends soon
		before := len(all(c.V1PaymentLinks.List(ctx, nil)))
		retried := must(client("sk_test_polylink_main", 2).V1PaymentLinks.Create(ctx, item(shirt, 6)))
		want("one link is made of two requests", retried.LastResponse.Header.Get("Idempotent-Replayed") == "true" &&
			len(all(c.V1PaymentLinks.List(ctx, nil))) == before+1)
		ok("idempotent retry: one link of two requests")

		for _, path := range []string{"/outage", "/reset"} {
			must(http.Post(fault+path, "", nil)) //nolint:bodyclose // the program ends soon
		}
		params := item(shirt, 7)
		params.SetIdempotencyKey("order-19")
		retrying := client("sk_test_polylink_main", 2)
		for range 2 { // this SDK retries an outage that has an envelope by hand only
			_, err := retrying.V1PaymentLinks.Create(ctx, params)
			fails(err, http.StatusServiceUnavailable, stripe.ErrorTypeAPI, "", "")
		}
		served := must(retrying.V1PaymentLinks.Create(ctx, params)) // after the reset, which it retries by itself
		want("the fourth request is served as the first", served.LastResponse.Header.Get("Idempotent-Replayed") == "" &&
			len(all(c.V1PaymentLinks.List(ctx, nil))) == before+2)
		ok("outage: one link after two answers of 503 and a reset")

		must(http.Post(fault+"/lock", "", nil)) //nolint:bodyclose // the program ends soon
		_, err := c.V1PaymentLinks.Create(ctx, item(shirt, 8))
		fails(err, http.StatusTooManyRequests, stripe.ErrorTypeInvalidRequest, stripe.ErrorCodeLockTimeout, "")
		must(http.Post(fault+"/lock", "", nil)) //nolint:bodyclose // the program ends soon
		must(retrying.V1PaymentLinks.Create(ctx, item(shirt, 8)))
		ok("lock: a 429 that is retried")
	}
}
