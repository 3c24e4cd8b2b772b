package ca

import (
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"unicode/utf16"

	"github.com/polylink-dev/polylink/internal/files"
)

// storeFile is the certificate once more, as Java wants it.
const storeFile = "ca.jks"

// StorePassword is what Java's tools take for granted. There is no secret in a
// store of certificates.
const StorePassword = "changeit"

// TrustStore writes the certificate as a Java key store (JKS) beside its file,
// and returns the path: Java reads no PEM.
func (a *Authority) TrustStore() (string, error) {
	path := filepath.Join(a.opts.Dir, storeFile)
	if err := files.Replace(path, javaStore("polylink", a.cert.NotBefore.UnixMilli(), a.cert.Raw), 0o644); err != nil {
		return "", fmt.Errorf("write a trust store for Java: %w", err)
	}
	return path, nil
}

// javaStore is a JKS file of version 2 with one certificate that is trusted.
func javaStore(alias string, made int64, der []byte) []byte {
	text := func(b []byte, s string) []byte {
		b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
		return append(b, s...)
	}
	var b []byte
	for _, n := range []uint32{0xFEEDFEED, 2, 1, 2} { // magic, version, entries, and of the entry: a certificate
		b = binary.BigEndian.AppendUint32(b, n)
	}
	b = text(b, alias)
	b = binary.BigEndian.AppendUint64(b, uint64(made))
	b = text(b, "X.509")
	b = binary.BigEndian.AppendUint32(b, uint32(len(der)))
	b = append(b, der...)
	sum := sha1.New() // which the format asks for
	for _, unit := range utf16.Encode([]rune(StorePassword)) {
		sum.Write([]byte{byte(unit >> 8), byte(unit)})
	}
	sum.Write([]byte("Mighty Aphrodite")) // the format's own words
	sum.Write(b)
	return sum.Sum(b)
}
