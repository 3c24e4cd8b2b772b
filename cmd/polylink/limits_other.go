//go:build !unix

package main

// ignoreFileLimit does nothing where the system has no such signal.
func ignoreFileLimit() {}
