package filestore

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math"
)

// The layout of bbolt's pages, as far as it takes to look through a file without
// believing anything in it. bbolt itself maps the file into memory and panics,
// or dies of a bus error, where it is torn.
const (
	pageHead   = 16 // id 8, flags 2, count 2, overflow 4
	branchPage = 1
	leafPage   = 2
	branchItem = 16 // pos 4, ksize 4, pgid 8
	leafItem   = 16 // flags 4, pos 4, ksize 4, vsize 4
	bucketLeaf = 1
	bucketHead = 16 // root 8, sequence 8
	metaBytes  = 64
	metaMagic  = 0xED0CDAED
	metaFormat = 2
	maxDepth   = 64
	leastPage  = 512
	mostPage   = 1 << 16
)

var native = binary.NativeEndian

// errForeign says that a file is of another program.
var errForeign = errors.New("it is no store of polylink")

// meta is what a meta page says.
type meta struct {
	pageSize uint32
	root     uint64
	high     uint64 // pages from here on are not in use
	txid     uint64
}

// readMeta reads a meta page; foreign is one that is none at all.
func readMeta(b []byte) (m meta, foreign, ok bool) {
	b = b[pageHead:]
	if native.Uint32(b) != metaMagic || native.Uint32(b[4:]) != metaFormat {
		return m, true, false
	}
	m = meta{native.Uint32(b[8:]), native.Uint64(b[16:]), native.Uint64(b[40:]), native.Uint64(b[48:])}
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56])
	ok = sum.Sum64() == native.Uint64(b[56:]) && m.pageSize >= leastPage && m.pageSize <= mostPage && m.pageSize&(m.pageSize-1) == 0
	return m, false, ok
}

// look is what walks over a file.
type look struct {
	in   io.ReaderAt
	meta meta
	seen []bool
	see  func(path [][]byte, key, value []byte) error // of everything but buckets
}

// walk reads a whole file of some size and calls see for every value in it, in
// the order of buckets and keys; what it is given is the walk's. It returns
// errForeign for a file of another program and errTorn for one that is not whole.
func walk(in io.ReaderAt, size int64, see func(path [][]byte, key, value []byte) error) error {
	head := make([]byte, pageHead+metaBytes)
	if _, err := in.ReadAt(head, 0); err != nil {
		return errForeign // shorter than any
	}
	best, foreign, ok := readMeta(head)
	// The second meta page is at the size of a page, which a torn first one does
	// not tell.
	for pageSize := int64(leastPage); pageSize <= mostPage; pageSize *= 2 {
		if _, err := in.ReadAt(head, pageSize); err != nil {
			break
		}
		m, other, good := readMeta(head)
		foreign = foreign && other
		if good && int64(m.pageSize) == pageSize && (!ok || m.txid > best.txid) {
			best, ok = m, true
		}
	}
	switch {
	case foreign:
		return errForeign
	case !ok || best.high < 3 || best.high > math.MaxInt64/uint64(best.pageSize) || int64(best.high)*int64(best.pageSize) > size:
		return errTorn
	}
	l := &look{in: in, meta: best, seen: make([]bool, best.high), see: see}
	return l.page(best.root, nil, &[]byte{}, 0)
}

// page walks over a page of the file and all below it. last is the key before,
// which the first one has to come after.
func (l *look) page(id uint64, path [][]byte, last *[]byte, depth int) error {
	if id < 2 || id >= l.meta.high || l.seen[id] || depth > maxDepth {
		return errTorn
	}
	size := int64(l.meta.pageSize)
	b := make([]byte, size)
	if _, err := l.in.ReadAt(b, int64(id)*size); err != nil {
		return readError(err)
	}
	over := uint64(native.Uint32(b[12:]))
	if native.Uint64(b) != id || over >= l.meta.high-id {
		return errTorn
	}
	for i := id; i <= id+over; i++ {
		if l.seen[i] {
			return errTorn
		}
		l.seen[i] = true
	}
	if over > 0 {
		whole := make([]byte, size*int64(over+1))
		copy(whole, b)
		if _, err := l.in.ReadAt(whole[size:], int64(id+1)*size); err != nil {
			return readError(err)
		}
		b = whole
	}
	return l.items(b, path, last, depth)
}

