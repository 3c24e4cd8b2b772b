// Package mcp offers what polylink can do as tools of the Model Context
// Protocol, so that an agent can set up a world, look at what happened and
// learn why.
//
// It stands beside the control API and is made of its table of operations: a
// tool is called noun_verb after the operation noun.verb, takes the same
// members and one more that names the sandbox, and answers what the API does.
// Two tools need no running server: mapping_check and document_translate.
// The operations are asked of a running server over HTTP (Remote), which may be
// one that this process has started. A refusal is an answer that says so, never
// a failure of the protocol. Over HTTP it keeps to the rules of the control API,
// and keeps nothing of a client between two calls.
// Start with New, then tools.go.
package mcp
