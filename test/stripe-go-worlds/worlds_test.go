// Package worlds is how tests with stripe-go use polylinktest: one server for
// the package, and a world for each test, which all run at once.
package worlds

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v84"
	"github.com/stripe/stripe-go/v84/webhook"

	"github.com/polylink-dev/polylink/polylinktest"
)

const shirt = "price_0PolylinkShirtOneTime00"

// shop is the code under test: it makes links for orders.
type shop struct{ stripe *stripe.Client }

func (s shop) link(ctx context.Context, order string) (*stripe.PaymentLink, error) {
	params := &stripe.PaymentLinkCreateParams{LineItems: []*stripe.PaymentLinkCreateLineItemParams{{Price: stripe.String(shirt), Quantity: stripe.Int64(1)}}}
	params.AddMetadata("order", order)
	return s.stripe.V1PaymentLinks.Create(ctx, params)
}

// in makes a shop whose SDK is led to a world. No URL is set anywhere.
func in(w *polylinktest.World) shop {
	config := &stripe.BackendConfig{HTTPClient: w.HTTPClient(), MaxNetworkRetries: stripe.Int64(2), LeveledLogger: &stripe.LeveledLogger{Level: stripe.LevelNull}}
	return shop{stripe.NewClient("sk_test_1", stripe.WithBackends(stripe.NewBackendsWithConfig(config)))}
}

func TestOrdersInParallelWorlds(t *testing.T) {
	t.Parallel()
	for i := range 12 {
		order := strconv.Itoa(i)
		t.Run("order "+order, func(t *testing.T) {
			t.Parallel()
			w := polylinktest.Shared(t).World(t)
			made, err := in(w).link(t.Context(), order)
			if err != nil {
				t.Fatal(err)
			}
			w.Verify(1, polylinktest.Filter{Operation: "link.create", BodyAt: map[string]string{"metadata.order": order}})
			if l := w.Link("stripe", made.ID); l.Status != "active" || l.Metadata["order"] != order || len(l.Items) != 1 {
				t.Errorf("the link is %s", l.Document)
			}
		})
	}
}

func TestTheSecondOrderOfOneBuyerFails(t *testing.T) {
	t.Parallel()
	w := polylinktest.Shared(t).World(t)
	w.Inject(polylinktest.Fault{Operation: "link.create", Code: "invalid", After: 1, Body: map[string]any{"metadata.order": "7"}})
	s := in(w)
	for n, order := range []string{"7", "8", "7"} {
		_, err := s.link(t.Context(), order)
		if e, failed := errors.AsType[*stripe.Error](err); failed != (n == 2) || failed && e.HTTPStatusCode != 400 {
			t.Errorf("call %d: %v", n, err)
		}
	}
}

func TestAPaymentIsToldOf(t *testing.T) {
	t.Parallel()
	w := polylinktest.Shared(t).World(t)
	hooks := w.Webhooks(t, "stripe", "checkout.session.completed")
	made, err := in(w).link(t.Context(), "9")
	if err != nil {
		t.Fatal(err)
	}
	w.Complete("stripe", made.ID)
	polylinktest.Eventually(t, 10*time.Second, func() bool { return len(hooks.Heard()) > 0 })
	told := hooks.Wait(1, time.Second)[0]
	event, err := webhook.ConstructEvent(told.Body, told.Header.Get("Stripe-Signature"), hooks.Secret)
	if err != nil || event.GetObjectValue("payment_link") != made.ID {
		t.Errorf("%v, %s", err, told.Body)
	}
}

// An SDK that takes an address and no client has a port of the world's own.
func TestAnSDKWithAnAddress(t *testing.T) {
	t.Parallel()
	w := polylinktest.Shared(t).World(t)
	host, port := w.Listen("stripe")
	config := &stripe.BackendConfig{URL: stripe.String("http://" + net.JoinHostPort(host, strconv.Itoa(port)))}
	s := shop{stripe.NewClient("sk_test_1", stripe.WithBackends(stripe.NewBackendsWithConfig(config)))}
	if _, err := s.link(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	w.Verify(1, polylinktest.Filter{Operation: "link.create", Status: 200})
}

func BenchmarkAWorldAndACall(b *testing.B) {
	s := polylinktest.Shared(b)
	for b.Loop() {
		w := s.World(b)
		if _, err := in(w).link(b.Context(), fmt.Sprint(b.N)); err != nil {
			b.Fatal(err)
		}
	}
}
