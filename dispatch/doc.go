// Package dispatch brings the events of sandboxes to the endpoints that hear
// them.
//
// It stands behind every batch that is taken, whoever asked for it: it reads
// the events in it, finds the endpoints that hear them, among the rows of the
// sandbox and in the configuration, and hands both to the sandbox's outbox. It
// knows how each dialect delivers and what faults do to a delivery, and lets
// what falls due happen by itself where somebody would hear of it. It promises
// that a batch is never held up, that nothing is delivered which is not a row,
// and that a sandbox which is gone delivers nothing more. How a delivery is
// made and tried again is package webhook's. Start with Dispatcher.Post, then
// post.Taken.
package dispatch
