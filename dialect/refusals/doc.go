// Package refusals tells which errors an operation can answer with.
//
// It stands beside the program and reads it: the OpenAPI document lists them, and
// a request that asks for a status gets one of them. It promises every code that
// a check of the operation or a line of its fields can raise. Which class of the
// catalogue answers a code is left to the dialect. Start with Codes.
package refusals
