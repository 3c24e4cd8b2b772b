// Package grammar is the words of a mapping file: which there are, what each
// takes, and what it means in one line.
//
// It stands below the compiler, which takes these words and no others, and is
// what the reference in docs and the editors' JSON Schema are made of, so that the
// three cannot disagree. It promises that a closed list of words is written once,
// and that a Reader reports what a value is not and returns one that can be
// worked with. What the words do is left to package compile. Start with words.go;
// a new word is a line there.
package grammar
