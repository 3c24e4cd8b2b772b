#!/usr/bin/env bash
# stripe-go sends an empty list, but not an empty map.
#
# Version   github.com/stripe/stripe-go/v85 v85.0.0
# Source    https://pkg.go.dev/github.com/stripe/stripe-go/v85/form
# Expected  Both are set by the caller and not nil, so both are sent; an empty text is how
#           the API clears a member, metadata included.
# Happens   An empty list becomes payment_method_types=, an empty map becomes nothing.
# Met by    Whoever clears metadata with map[string]string{}: the call succeeds, and the
#           old metadata stays.
# Way out   Set each key to "", or add the parameter: params.AddExtra("metadata", "").
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
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Printf("%q\n", body)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"id":"plink_1","object":"payment_link"}`)
	}))
	defer server.Close()
	client := stripe.NewClient("sk_test_1", stripe.WithBackends(stripe.NewBackendsWithConfig(&stripe.BackendConfig{URL: stripe.String(server.URL)})))
	update := func(params *stripe.PaymentLinkUpdateParams) {
		if _, err := client.V1PaymentLinks.Update(context.Background(), "plink_1", params); err != nil {
			fmt.Println(err)
		}
	}
	update(&stripe.PaymentLinkUpdateParams{PaymentMethodTypes: []*string{}})
	update(&stripe.PaymentLinkUpdateParams{Metadata: map[string]string{}})
	cleared := &stripe.PaymentLinkUpdateParams{}
	cleared.AddExtra("metadata", "")
	update(cleared)
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/stripe/stripe-go/v85@v85.0.0 >/dev/null 2>&1
seen=$(go run . 2>/dev/null)
echo "$seen"
[ "$seen" = '"payment_method_types="
""
"metadata="' ]
