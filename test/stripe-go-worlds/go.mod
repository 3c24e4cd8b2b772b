module github.com/polylink-dev/polylink/test/stripe-go-worlds

go 1.26

require (
	github.com/polylink-dev/polylink v0.0.0
	github.com/stripe/stripe-go/v84 v84.1.0
)

replace github.com/polylink-dev/polylink => ../..