func readError(err error) error {
	if errors.Is(err, io.EOF) {
		return errTorn
	}
	return err
}

// items walks over the items of a page.
func (l *look) items(b []byte, path [][]byte, last *[]byte, depth int) error {
	flags, n := native.Uint16(b[8:]), int(native.Uint16(b[10:]))
	switch {
	case flags == branchPage && n > 0 && pageHead+n*branchItem <= len(b):
		for i := range n {
			if err := l.page(native.Uint64(b[pageHead+i*branchItem+8:]), path, last, depth+1); err != nil {
				return err
			}
		}
		return nil
	case flags == leafPage && pageHead+n*leafItem <= len(b):
		for i := range n {
			at := pageHead + i*leafItem
			if err := l.leaf(b[at:], path, last, depth); err != nil {
				return err
			}
		}
		return nil
	}
	return errTorn
}

// leaf walks over one item, which is a value or a bucket.
func (l *look) leaf(item []byte, path [][]byte, last *[]byte, depth int) error {
	flags, pos, ksize, vsize := native.Uint32(item), uint64(native.Uint32(item[4:])), uint64(native.Uint32(item[8:])), uint64(native.Uint32(item[12:]))
	if pos < leafItem || pos+ksize+vsize > uint64(len(item)) || ksize == 0 {
		return errTorn
	}
	key, value := item[pos:pos+ksize], item[pos+ksize:pos+ksize+vsize]
	if bytes.Compare(*last, key) >= 0 {
		return errTorn
	}
	*last = key
	if flags&bucketLeaf == 0 {
		return l.see(path, key, value)
	}
	if len(value) < bucketHead {
		return errTorn
	}
	inside := append(path[:len(path):len(path)], key)
	root, inline := native.Uint64(value), value[bucketHead:]
	switch {
	case root != 0:
		return l.page(root, inside, &[]byte{}, depth+1)
	case len(inline) < pageHead || depth > maxDepth || native.Uint16(inline[8:]) != leafPage:
		return errTorn
	}
	return l.items(inline, inside, &[]byte{}, depth+1)
}

// summary is what a walk finds in a file.
type summary struct {
	meta  map[string][]byte
	names []string // of sandboxes
	rows  int
	parts map[string]map[string][]byte // by sandbox
	heads map[string]head
}

// inspect walks over a file and checks all that is in it.
func inspect(in io.ReaderAt, size int64) (*summary, error) {
	s := &summary{meta: map[string][]byte{}, parts: map[string]map[string][]byte{}, heads: map[string]head{}}
	rows := map[string]int{}
	err := walk(in, size, func(path [][]byte, key, value []byte) error {
		value, err := open(key, value)
		switch {
		case err != nil && len(s.meta) == 0:
			return errForeign // another program's bbolt
		case err != nil:
			return err
		}
		return s.note(path, key, value, rows)
	})
	if err != nil {
		return nil, err
	}
	if string(s.meta[keyMagic]) != magic {
		return nil, errForeign
	}
	for name, h := range s.heads {
		if h.rows != rows[name] {
			return nil, fmt.Errorf("sandbox %s has %d rows and not %d: %w", name, rows[name], h.rows, errTorn)
		}
		s.rows += h.rows
		delete(rows, name)
	}
	if len(rows) > 0 {
		return nil, errTorn
	}
	return s, nil
}

// note keeps a value that is not a row, and counts rows.
func (s *summary) note(path [][]byte, key, value []byte, rows map[string]int) error {
	top := ""
	if len(path) > 0 {
		top = string(path[0])
	}
	switch {
	case top == bucketMeta && len(path) == 1:
		s.meta[string(key)] = bytes.Clone(value)
		return nil
	case top == bucketSandboxes && len(path) == 2 && string(key) == keyHead:
		h, err := readHead(value)
		s.heads[string(path[1])] = h
		s.names = append(s.names, string(path[1]))
		return err
	case top == bucketSandboxes && len(path) == 3 && string(path[2]) == bucketRows:
		rows[string(path[1])]++
		return nil
	case top == bucketSandboxes && len(path) == 3 && string(path[2]) == bucketParts:
		name := string(path[1])
		if s.parts[name] == nil {
			s.parts[name] = map[string][]byte{}
		}
		s.parts[name][string(key)] = bytes.Clone(value)
		return nil
	}
	return errForeign
}
