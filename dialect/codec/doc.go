// Package codec converts values between a provider's wire and the canonical
// texts that records are made of.
//
// It stands below the dialects: a field line of a mapping file names a codec and
// its words, compiling makes it, decoding and encoding call it. Each codec is a
// file with all that it knows: both directions, forms, schemas, a sample. It
// promises that what Decode takes, Encode can show, that digits are never lost,
// and that no value costs more than its length. Codecs made of other field lines
// (lists, objects, records) are part of the program that they stand in. Start
// with Codec, then numbers.go; the methods that only some codecs have are the
// interfaces below it.
package codec
