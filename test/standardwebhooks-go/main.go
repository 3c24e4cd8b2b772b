// Command standardwebhooks-go verifies a delivery with the Go package that
// Standard Webhooks publishes. The input is {secret, headers, body} as JSON; a
// verdict of its own is printed.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
	var in struct {
		Secret, Body string
		Headers      map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		panic(err)
	}
	header := http.Header{}
	for name, value := range in.Headers {
		header.Set(name, value)
	}
	verifier, err := standardwebhooks.NewWebhook(in.Secret)
	if err == nil {
		err = verifier.Verify([]byte(in.Body), header)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if verifier.Verify([]byte(in.Body+" "), header) != nil {
		fmt.Println("ok verified, and refused when altered")
	}
}
