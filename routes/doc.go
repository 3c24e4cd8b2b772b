// Package routes takes requests in and writes answers out.
//
// It is the edge: it finds the dialect and the sandbox of a request, runs the
// stages in the dialect's order over one exchange, its own (who asks, how often,
// what was sent) and those of the backend that answers, and turns every refusal
// into the dialect's own envelope. It promises that a failed request changes
// nothing, that a panic is an answer, and that no secret is logged. What a
// provider does is not here: package dialect knows it from its file. Nor is what
// is stored: that is the backend's. Start with Server.ServeHTTP in dispatch.go,
// then exchange.run and the table in stages.go.
package routes
