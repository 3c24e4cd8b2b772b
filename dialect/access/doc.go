// Package access is what a dialect asks of a request before it looks at its
// fields: who may call and how they show it, how often, with which headers, and
// what becomes of a request that comes again.
//
// It stands below the compiled program, which holds its values, and beside the
// templates, in which headers are written. The edge of a server acts on them: the
// package itself reads no request and counts nothing. All of it is made by
// package dialect/compile and never changes. Start with Auth, then LimitRule.
package access
