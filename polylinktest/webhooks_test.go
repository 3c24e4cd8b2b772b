package polylinktest_test

import (
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/polylinktest"
)

const aLink = "550e8400-e29b-41d4-a716-446655440000" // of devdraft

func TestAPaymentIsHeardOf(t *testing.T) {
	t.Parallel()
	w := polylinktest.Shared(t).World(t)
	hooks := w.Webhooks(t, "devdraft", "payment_link.paid") // your receiver, or its handler behind this one
	w.Complete("devdraft", "550e8400-e29b-41d4-a716-446655440000")
	paid := hooks.Wait(1, 10*time.Second)[0] // its signature is right
	if id := gjson.GetBytes(paid.Body, "data.id").Str; id != "550e8400-e29b-41d4-a716-446655440000" {
		t.Errorf("heard of %s", id)
	}
}

// TestEveryDialectsWebhooksAreVerified triggers the first event of each dialect
// that has some.
func TestEveryDialectsWebhooksAreVerified(t *testing.T) {
	t.Parallel()
	s := polylinktest.New(t)
	for dialect, c := range map[string]struct{ event, id string }{
		"devdraft":  {"payment_link.created", aLink},
		"katu9":     {"payment_link.created", "497f6eca-6276-4993-bfeb-53cbbbba6f08"},
		"kirimdev":  {"customer.setup_link.created", "csl_01HXYZABCDEFGHJKMNPQRSTVWX"},
		"leanrails": {"checkout_link.updated", "cl_4de6fg8hi0jk"},
		"stripe":    {"payment_link.updated", "plink_0PolylinkTShirt000000000"},
	} {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			w := s.World(t)
			hooks := w.Webhooks(t, dialect)
			w.Trigger(dialect, c.event, c.id)
			if got := hooks.Wait(1, 20*time.Second)[0]; got.Err != nil || !gjson.ValidBytes(got.Body) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestWhatIsNotVerifiedDoesNotArrive(t *testing.T) {
	t.Parallel()
	w := polylinktest.New(t).World(t)
	w.Freeze(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	hooks := w.Webhooks(t, "devdraft", "payment_link.paid")
	w.Inject(polylinktest.Fault{Dialect: "devdraft", Event: "payment_link.paid", Delivery: "bad_signature"})
	w.Complete("devdraft", aLink)
	w.Advance(time.Minute) // the retry is as it should be
	hooks.Wait(1, 10*time.Second)
	heard := hooks.Heard()
	if len(heard) != 2 || heard[0].Err == nil || heard[1].Err != nil {
		t.Errorf("heard %+v", heard)
	}
	hooks.Answer(500)
	w.Complete("devdraft", aLink)
	for range 4 {
		w.Advance(3 * time.Hour)
	}
	if n := len(hooks.Heard()); n != 7 { // five attempts, as the schedule has it
		t.Errorf("heard %d", n)
	}
	select {
	case d := <-hooks.C:
		t.Errorf("what was answered with an error arrived: %+v", d)
	default:
	}
}
