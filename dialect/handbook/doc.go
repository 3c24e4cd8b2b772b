// Package handbook tells people what a dialect does: its page in docs/dialects,
// the same for a terminal, and a request to try for every operation.
//
// It stands beside the program and the world that a sandbox starts with, and
// reads both. It promises that each command line works on a fresh sandbox as it
// stands. Where a page is kept, and which golden exchanges it shows, is left to
// the caller. Start with Describe.
package handbook
