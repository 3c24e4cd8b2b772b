module github.com/polylink-dev/polylink/test/standardwebhooks-go

go 1.26

require github.com/standard-webhooks/standard-webhooks/libraries v0.0.1
