package mockstore

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/hashicorp/go-memdb"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// The indexes that every table has. Their keys are bytes of our own making,
// complete and different for every row, so all of them are unique without
// lying: memdb neither checks uniqueness nor has to append ids.
//
//	id    Key
//	list  part(Scope) Created Seq   rows with no Scope are not in it
//	keys  part(key)   Created Seq   once for each of Keys that is not empty
//
// Rows that are due some time have a mark in the table tableDue, in the order in
// which they are:
//
//	id    Due Table NUL Key
//
// A part is its length and then its bytes. No part is a prefix of another,
// whatever bytes it holds, so a scan of scope "a" cannot run into "a\x00b".
// Created and Seq are big-endian, Created with its sign bit flipped, so that
// bytes sort as the numbers do.
const (
	indexID   = "id"
	indexList = "list"
	indexKeys = "keys"

	tableDue = "due" // no kind is called so
)

// tableNumbers maps a kind to its place in DB.counts.
var tableNumbers = sync.OnceValue(func() map[string]int {
	numbers := map[string]int{}
	for i, kind := range record.Kinds() {
		numbers[kind] = i
	}
	return numbers
})

// pristine is the empty database that every store starts from.
var pristine = sync.OnceValue(func() *memdb.MemDB {
	db, err := memdb.NewMemDB(schema())
	if err != nil {
		panic("mockstore: " + err.Error()) // the schema below is wrong
	}
	return db
})

// schema declares one table for each kind, all alike.
func schema() *memdb.DBSchema {
	s := &memdb.DBSchema{Tables: map[string]*memdb.TableSchema{}}
	for _, kind := range record.Kinds() {
		s.Tables[kind] = &memdb.TableSchema{Name: kind, Indexes: map[string]*memdb.IndexSchema{
			indexID:   {Name: indexID, Unique: true, Indexer: idIndexer{}},
			indexList: {Name: indexList, Unique: true, AllowMissing: true, Indexer: listIndexer{}},
			indexKeys: {Name: indexKeys, Unique: true, AllowMissing: true, Indexer: keysIndexer{}},
		}}
	}
	s.Tables[tableDue] = &memdb.TableSchema{Name: tableDue, Indexes: map[string]*memdb.IndexSchema{
		indexID: {Name: indexID, Unique: true, Indexer: dueIndexer{}},
	}}
	return s
}

// rawArgs takes look-up keys as ready-made bytes.
type rawArgs struct{}

func (rawArgs) FromArgs(args ...any) ([]byte, error) {
	if len(args) == 1 {
		if key, ok := args[0].([]byte); ok {
			return key, nil
		}
	}
	return nil, fmt.Errorf("want one []byte, have %d arguments", len(args))
}

type idIndexer struct{ rawArgs }

func (idIndexer) FromObject(obj any) (bool, []byte, error) {
	return true, []byte(obj.(*kept).Key), nil
}

type dueIndexer struct{ rawArgs }

func (dueIndexer) FromObject(obj any) (bool, []byte, error) {
	m := obj.(*mark)
	b := make([]byte, 0, 8+len(m.table)+1+len(m.key))
	b = binary.BigEndian.AppendUint64(b, uint64(m.at)^1<<63)
	return true, append(append(append(b, m.table...), 0), m.key...), nil // no table has a NUL in its name
}

type listIndexer struct{ rawArgs }

func (listIndexer) FromObject(obj any) (bool, []byte, error) {
	r := obj.(*kept)
	if r.Scope == "" {
		return false, nil, nil
	}
	return true, listKey(r.Scope, &r.Row), nil
}

type keysIndexer struct{ rawArgs }

func (keysIndexer) FromObject(obj any) (bool, [][]byte, error) {
	r := obj.(*kept)
	if len(r.Keys) == 0 {
		return false, nil, nil
	}
	keys := make([][]byte, 0, len(r.Keys))
	for _, k := range r.Keys {
		if k != "" {
			keys = append(keys, listKey(k, &r.Row))
		}
	}
	return len(keys) > 0, keys, nil
}

// listKey is the place of a row in an ordered list called part.
func listKey(part string, r *store.Row) []byte {
	b := make([]byte, 0, len(part)+binary.MaxVarintLen32+16)
	b = appendPart(b, part)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Created)^1<<63)
	return binary.BigEndian.AppendUint64(b, r.Seq)
}

// appendPart appends a string so that it is no prefix of any other.
func appendPart(b []byte, part string) []byte {
	b = binary.AppendUvarint(b, uint64(len(part)))
	return append(b, part...)
}
