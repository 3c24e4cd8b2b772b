// Package problem writes the refusals that no dialect has an envelope for.
//
// They are problem documents (RFC 9457), from the control API, from dispatch
// and from whatever else is polylink's own. Each has a member error beside
// those of the RFC: an SDK tells a failure by it, and would take the document
// for a success otherwise. Each answer has a header that says so, too. Where
// there is more to tell, a struct embeds Problem and is written as a whole.
// Start with New, then Write.
package problem

import (
	"bytes"
	"encoding/json"
	"net/http"
)

// Mime is the content type of a problem document.
const Mime = "application/problem+json"

// Header marks an answer that holds one: its value is true.
const Header = "X-Polylink-Problem"

// Problem is a refusal. Detail says what to do instead.
type Problem struct {
	Type    string  `json:"type"`
	Title   string  `json:"title"`
	Status  int     `json:"status"`
	Detail  string  `json:"detail" doc:"what to send instead"`
	Failure Failure `json:"error" doc:"the same for clients that tell failures by a member error"`
}

// Failure is a refusal as many providers have it.
type Failure struct {
	Type    string `json:"type" doc:"which refusal it is, in one word"`
	Message string `json:"message" doc:"the title and the detail"`
}

// New makes a problem. code is one word for programs.
func New(status int, code, title, detail string) Problem {
	return Problem{Type: "about:blank", Title: title, Status: status, Detail: detail, Failure: Failure{code, title + ": " + detail}}
}

// Error is the problem in one line.
func (p Problem) Error() string { return p.Failure.Message }

// Mark sets the headers of an answer that holds a problem.
func Mark(h http.Header) {
	h.Set("Content-Type", Mime)
	h.Set(Header, "true")
}

// Encode writes a problem, or a struct that embeds one, as a line of JSON.
func Encode(doc any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(doc) // texts and numbers alone, which are always written
	return b.Bytes()
}

// Write answers with a problem, or with a struct that embeds one.
func Write(w http.ResponseWriter, status int, doc any) {
	Mark(w.Header())
	w.WriteHeader(status)
	_, _ = w.Write(Encode(doc))
}
