// Package signing says how a provider delivers what it tells of: the headers
// and the signature of a request, when it is sent again and what an answer
// means.
//
// All of it is data that a dialect's file holds: a Style, and a Signature in
// it, which is algorithm × secret × text × encoding × place. The package makes
// a Request out of a Message and checks one that came; it sends nothing, knows
// no clock and keeps no secret. It promises that an error shows none either,
// and that one signature is the same for the same message. What is delivered,
// and to whom, is left to package webhook. Start with Style, then
// Signature.Sign and Signature.Verify.
package signing
