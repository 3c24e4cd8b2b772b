#!/usr/bin/env bash
# stripe-go refuses a base URL with a path only after the server has done the work.
#
# Version   github.com/stripe/stripe-go/v85 v85.0.0
# Source    https://pkg.go.dev/github.com/stripe/stripe-go/v85#BackendConfig
# Expected  A URL that the library cannot work with is refused when the backend is made,
#           or at the latest before anything is sent.
# Happens   The request goes out, the server changes the link and answers 200, and only
#           then the caller gets "unknown path prefix".
# Met by    Whoever reaches the API through a gateway or a test server below a path: the
#           error reads like a failed call, and trying again changes things twice.
# Way out   A host or port of its own for the API.
set -euo pipefail
dir=$(mktemp -d); trap 'chmod -R u+w "$dir"; rm -rf "$dir"' EXIT; cd "$dir"
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/stripe/stripe-go/v85"
)

func main() {
	changes := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		changes++
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":"plink_1","object":"payment_link","active":false}`)
	}))
	defer server.Close()
	for _, path := range []string{"", "/sandbox"} {
		changes = 0
		client := stripe.NewClient("sk_test_1", stripe.WithBackends(stripe.NewBackendsWithConfig(&stripe.BackendConfig{
			URL: stripe.String(server.URL + path), MaxNetworkRetries: stripe.Int64(0),
		})))
		_, err := client.V1PaymentLinks.Update(context.Background(), "plink_1", &stripe.PaymentLinkUpdateParams{Active: stripe.Bool(false)})
		fmt.Printf("base path %q: changes made %d, error: %v\n", path, changes, err)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/stripe/stripe-go/v85@v85.0.0 >/dev/null 2>&1
seen=$(go run . 2>/dev/null)
echo "$seen"
[ "$seen" = 'base path "": changes made 1, error: <nil>
base path "/sandbox": changes made 1, error: unknown path prefix /sandbox/v1/payment_links/plink_1' ]
