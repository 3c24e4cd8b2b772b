// Package dialecttest is what the tests of dialects share: a small dialect around
// a few field lines, a request through it, and what comes of that.
//
// It stands outside the program; tests alone import it. It promises requests that
// always happen at Noon with the same randomness. What a test expects is left to
// it. Start with Compile and Send.
package dialecttest
