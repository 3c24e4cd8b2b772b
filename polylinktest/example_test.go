package polylinktest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/polylinktest"
)

// standIn stands for the *testing.T of a test: it prints what a test would fail
// with.
type standIn struct {
	testing.TB
	cleanups []func()
}

func (*standIn) Helper()                        {}
func (*standIn) Name() string                   { return "TestExample" }
func (t *standIn) Cleanup(f func())             { t.cleanups = append(t.cleanups, f) }
func (*standIn) Errorf(text string, a ...any)   { fmt.Printf(text+"\n", a...) }
func (t *standIn) Fatalf(text string, a ...any) { panic(fmt.Sprintf(text, a...)) }

// end is what the testing package does when a test ends.
func (t *standIn) end() {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
}

// generatePaymentLink is the code under test: one call of a provider's API.
func generatePaymentLink(base string) (answer *http.Response, body string) {
	req, err := http.NewRequest("POST", base+"/payment-link/generate", strings.NewReader(`{"transactionId":"75906707-8c31-479c-b354-aa805c4cefbc"}`))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer tok_sandbox_main")
	req.Header.Set("Content-Type", "application/json")
	answer, err = http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	return answer, string(data)
}

// A test has a world of its own, in which it lets a call fail once and then
// looks at what was asked.
func Example() {
	t := &standIn{} // the test's own
	defer t.end()

	w := polylinktest.Shared(t).World(t)
	w.Inject(polylinktest.Fault{Dialect: "katu9", Operation: "link.create", Status: 503})

	for range 2 {
		answer, _ := generatePaymentLink(w.Dialect("katu9"))
		fmt.Println(answer.StatusCode)
	}
	w.Verify(2, polylinktest.Filter{Operation: "link.create"})
	w.Verify(1, polylinktest.Filter{Operation: "link.create", Status: 201})
	// Output:
	// 503
	// 201
}

// Time is the test's to move, and whatever falls due is told.
func ExampleControl_Advance() {
	t := &standIn{}
	defer t.end()

	w := polylinktest.Shared(t).World(t)
	w.Freeze(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC))
	w.Advance(0) // what was due before is not of interest
	generatePaymentLink(w.Dialect("katu9"))
	for _, e := range w.Advance(61 * time.Minute) {
		fmt.Println(e.At.Format(time.TimeOnly), e.Kind, e.Dialect)
	}
	answer, _ := generatePaymentLink(w.Dialect("katu9")) // the first one is over
	fmt.Println(answer.StatusCode)
	// Output:
	// 04:04:05 link.expired katu9
	// 201
}

// Every answer names its entry in the journal, which says why it is as it is.
func ExampleControl_Why() {
	t := &standIn{}
	defer t.end()

	w := polylinktest.Shared(t).World(t)
	generatePaymentLink(w.Dialect("katu9"))
	answer, _ := generatePaymentLink(w.Dialect("katu9"))
	why := w.Why(answer)
	fmt.Println(why.Response.Status, why.Operation, why.Rule.Code, why.Rule.File, why.Rule.Line > 0)
	fmt.Println(why.Request.Headers["Authorization"])
	// Output:
	// 409 link.create not_unique mappings/katu9.yaml true
	// [<redacted 23 bytes>]
}

// What many tests need is made once and forked for each of them.
func ExampleWorld_Fork() {
	t := &standIn{}
	defer t.end()

	base := polylinktest.Shared(t).World(t)
	generatePaymentLink(base.Dialect("katu9"))
	for range 2 {
		w := base.Fork(t)
		w.Expire("katu9", "497f6eca-6276-4993-bfeb-53cbbbba6f08")
		fmt.Println(len(w.Links("dialect", "katu9", "status", "expired")), len(base.Links("dialect", "katu9", "status", "expired")))
	}
	// Output:
	// 1 0
	// 1 0
}

// A verification that fails says which request came closest.
func ExampleControl_Verify() {
	t := &standIn{}
	defer t.end()

	s := polylinktest.New(t)
	generatePaymentLink(s.Dialect("katu9"))
	s.Control().Verify(1, polylinktest.Filter{Operation: "link.create", Status: 409})
	// Output:
	// polylinktest: requests like {"operation":"link.create","status":409} in sandbox default: Verification failed: 0 requests match, and exactly 1 should; the closest other one is entry 1 (POST /katu9/payment-link/generate, answered 201), whose status is 201
}
