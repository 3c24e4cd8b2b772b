// Package receivers is what the tests of golden exchanges share: receivers
// that hear what a sandbox sends, without a network.
//
// It stands beside dispatch, as whatever calls the endpoints in the place of
// HTTP. It promises the same ids and the same order in every run, and leaves to
// the exchanges what is to be heard. Start with New, then Receivers.Heard.
package receivers
