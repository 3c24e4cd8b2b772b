package routes_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/polylink-dev/polylink/routes"
)

// TestAnswersThatAreKeptAreThoseEncodedAnew sends the same requests to two
// servers, one of which encodes every answer anew: accounts, sandboxes, base URLs
// and versions change places at random, and nobody ever sees another one's.
func TestAnswersThatAreKeptAreThoseEncodedAnew(tt *testing.T) {
	tt.Parallel()
	links := []struct {
		path string
		ids  []string
		keys []string // headers of whoever asks
		put  string   // method and body
	}{
		{"/priceblocs/v1/payment-links", []string{"00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000004"},
			[]string{"Authorization: Bearer PB_sk_test_main", "Authorization: Bearer PB_sk_test_other", "Authorization: Bearer PB_sk_live_main", "Authorization: Bearer PB_sk_test_main~kept"}, `PUT {"title":"Title %d"}`},
		{"/devdraft/api/v0/payment-links", []string{"550e8400-e29b-41d4-a716-446655440000", "550e8400-e29b-41d4-a716-446655440009"},
			[]string{strings.Join(devdraft, "\n"), "x-client-key: other_client_key\nx-client-secret: other_client_secret"}, `PUT {"title":"Title %d"}`},
		{"/leanrails/v1/checkout_links", []string{"cl_4de6fg8hi0jk", "cl_0inactive000", "cl_0otherlink00"}, []string{leanrails, "Authorization: " + basic("sk_test_other")}, `POST {"metadata":{"n":"%d"}}`},
	}
	shown := map[string]int{}
	rapid.Check(tt, func(t *rapid.T) {
		kept, anew := newServer(tt, seeded), newServer(tt, seeded, func(o *routes.Options) { o.Afresh = true })
		for i := range rapid.IntRange(1, 40).Draw(t, "requests") {
			l := rapid.SampledFrom(links).Draw(t, "dialect")
			prefix := rapid.SampledFrom([]string{"", "", "/~kept", "/~other"}).Draw(t, "sandbox")
			host := rapid.SampledFrom([]string{"one.test", "two.test"}).Draw(t, "host")
			path := prefix + l.path
			line, body := "GET "+path, ""
			if id := rapid.SampledFrom(append([]string{""}, l.ids...)).Draw(t, "id"); id != "" {
				line += "/" + id
				if rapid.IntRange(0, 3).Draw(t, "write") == 0 {
					method, form, _ := strings.Cut(l.put, " ")
					line, body = method+" "+path+"/"+id, fmt.Sprintf(form, i)
				}
			}
			a := asks(line, body, strings.Split(rapid.SampledFrom(l.keys).Draw(t, "key"), "\n")...)
			a.host = host
			got, want := do(tt, kept, a), do(tt, anew, a)
			shown[fmt.Sprint(a.method, " ", got.status)]++
			if got.status != want.status || got.body != want.body || cmp.Diff(got.header, want.header) != "" {
				t.Fatalf("%s at %s:\n%s", line, host, cmp.Diff(want, got, cmp.AllowUnexported(answer{})))
			}
		}
	})
	if shown["GET 200"] == 0 || shown["PUT 200"] == 0 {
		tt.Errorf("the requests came to nothing: %v", shown)
	}
}
