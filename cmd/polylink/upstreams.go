package main

import (
	"maps"
	"slices"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/backend/mock"
	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/upstream"
	"github.com/polylink-dev/polylink/proxy"
)

// upstreams holds the configured upstreams to the dialects that there are.
func (f loaded) upstreams(c *config.Config) config.Diagnostics {
	var wrong config.Diagnostics
	add := func(at config.Place, key, msg string) {
		wrong = append(wrong, config.Diagnostic{File: at.File, Line: at.Line, Col: at.Col, Key: key, Msg: msg})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Upstreams)) {
		u, key := c.Upstreams[name], "upstreams."+name
		if f.set.Dialect(name) == nil {
			add(u.At, key, "there is no such dialect"+f.meant(name))
		}
		to := f.set.Dialect(u.To)
		if to == nil {
			add(u.ToAt, key+".to", "there is no such dialect"+f.meant(u.To))
			continue
		}
		for _, c := range slices.Sorted(maps.Keys(u.Credentials)) {
			if !slices.Contains(client.Names(to), c) {
				add(u.CredentialsAt[c], key+".credentials."+c, unknownCredential(to, c))
			}
		}
	}
	return wrong
}

// backends chooses who answers each dialect: the mock, or an upstream that
// speaks another one, whose connections outlive a reload.
func backends(list map[string]config.Upstream) func(d *dialect.Dialect, own backend.Backend) backend.Backend {
	upstreams := map[string]*proxy.Upstream{}
	for name, u := range list {
		c, err := upstream.New(upstream.Options{URL: u.URL, Timeout: u.Timeout})
		if err != nil || u.Passes(name) {
			continue
		}
		up := proxy.NewUpstream(u.To, c, u.Queue)
		up.Timeout, up.Refuse, up.Credentials = u.Timeout, u.OnLoss == config.LossRefuse, client.Credentials{}
		for word, secret := range u.Credentials {
			up.Credentials[word] = secret.Reveal()
		}
		up.WebhookSecret = u.WebhookSecret.Reveal()
		upstreams[name] = up
	}
	return func(d *dialect.Dialect, own backend.Backend) backend.Backend {
		up, store := upstreams[d.Name], own.(*mock.Backend)
		if up == nil || store.Ledger.Set.Dialect(up.Name) == nil {
			return own
		}
		return &proxy.Backend{From: d, To: store.Ledger.Set.Dialect(up.Name), Upstream: up, Ledger: store.Ledger, Own: own}
	}
}
