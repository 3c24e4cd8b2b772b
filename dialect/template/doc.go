// Package template compiles the texts, documents and expressions of a mapping
// file and fills them in.
//
// It stands below the dialects, whose defaults, error bodies, envelopes, headers
// and conditions are made of it. A Scope says what can be named at a place of the
// file; compiling reports every mistake through it and always returns something
// that can be run. Running needs an Env, allocates little and never fails: what
// cannot be computed is absent. Expressions cannot loop without bound, call out,
// or change anything. What a value takes is bounded while it is made; past that
// it is absent, too, and Env.Bounds has heard of it, so that whoever answers can
// fail. Which texts a dialect has, and when they are filled in, is
// left to others. Start with Scope.Document, then Env.
package template
