// Package routes takes requests in and writes answers out.
//
// It is the edge: it finds the dialect and the sandbox of a request, runs the
// dialect's checks in the dialect's order over one exchange, applies the
// operation to the sandbox's store in one batch, and turns every refusal into
// the dialect's own envelope. It promises that a failed request changes
// nothing, that a panic is an answer, and that no secret is logged. What a
// provider does is not here: package dialect knows it from its file. Start
// with Server.ServeHTTP, then exchange.run.
package routes
