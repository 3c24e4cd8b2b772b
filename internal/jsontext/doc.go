// Package jsontext reads and writes JSON as text, so that numbers keep their
// digits and members their order.
//
// It stands below the dialects: they decode bodies through it and put answers
// and schemas together with it. It promises that whatever Scan or Parse takes is
// valid JSON and UTF-8 and nests at most MaxDepth deep, so that all else here
// can walk without checks; that a repeated key counts by its last value; and
// that no body costs more than its length. What a value means is left to
// others. Start with Scan, which every request passes, then Value.
package jsontext
