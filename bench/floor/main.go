// Package floor is the server that polylink is measured against: one provider's
// links, written by hand, with nothing that a mock needs besides.
//
// It stands beside the product and imports none of it. Mode store does what an
// ideal mock of one provider does: gorilla/mux, the bearer token, JSON that is
// checked, an update by sjson and a transaction of go-memdb. Mode fixed answers
// every request with the same bytes: what net/http itself takes. Package
// bench/http runs both beside the product. Start with main.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/gorilla/mux"
	"github.com/hashicorp/go-memdb"
	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

//go:embed link.json
var sample []byte

const path = "/v1/payment-links"

// jsonType is shared by all answers, which change none of it.
var jsonType = []string{"application/json"}

func main() {
	mode := flag.String("mode", "store", "store or fixed")
	addr := flag.String("addr", "127.0.0.1:0", "where to listen")
	flag.Parse()
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, sample) })
	if *mode == "store" {
		h = newServer().router()
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", l.Addr())
	log.Fatal(http.Serve(l, h))
}

func answer(w http.ResponseWriter, status int, body []byte) {
	w.Header()["Content-Type"] = jsonType
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// link is one stored link. Neither field ever changes: an update makes another one.
type link struct {
	id  string
	doc []byte
}

// byID indexes links without reflection.
type byID struct{}

func (byID) FromObject(o any) (bool, []byte, error) { return true, []byte(o.(*link).id + "\x00"), nil }
func (byID) FromArgs(args ...any) ([]byte, error)   { return []byte(args[0].(string) + "\x00"), nil }

type server struct {
	db   *memdb.MemDB
	made atomic.Int64
}

func newServer() *server {
	db, err := memdb.NewMemDB(&memdb.DBSchema{Tables: map[string]*memdb.TableSchema{
		"link": {Name: "link", Indexes: map[string]*memdb.IndexSchema{"id": {Name: "id", Unique: true, Indexer: byID{}}}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	s := &server{db: db}
	if _, err := s.put("00000000-0000-0000-0000-000000000000", sample); err != nil {
		log.Fatal(err)
	}
	return s
}

func (s *server) router() http.Handler {
	r := mux.NewRouter()
	r.HandleFunc(path+"/{id}", s.one)
	r.HandleFunc(path, s.create)
	return r
}

// put keeps a document under an id, which it has in it afterwards.
func (s *server) put(id string, doc []byte) ([]byte, error) {
	doc, err := sjson.SetBytes(doc, "id", id)
	if err != nil {
		return nil, err
	}
	txn := s.db.Txn(true)
	defer txn.Abort()
	if err := txn.Insert("link", &link{id, doc}); err != nil {
		return nil, err
	}
	txn.Commit()
	return doc, nil
}

// Refusals as a provider words them.
var (
	unauthorized = []byte(`{"error":{"type":"authentication_error","message":"Invalid API key"}}`)
	missing      = []byte(`{"error":{"type":"invalid_request_error","message":"No such payment link"}}`)
	malformed    = []byte(`{"error":{"type":"invalid_request_error","message":"Malformed JSON"}}`)
	badTitle     = []byte(`{"error":{"type":"invalid_request_error","param":"title","message":"title must be a string"}}`)
	badStatus    = []byte(`{"error":{"type":"invalid_request_error","param":"status","message":"status must be one of active, inactive, archived"}}`)
	notAllowed   = []byte(`{"error":{"type":"invalid_request_error","message":"Method not allowed"}}`)
)

// The first member that is set copies the document, and the next one may write into
// the copy.
var (
	copying = &sjson.Options{Optimistic: true}
	inPlace = &sjson.Options{Optimistic: true, ReplaceInPlace: true}
)

const token = "Bearer PB_sk_test_main"

func (s *server) create(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != token {
		answer(w, http.StatusUnauthorized, unauthorized)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil || r.Method != http.MethodPost || !gjson.GetBytes(body, "line_items").IsArray() {
		answer(w, http.StatusBadRequest, malformed)
		return
	}
	doc, err := s.put(fmt.Sprintf("00000000-0000-4000-8000-%012d", s.made.Add(1)), sample)
	if err != nil {
		answer(w, http.StatusInternalServerError, malformed)
		return
	}
	answer(w, http.StatusOK, doc)
}

func (s *server) one(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != token {
		answer(w, http.StatusUnauthorized, unauthorized)
		return
	}
	switch id := mux.Vars(r)["id"]; r.Method {
	case http.MethodGet:
		if l := s.get(s.db.Txn(false), id); l != nil {
			answer(w, http.StatusOK, l.doc)
			return
		}
		answer(w, http.StatusNotFound, missing)
	case http.MethodPut:
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil {
			body = nil
		}
		status, doc := s.update(id, body)
		answer(w, status, doc)
	default:
		answer(w, http.StatusMethodNotAllowed, notAllowed)
	}
}

func (s *server) get(txn *memdb.Txn, id string) *link {
	found, _ := txn.First("link", "id", id) // the schema has the index
	l, _ := found.(*link)
	return l
}

// update checks a body, sets the members that it has and returns the document.
func (s *server) update(id string, body []byte) (status int, doc []byte) {
	if !gjson.ValidBytes(body) {
		return http.StatusBadRequest, malformed
	}
	title, state := gjson.GetBytes(body, "title"), gjson.GetBytes(body, "status")
	if title.Exists() && title.Type != gjson.String {
		return http.StatusBadRequest, badTitle
	}
	if state.Exists() && state.Str != "active" && state.Str != "inactive" && state.Str != "archived" {
		return http.StatusBadRequest, badStatus
	}
	txn := s.db.Txn(true)
	defer txn.Abort()
	old := s.get(txn, id)
	if old == nil {
		return http.StatusNotFound, missing
	}
	doc, err := old.doc, error(nil)
	opts := copying
	if title.Exists() {
		doc, err = sjson.SetRawBytesOptions(doc, "title", []byte(title.Raw), opts)
		opts = inPlace
	}
	if err == nil && state.Exists() {
		doc, err = sjson.SetRawBytesOptions(doc, "status", []byte(state.Raw), opts)
	}
	if err == nil {
		err = txn.Insert("link", &link{id, doc})
	}
	if err != nil {
		return http.StatusBadRequest, malformed
	}
	txn.Commit()
	return http.StatusOK, doc
}
