// Package compile makes a dialect of a mapping file and names every mistake in
// it.
//
// It stands in front of the program: the command compiles all files when it
// starts, when it is told to check them, and when one changes. It promises all
// diagnostics of all files at once, each with file, line and column and with what
// to write instead; one for a mistake and none for what follows from it; and a
// Set that is in order, or none. It opens nothing but the files it is given and
// leaves the words themselves to package grammar and running to package dialect.
//
// Start with compiler.compile, which reads the sections in the order in which
// they need each other, then fields in lines.go: a field line is where most words
// of the language meet.
package compile
