// Package webhook signs events, sends them to their endpoints and keeps a log
// of every attempt.
//
// It stands behind the change that caused an event: the owner of a sandbox
// hands it events that are already written down, with the endpoints that hear
// them, and it knows neither rows nor dialects. What a provider does, how it
// signs, when it tries again and what makes it stop, is data: a signing.Style.
//
// It promises that Add returns at once whatever the receivers do; that an
// endpoint gets one delivery at a time, in order, and that one which hangs
// holds up no other; that retries run on the sandbox's clock and signature
// times on the wall clock; that redirects are not followed and addresses are
// judged when they are dialled; that everything which grows has a bound; and
// that no secret is ever in the log. Where endpoints come from, what an event's
// body says and how long anything is kept on disk is left to its callers.
// Start with Outbox.Add, then Outbox.Advance.
package webhook
