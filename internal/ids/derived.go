package ids

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// Derived returns bytes without end that the parts decide: the same ones give
// the same ids wherever and whenever they are asked for.
func Derived(parts ...string) io.Reader {
	h := sha256.New()
	for _, p := range parts {
		h.Write(binary.AppendUvarint(nil, uint64(len(p))))
		h.Write([]byte(p))
	}
	return Seeded([sha256.Size]byte(h.Sum(nil)))
}

// Seeded returns bytes without end that a seed decides.
func Seeded(seed [sha256.Size]byte) io.Reader { return &derived{seed: seed} }

type derived struct {
	seed [sha256.Size]byte
	n    uint64
	left []byte
}

// Read fills p; it never fails.
func (d *derived) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		if len(d.left) == 0 {
			d.n++
			sum := sha256.Sum256(binary.BigEndian.AppendUint64(d.seed[:], d.n))
			d.left = sum[:]
		}
		k := copy(p[n:], d.left)
		n, d.left = n+k, d.left[k:]
	}
	return len(p), nil
}
