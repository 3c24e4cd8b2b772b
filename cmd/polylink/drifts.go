package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/dialect/drift"
	"github.com/polylink-dev/polylink/dialect/handbook"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/upstream"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
)

// driftFlags is what the drift command is told.
type driftFlags struct {
	url, exchanges string
	credentials    []string
	json, write    bool
}

func (a *app) driftCommand() *cobra.Command {
	var f driftFlags
	cmd := &cobra.Command{
		Use:   "drift NAME --url URL",
		Short: "Compare a provider's real answers with what its dialect says; exit code 4 where they differ",
		Long: "Ask the provider what the dialect's operations answer, and compare: members that are missing or not documented, other types\n" +
			"and words, other statuses and codes. Only GET requests are sent, with a credential, without one, and for an id that there is\n" +
			"not; --write sends the others, too, and so makes and changes records there. --exchanges compares recordings of a passthrough\n" +
			"instead, with what the dialect's mock answers to the same requests. Differences alone are printed.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return a.drift(cmd.Context(), args[0], f) },
	}
	cmd.Flags().StringVar(&f.url, "url", "", "`URL` of the provider, such as https://api.example.com")
	cmd.Flags().StringArrayVar(&f.credentials, "credentials", nil, "a credential as `NAME=VALUE`, by the names that upstreams has; those of the fixtures are sent otherwise")
	cmd.Flags().StringVar(&f.exchanges, "exchanges", "", "`folder` of recorded exchanges to compare")
	cmd.Flags().BoolVar(&f.json, "json", false, "print JSON")
	cmd.Flags().BoolVar(&f.write, "write", false, "send requests that change something, too")
	return cmd
}

// drifting is a comparison under way.
type drifting struct {
	checker  *drift.Checker
	d        *dialect.Dialect
	compared int
	found    []drift.Difference
}

func (r *drifting) note(list []drift.Difference) {
	r.compared++
	r.found = append(r.found, list...)
}

func (a *app) drift(ctx context.Context, name string, f driftFlags) error {
	if f.url == "" && f.exchanges == "" {
		return usage("there is nothing to compare with, name the provider with --url, or recordings of it with --exchanges")
	}
	l, err := a.load()
	if err != nil {
		return err
	}
	d := l.set.Dialect(name)
	if d == nil {
		return usage("there is no dialect %q%s", name, l.meant(name))
	}
	r := &drifting{d: d}
	if r.checker, err = drift.New(d); err != nil {
		return err
	}
	if f.exchanges != "" {
		err = r.recorded(l, f.exchanges)
	}
	if err == nil && f.url != "" {
		err = r.live(ctx, l, f)
	}
	if err != nil {
		return err
	}
	return a.tellDrift(r, f.json)
}

