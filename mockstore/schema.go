package mockstore

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/go-memdb"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Every kind but those of logs.go has three tables, each with one index. Their
// keys are bytes of our own making, complete and different for every row, so all
// of them are unique without lying: memdb neither checks uniqueness nor has to
// append ids.
//
//	KIND        Key                       the rows
//	KIND/list   part(Scope) Created Seq   their places in lists; rows with no Scope have none
//	KIND/keys   part(key)   Created Seq   and under each of Keys that is not empty
//
// A change of what a row says leaves its places as they are, so it touches the
// first table alone.
//
// Rows that are due some time have a mark in the table tableDue, in the order in
// which they are:
//
//	due         Due Table NUL Key
//
// A part is its length and then its bytes. No part is a prefix of another,
// whatever bytes it holds, so a scan of scope "a" cannot run into "a\x00b".
// Created and Seq are big-endian, Created with its sign bit flipped, so that
// bytes sort as the numbers do.
const (
	indexID = "id" // which memdb wants every table to have

	tableDue = "due" // no kind is called so
)

// tables are those of a kind.
type tables struct {
	number           int // its place in state.counts
	rows, list, keys string
	log              bool // it has none, and is kept in a log
}

// place is where a row stands in a list, or under one of its secondary keys.
type place struct {
	row     atomic.Pointer[kept] // nil once any store that shares the place has changed it: then it is looked up
	key     string               // of the row
	part    string
	created int64
	seq     uint64
}

// kinds are the tables of each kind.
var kinds = sync.OnceValue(func() map[string]*tables {
	all := map[string]*tables{}
	for i, kind := range record.Kinds() {
		all[kind] = &tables{number: i, rows: kind, list: kind + "/list", keys: kind + "/keys", log: kind == record.Audits.Kind || kind == record.Events.Kind}
	}
	return all
})

// pristine is the empty database that every store starts from.
var pristine = sync.OnceValue(func() *memdb.MemDB {
	db, err := memdb.NewMemDB(schema())
	if err != nil {
		panic("mockstore: " + err.Error()) // the schema below is wrong
	}
	return db
})

// schema declares the tables.
func schema() *memdb.DBSchema {
	s := &memdb.DBSchema{Tables: map[string]*memdb.TableSchema{}}
	add := func(table string, indexer memdb.Indexer) {
		s.Tables[table] = &memdb.TableSchema{Name: table, Indexes: map[string]*memdb.IndexSchema{
			indexID: {Name: indexID, Unique: true, Indexer: indexer},
		}}
	}
	for _, t := range kinds() {
		if !t.log {
			add(t.rows, rowIndexer{})
			add(t.list, placeIndexer{})
			add(t.keys, placeIndexer{})
		}
	}
	add(tableDue, dueIndexer{})
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

type rowIndexer struct{ rawArgs }

func (rowIndexer) FromObject(obj any) (bool, []byte, error) {
	return true, []byte(obj.(*kept).Key), nil
}

type placeIndexer struct{ rawArgs }

func (placeIndexer) FromObject(obj any) (bool, []byte, error) {
	p := obj.(*place)
	return true, listKey(p.part, p.created, p.seq), nil
}

type dueIndexer struct{ rawArgs }

func (dueIndexer) FromObject(obj any) (bool, []byte, error) {
	m := obj.(*mark)
	b := make([]byte, 0, 8+len(m.table)+1+len(m.key))
	b = binary.BigEndian.AppendUint64(b, uint64(m.at)^1<<63)
	return true, append(append(append(b, m.table...), 0), m.key...), nil // no table has a NUL in its name
}

// listKey is a place in an ordered list called part.
func listKey(part string, created int64, seq uint64) []byte {
	b := make([]byte, 0, len(part)+binary.MaxVarintLen32+16)
	b = appendPart(b, part)
	b = binary.BigEndian.AppendUint64(b, uint64(created)^1<<63)
	return binary.BigEndian.AppendUint64(b, seq)
}

// appendPart appends a string so that it is no prefix of any other.
func appendPart(b []byte, part string) []byte {
	b = binary.AppendUvarint(b, uint64(len(part)))
	return append(b, part...)
}

// check refuses a row that no index could hold. It is our own mistake, never
// a client's.
func check(r *store.Row) error {
	switch {
	case r == nil:
		return fmt.Errorf("row is nil")
	case r.Key == "":
		return fmt.Errorf("row of %q has no key", r.Table)
	case kinds()[r.Table] == nil:
		return fmt.Errorf("row %s: there is no kind %q", r.Key, r.Table)
	}
	return nil
}
