// Program stripe-openapi prints Stripe's published OpenAPI document, which the
// provider's own stripe-mock carries. It is a module of its own, so that what it
// needs is nobody else's dependency and nothing of it is committed.
package main

import (
	"log"
	"os"

	"github.com/stripe/stripe-mock/embedded"
)

func main() {
	if _, err := os.Stdout.Write(embedded.OpenAPISpec); err != nil {
		log.Fatal(err)
	}
}
