// Package arch is the project's shape, kept as tests.
//
// It stands outside the path: nothing imports it. Its tests read every Go file
// of the module, themselves and not through the go command, whose answer could
// come from a stale cache, and hold them to the table of imports, to the
// promise that no Go code knows a provider's name, and to the few places that
// may ask for the time, for randomness or for YAML. What is a matter of taste
// is left to gofmt, vet and staticcheck. Start with the table in
// imports_test.go; a new package is added there.
package arch
