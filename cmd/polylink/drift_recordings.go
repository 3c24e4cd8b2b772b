package main

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/dialect/drift"
	"github.com/polylink-dev/polylink/dialect/handbook"
	"github.com/polylink-dev/polylink/internal/files"
	"github.com/polylink-dev/polylink/internal/recordings"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
)

// recorded compares what a passthrough recorded with what the dialect's mock
// answers to the same requests, in their order.
func (r *drifting) recorded(l loaded, dir string) error {
	if _, err := os.Stat(dir); err != nil {
		return err
	}
	tape, err := recordings.Load(files.Dir(dir, recordings.MaxFile))
	if err != nil {
		return invalid(err)
	}
	here, err := r.mock(l)
	if err != nil {
		return err
	}
	p := &player{drifting: r, l: l, here: here, ids: map[string]string{}}
	for _, x := range tape.Exchanges() {
		if x.Dialect != r.d.Name {
			continue
		}
		if err := p.play(x); err != nil {
			return err
		}
	}
	return nil
}

// player sends recorded requests to the mock.
type player struct {
	*drifting
	l    loaded
	here http.Handler
	ids  map[string]string // the mock's, by the provider's
}

// play sends one, and compares the two answers as far as the mock can know: a
// record that was made before the recording began is not there, the credential
// was not recorded, and neither are limits and failures those of the dialect.
func (p *player) play(x *recordings.Exchange) error {
	got := drift.Answer{Request: x.Method + " " + x.Path, Status: x.Status, Body: []byte(x.Answer)}
	op := p.checker.Operation(x.Method, x.Path)
	if op == nil {
		if x.Status < http.StatusBadRequest {
			p.note([]drift.Difference{{Operation: "–", Request: got.Request, Kind: drift.Operation, Want: "no such operation", Got: fmt.Sprint(x.Status)}})
		}
		return nil
	}
	header, secret := p.header(op, x)
	want, err := asked(p.here, x.Method, p.known(x.Path), header, p.known(x.Body))
	if err != nil {
		return err
	}
	moment := x.Status == http.StatusTooManyRequests || x.Status >= http.StatusInternalServerError || secret && (x.Status == http.StatusUnauthorized || x.Status == http.StatusForbidden)
	if moment || x.Status < http.StatusBadRequest && absent(op, want) {
		p.note(p.checker.Documented(op, got))
	} else {
		p.note(p.checker.Alike(op, want, got))
	}
	p.learn(op, want, got)
	return nil
}

// header is the request's, with the fixtures' credential where there was one, be
// it the client's or, as the answer shows, that of the passthrough.
func (p *player) header(op *dialect.Op, x *recordings.Exchange) (h http.Header, secret bool) {
	h = http.Header{}
	for name, values := range x.Header {
		if slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, journal.Hidden) }) {
			secret = true
		} else {
			h[name] = values
		}
	}
	if secret = secret || x.Status != http.StatusUnauthorized; !secret {
		return h, false
	}
	sample, _, _ := handbook.Sample(p.d, p.l.fixtures, op)
	for _, pair := range sample.Headers {
		if strings.EqualFold(pair[0], "Authorization") || slices.ContainsFunc(p.d.Auth.Headers, func(name string) bool { return strings.EqualFold(name, pair[0]) }) {
			h.Set(pair[0], pair[1])
		}
	}
	return h, true
}

// known writes the ids of records that both have as the mock has them.
func (p *player) known(text string) string {
	for there, here := range p.ids {
		text = strings.ReplaceAll(text, there, here)
	}
	return text
}

// absent tells whether the mock refuses a request for want of a record.
func absent(op *dialect.Op, a drift.Answer) bool {
	if a.Status < http.StatusBadRequest {
		return false
	}
	list, _ := client.Refusals(op, a.Status, a.Body)
	return slices.ContainsFunc(list, func(r client.Refusal) bool {
		return r.Code == record.CodeNotFound || r.Code == record.CodeParentNotFound || r.Code == record.CodeReference || r.Code == record.CodeNotOwner
	})
}

// learn remembers a record that both have made.
func (p *player) learn(op *dialect.Op, want, got drift.Answer) {
	if op.Does != dialect.Create || want.Status >= http.StatusBadRequest || got.Status >= http.StatusBadRequest {
		return
	}
	if here, there := firstID(op, want), firstID(op, got); here != "" && there != "" {
		p.ids[there] = here
	}
}
