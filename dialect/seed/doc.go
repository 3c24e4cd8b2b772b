// Package seed reads the worlds that sandboxes start with: the world.yaml beside
// a dialect's golden exchanges.
//
// It stands beside the compiler: a world is checked against the compiled dialect
// whose records it holds, and every mistake is named with its line. It promises
// records that the dialect can show, whose references lead somewhere, and times
// that are relative to the sandbox's start. Writing the rows is left to sandbox.
// Start with Load.
package seed