// tellDrift prints what was found.
func (a *app) tellDrift(r *drifting, asJSON bool) error {
	if asJSON {
		doc := struct {
			Dialect     string             `json:"dialect"`
			Compared    int                `json:"compared"`
			Differences []drift.Difference `json:"differences"`
		}{r.d.Name, r.compared, append([]drift.Difference{}, r.found...)}
		enc := json.NewEncoder(a.out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(doc); err != nil {
			return err
		}
	} else if len(r.found) > 0 {
		t := table(a.out)
		fmt.Fprintln(t, "OPERATION\tREQUEST\tDIFFERS IN\tWHERE\tDIALECT\tPROVIDER")
		for _, d := range r.found {
			where := d.Where
			if where == "" {
				where = "–"
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", d.Operation, d.Request, d.Kind, where, d.Want, d.Got)
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if len(r.found) > 0 {
		return &exitError{exitVerify, fmt.Errorf("%d differences in %d answers", len(r.found), r.compared)}
	}
	return nil
}

// live asks the provider, and the dialect's mock the same.
func (r *drifting) live(ctx context.Context, l loaded, f driftFlags) error {
	header, err := r.credentials(f.credentials)
	if err != nil {
		return err
	}
	there, err := upstream.New(upstream.Options{URL: strings.TrimSuffix(f.url, "/"), Timeout: 30 * time.Second})
	if err != nil {
		return usage("--url: %v, write one such as https://api.example.com", err)
	}
	here, err := r.mock(l)
	if err != nil {
		return err
	}
	p := &prober{drifting: r, there: there, here: here, header: header, known: map[*dialect.Resource]pair{}}
	for _, op := range r.d.Operations {
		if op.Does == dialect.Refuse || op.Method != http.MethodGet && !f.write {
			continue
		}
		sample, subject, whole := handbook.Sample(r.d, l.fixtures, op)
		if err := p.probe(ctx, op, sample, subject, whole); err != nil {
			return err
		}
	}
	return nil
}

// mock is what answers as the dialect does.
func (r *drifting) mock(l loaded) (http.Handler, error) {
	server, err := routes.New(routes.Options{Set: l.set, Fixtures: l.fixtures, Engine: mockstore.Make, NoLimits: true, Quiet: true})
	if err != nil {
		return nil, err
	}
	return server.ForDialect(r.d.Name), nil
}

// credentials reads NAME=VALUE pairs; nil leaves the fixtures'. Its errors
// repeat no value.
func (r *drifting) credentials(pairs []string) (http.Header, error) {
	given := map[string]config.Secret{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok || value == "":
			return nil, usage("--credentials: write NAME=VALUE, with a name of %s", list(client.Names(r.d)))
		case !slices.Contains(client.Names(r.d), name):
			return nil, usage("--credentials %s: %s", name, unknownCredential(r.d, name))
		}
		given[name] = config.NewSecret(value)
	}
	header, _ := credentialsOf(r.d, given)
	return header, nil
}

// prober sends the same request to the provider and to the mock.
type prober struct {
	*drifting
	there  *upstream.Client
	here   http.Handler
	header http.Header // credentials, nil for the fixtures'
	known  map[*dialect.Resource]pair
}

// pair is a record of the mock, and one of the provider.
type pair struct{ here, there string }

// probe asks for one operation: as the dialect's clients do, without a
// credential, and for a record that there is not.
func (p *prober) probe(ctx context.Context, op *dialect.Op, sample handbook.Request, subject handbook.Subject, whole bool) error {
	real := sample
	foreign := false // the provider may not know the record
	for res, id := range map[*dialect.Resource]string{op.Resource: subject.ID, subject.Parent: subject.ParentID} {
		switch {
		case res == nil || id == "":
		case p.known[res].there != "":
			real.Path = strings.Replace(real.Path, id, p.known[res].there, 1)
			sample.Path = strings.Replace(sample.Path, id, p.known[res].here, 1)
		default:
			foreign = true
		}
	}
	if whole {
		want, got, err := p.both(ctx, sample, real, true)
		if err != nil {
			return err
		}
		switch {
		case got.Status == http.StatusTooManyRequests && want.Status != got.Status: // it says nothing of the operation
		case foreign && got.Status == http.StatusNotFound:
			p.note(p.checker.Documented(op, got))
		default:
			p.note(p.checker.Alike(op, want, got))
		}
		p.learn(op, want, got)
	}
	if !op.Public && len(client.Names(p.d)) > 0 {
		want, got, err := p.both(ctx, sample, real, false)
		if err != nil {
			return err
		}
		p.note(p.checker.Alike(op, want, got))
	}
	if op.Method != http.MethodGet || subject.ID == "" || op.Resource.IDs == nil {
		return nil
	}
	nobody, ours, theirs := op.Resource.IDs.New(clock.Real(), ids.Random()), subject.ID, subject.ID
	if k := p.known[op.Resource]; k.there != "" {
		ours, theirs = k.here, k.there
	}
	want, got, err := p.both(ctx, moved(sample, ours, nobody), moved(real, theirs, nobody), true)
	if err == nil && (want.Status == got.Status || !foreign) {
		p.note(p.checker.Alike(op, want, got))
	}
	return err
}

func moved(r handbook.Request, from, to string) handbook.Request {
	r.Path = strings.Replace(r.Path, from, to, 1)
	return r
}

// learn remembers a record that both have.
func (p *prober) learn(op *dialect.Op, want, got drift.Answer) {
	if op.Resource == nil || got.Status >= http.StatusBadRequest || want.Status >= http.StatusBadRequest || p.known[op.Resource].there != "" {
		return
	}
	if here, there := firstID(op, want), firstID(op, got); here != "" && there != "" {
		p.known[op.Resource] = pair{here, there}
	}
}

// firstID is the id of the record in an answer, or of the first one in a list.
func firstID(op *dialect.Op, a drift.Answer) string {
	switch op.Does {
	case dialect.List:
		if page, ok := client.Items(op, a.Body); ok && len(page.Records) > 0 {
			return page.Records[0].ID()
		}
	case dialect.Create:
		if rec, ok := client.Item(op, a.Body); ok && rec != nil {
			return rec.ID()
		}
	}
	return ""
}

// both asks the mock and the provider.
func (p *prober) both(ctx context.Context, sample, real handbook.Request, authorized bool) (want, got drift.Answer, err error) {
	if want, err = asked(p.here, sample.Method, sample.Path, p.headers(sample, authorized, nil), sample.Body); err != nil {
		return want, got, err
	}
	header := p.headers(real, authorized, p.header)
	path, query, _ := strings.Cut(real.Path, "?")
	resp, err := p.there.Do(ctx, upstream.Request{Method: real.Method, Path: path, Query: query, Header: header,
		Body: strings.NewReader(real.Body), Length: int64(len(real.Body))})
	if err != nil {
		return want, got, fmt.Errorf("%s: %w", p.there.Host(), err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, upstream.MaxBody))
	if err != nil {
		return want, got, fmt.Errorf("%s: %w", p.there.Host(), err)
	}
	name := real.Method + " " + real.Path
	if !authorized {
		name += " without a credential"
	}
	return want, drift.Answer{Request: name, Status: resp.StatusCode, Body: upstream.Plain(resp.Header, body, upstream.MaxBody)}, nil
}

// headers are those of a request; own replaces its credential.
func (p *prober) headers(r handbook.Request, authorized bool, own http.Header) http.Header {
	h := http.Header{"Accept": {"application/json"}}
	for _, pair := range r.Headers {
		h.Set(pair[0], pair[1])
	}
	if !authorized || own != nil {
		h.Del("Authorization")
		for _, name := range p.d.Auth.Headers {
			h.Del(name)
		}
	}
	if authorized {
		for name, values := range own {
			h[name] = values
		}
	}
	return h
}

// asked asks the dialect's own mock.
func asked(here http.Handler, method, path string, header http.Header, body string) (drift.Answer, error) {
	req, err := http.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
	if err != nil {
		return drift.Answer{}, errors.New("a request of the dialect's is none")
	}
	req.Header = header
	w := &answerWriter{header: http.Header{}, status: http.StatusOK}
	here.ServeHTTP(w, req)
	return drift.Answer{Request: method + " " + path, Status: w.status, Body: w.body.Bytes()}, nil
}

// answerWriter keeps an answer.
type answerWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the headers of the answer.
func (w *answerWriter) Header() http.Header { return w.header }

// WriteHeader keeps the status.
func (w *answerWriter) WriteHeader(status int) { w.status = status }

func (w *answerWriter) Write(b []byte) (int, error) { return w.body.Write(b) }
