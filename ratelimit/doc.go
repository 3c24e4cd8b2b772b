// Package ratelimit says whether a key may make one more request, and if not,
// when.
//
// It stands in the pipeline between auth and scope: routes ask it with a
// policy of the dialect and a key of the account, and write the headers and
// the refusal themselves. All time is the sandbox's clock, so a frozen clock
// freezes the limits and an advanced one moves them. It promises that a refused
// request is not counted, that policies never share a counter, that memory is
// bounded, and that a clock set back keeps nobody out for longer than one
// period. It leaves hashing of credentials, choice of plan and every byte of
// the answer to others; the interface is that of ulule/limiter, so a store for
// several replicas fits behind it. Start with Limits.Take, then states.go.
package ratelimit
