package main

import (
	"fmt"
	"net/http"
	"os"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/files"
	"github.com/polylink-dev/polylink/internal/recordings"
	"github.com/polylink-dev/polylink/internal/upstream"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/routes"
)

// passages makes what answers for the dialects that are passed on as they are.
// Its errors are of exitInvalid where a recording is not in order.
func passages(c *config.Config, set *dialect.Set) (map[string]*routes.Passage, error) {
	out := map[string]*routes.Passage{}
	for name, u := range c.Upstreams {
		if !u.Passes(name) {
			continue
		}
		p, err := passage(u, set.Dialect(name))
		if err != nil {
			return nil, fmt.Errorf("upstreams.%s: %w", name, err)
		}
		out[name] = p
	}
	return out, nil
}

func passage(u config.Upstream, d *dialect.Dialect) (*routes.Passage, error) {
	p := &routes.Passage{Strict: u.Strict}
	var err error
	if u.Replay != "" {
		if _, err := os.Stat(u.Replay); err != nil {
			return nil, invalid(fmt.Errorf("replay: %w; record exchanges there first", err))
		}
		if p.Replay, err = recordings.Load(files.Dir(u.Replay, recordings.MaxFile)); err != nil {
			return nil, invalid(fmt.Errorf("replay: %w", err))
		}
		return p, nil
	}
	if p.Client, err = upstream.New(upstream.Options{URL: u.URL, Timeout: u.Timeout}); err != nil {
		return nil, err
	}
	p.Header, p.Secrets = credentialsOf(d, u.Credentials)
	if u.Record != "" {
		if p.Recorder, err = recordings.Open(u.Record); err != nil {
			return nil, fmt.Errorf("record: %w", err)
		}
	}
	return p, nil
}

// credentialsOf writes credentials as the headers of a dialect, nil where there
// are none, and lists what is secret about them.
func credentialsOf(d *dialect.Dialect, given map[string]config.Secret) (http.Header, []string) {
	if len(given) == 0 {
		return nil, nil
	}
	named, secrets := client.Credentials{}, []string(nil)
	for name, s := range given {
		named[name] = s.Reveal()
		secrets = append(secrets, s.Reveal())
	}
	r := client.Request{Header: http.Header{}}
	r.Authorize(d, named)
	return r.Header, secrets
}

// unknownCredential ends a message about a name that a dialect has no credential
// of.
func unknownCredential(d *dialect.Dialect, name string) string {
	names := client.Names(d)
	if len(names) == 0 {
		return "there is no such credential, " + d.Name + " takes none"
	}
	if hint := yml.DidYouMean(name, names); hint != "" {
		return "there is no such credential" + hint
	}
	return "there is no such credential, write " + list(names)
}

// list writes names as "a, b and c".
func list(names []string) string {
	out := ""
	for i, n := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			out += " and "
		default:
			out += ", "
		}
		out += n
	}
	return out
}
