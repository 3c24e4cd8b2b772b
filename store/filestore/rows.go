package filestore

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// A value in the file ends with a checksum of its key and itself, so that what
// was torn or bent is not taken for a row. A row's key is its table, a NUL and
// its own key, or a hash of that where it is long; its value is a sequence of numbers and of texts with their length
// in front, see appendRow. A slot of a record is a number by the dictionary of
// the file, so that a later program, whose kinds have more slots in another
// order, still reads it.

var sums = crc32.MakeTable(crc32.Castagnoli)

const sumBytes = 4

// seal appends the checksum to a value that begins at from.
func seal(dst []byte, from int, key []byte) []byte {
	sum := crc32.Update(crc32.Checksum(key, sums), sums, dst[from:])
	return binary.LittleEndian.AppendUint32(dst, sum)
}

// sealed is a value with its checksum.
func sealed(key, value []byte) []byte { return seal(slices.Clip(value), 0, key) }

var errTorn = errors.New("it is torn or was changed by something else")

// open checks a value and returns it without the checksum.
func open(key, value []byte) ([]byte, error) {
	at := len(value) - sumBytes
	if at < 0 || crc32.Update(crc32.Checksum(key, sums), sums, value[:at]) != binary.LittleEndian.Uint32(value[at:]) {
		return nil, errTorn
	}
	return value[:at], nil
}

// words are the slots of one kind as a file numbers them.
type words struct {
	schema  *record.Schema
	numbers []uint64      // by slot
	slots   []record.Slot // by number
}

// dictionary is the words of all kinds.
type dictionary map[string]*words

// newDictionary reads how a file numbers slots, a list of names for each kind,
// and gives those that it does not have the next numbers. It returns the lists
// that have grown. A name that no slot has is an error.
func newDictionary(lists map[string][]string) (dictionary, map[string][]string, error) {
	d, grown := dictionary{}, map[string][]string{}
	for kind, names := range lists {
		schema := record.Schemas()[kind]
		if schema == nil {
			return nil, nil, newer("records of a kind " + kind)
		}
		for _, name := range names {
			if _, ok := schema.Slot(name); !ok {
				return nil, nil, newer("a member " + name + " of a " + kind)
			}
		}
	}
	for kind, schema := range record.Schemas() {
		names := lists[kind]
		w := &words{schema: schema, numbers: make([]uint64, len(schema.Slots))}
		for i, slot := range schema.Slots {
			at := slices.Index(names, slot.Name)
			if at < 0 {
				at = len(names)
				names = append(slices.Clip(names), slot.Name)
				grown[kind] = names
			}
			w.numbers[i] = uint64(at)
		}
		w.slots = make([]record.Slot, len(names))
		for i, n := range w.numbers {
			w.slots[n] = record.Slot(i)
		}
		d[kind] = w
	}
	return d, grown, nil
}

func newer(what string) error {
	return fmt.Errorf("it has %s, which this program does not know; it was written by a newer polylink: use that one, or export the file with it", what)
}

// longKey is the length from which a key is hashed: bbolt takes none above 32 KiB.
const longKey = 1 << 10

// appendKey appends the key of a row.
func appendKey(dst []byte, table, key string) []byte {
	dst = append(append(dst, table...), 0)
	if len(key) < longKey {
		return append(dst, key...)
	}
	sum := sha256.Sum256([]byte(key))
	return append(dst, sum[:]...)
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// appendRow appends a row but for its table and key.
func (d dictionary) appendRow(dst []byte, r *store.Row) []byte {
	dst = appendText(dst, r.Scope)
	dst = binary.AppendVarint(dst, r.Created)
	dst = binary.AppendUvarint(dst, r.Seq)
	dst = binary.AppendVarint(dst, r.Due)
	dst = binary.AppendUvarint(dst, r.Version)
	dst = binary.AppendUvarint(dst, count(r.Keys == nil, len(r.Keys)))
	for _, k := range r.Keys {
		dst = appendText(dst, k)
	}
	flags := byte(0)
	if r.Record != nil {
		flags |= hasRecord
	}
	if len(r.Key) >= longKey {
		dst = appendText(append(dst, flags|hasKey), r.Key)
	} else {
		dst = append(dst, flags)
	}
	if r.Record == nil {
		return dst
	}
	return d.appendRecord(dst, r.Record)
}

// Flags of a row.
const (
	hasRecord = 1
	hasKey    = 2 // the row's own key follows, for that of the file is a hash
)

// count tells nothing at all from a list without members.
func count(none bool, n int) uint64 {
	if none {
		return 0
	}
	return uint64(n) + 1
}

func (d dictionary) appendRecord(dst []byte, rec *record.Record) []byte {
	w := d[rec.Schema.Kind]
	dst = appendText(dst, rec.Schema.Kind)
	dst = appendText(dst, rec.Dialect)
	for i, number := range w.numbers {
		if text := rec.Get(record.Slot(i)); text != "" {
			dst = appendText(binary.AppendUvarint(dst, number+1), text)
		}
	}
	dst = append(dst, 0)
	rec.EachExt(func(key, text string) { dst = appendText(appendText(dst, key), text) })
	return dst
}

// cursor reads a value.
type cursor struct {
	text string // what is left
	bad  bool
}

func (c *cursor) uvarint() uint64 {
	var n uint64
	for i := range min(len(c.text), binary.MaxVarintLen64) {
		b := c.text[i]
		n |= uint64(b&0x7f) << (7 * i)
		if b < 0x80 {
			c.text = c.text[i+1:]
			return n
		}
	}
	c.bad, c.text = true, ""
	return 0
}

func (c *cursor) varint() int64 {
	u := c.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (c *cursor) take() string {
	n := c.uvarint()
	if n > uint64(len(c.text)) {
		c.bad, c.text = true, ""
		return ""
	}
	out := c.text[:n]
	c.text = c.text[n:]
	return out
}

// row reads a row out of a value whose checksum is right. The texts of the row
// share one piece of memory.
func (d dictionary) row(key, value []byte) (*store.Row, error) {
	table, own, ok := strings.Cut(string(key), "\x00")
	c := &cursor{text: string(value)}
	r := &store.Row{Table: table, Key: own, Scope: c.take(), Created: c.varint(), Seq: c.uvarint(), Due: c.varint(), Version: c.uvarint()}
	if n := c.uvarint(); n > 0 && n <= uint64(len(c.text))+1 {
		r.Keys = make([]string, n-1)
		for i := range r.Keys {
			r.Keys[i] = c.take()
		}
	}
	flags := c.uvarint()
	if flags&hasKey != 0 {
		r.Key = c.take()
	}
	if flags&hasRecord != 0 {
		r.Record = d.record(c)
	}
	if !ok || c.bad || c.text != "" {
		return nil, errTorn
	}
	return r, nil
}

func (d dictionary) record(c *cursor) *record.Record {
	w := d[c.take()]
	if w == nil {
		c.bad = true
		return nil
	}
	rec := record.New(w.schema, c.take())
	for !c.bad {
		n := c.uvarint()
		if n == 0 {
			break
		}
		if n > uint64(len(w.slots)) {
			c.bad = true
			break
		}
		rec.Set(w.slots[n-1], c.take())
	}
	for !c.bad && c.text != "" {
		rec.SetExt(c.take(), c.take())
	}
	return rec
}
