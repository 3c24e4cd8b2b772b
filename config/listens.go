package config

import (
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
)

// listen reads the map of dialects to addresses.
func (l *loader) listen(n *yml.Node) {
	l.places[keyListen] = place{l.file, n, keyListen}
	if yml.IsNull(n) {
		return
	}
	if n.Kind != yml.Mapping {
		l.add(n, keyListen, "a map was expected here, write dialect: host:port lines below it, indented")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		addr, secure, ok := l.listener(keyListen+"."+k.Value, v)
		if !ok {
			continue
		}
		if l.c.Listen == nil {
			l.c.Listen, l.c.ListenAt = map[string]string{}, map[string]Place{}
		}
		l.c.Listen[k.Value] = address(addr)
		l.c.ListenAt[k.Value] = Place{l.file, k.Line, k.Column}
		if secure && l.c.TLS == nil {
			l.c.TLS = map[string]bool{}
		}
		if secure {
			l.c.TLS[k.Value] = true
		}
	}
}

// listener reads an address, alone or as {addr, tls}.
func (l *loader) listener(key string, v *yml.Node) (addr string, secure, ok bool) {
	if v.Kind == yml.Mapping {
		return l.listenerMap(key, v)
	}
	if v.Kind != yml.Scalar || yml.IsNull(v) {
		l.add(v, key, "an address was expected here, write one such as 127.0.0.1:12122, or {addr: 127.0.0.1:12443, tls: true}")
		return "", false, false
	}
	l.places[key] = place{l.file, v, key}
	return v.Value, false, true
}

func (l *loader) listenerMap(key string, n *yml.Node) (addr string, secure, ok bool) {
	found := len(l.found)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		scalar := v.Kind == yml.Scalar && !yml.IsNull(v)
		switch k.Value {
		case "addr", "address":
			if !scalar {
				l.add(v, key, "an address was expected here, write one such as 127.0.0.1:12443")
				continue
			}
			l.places[key] = place{l.file, v, key}
			addr = v.Value
		case "tls":
			on, err := strconv.ParseBool(strings.ToLower(v.Value))
			if !scalar || err != nil {
				l.add(v, key, "tls is true or false")
			}
			secure = on
		default:
			l.add(k, key, "unknown key %q%s", k.Value, unknownOf(k.Value, []string{"addr", "tls"}))
		}
	}
	if addr == "" && len(l.found) == found {
		l.add(n, key, "there is no address, write addr: 127.0.0.1:12443 beside tls")
	}
	return addr, secure, addr != ""
}

// unknownOf ends the message about a word that is none of those known.
func unknownOf(word string, known []string) string {
	if hint := yml.DidYouMean(word, known); hint != "" {
		return hint
	}
	return ", write " + alternatives(known)
}
