package main

import (
	"maps"
	"slices"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect/client"
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
