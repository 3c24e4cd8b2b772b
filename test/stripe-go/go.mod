module github.com/polylink-dev/polylink/test/stripe-go

go 1.26

require github.com/stripe/stripe-go/v84 v84.1.0
