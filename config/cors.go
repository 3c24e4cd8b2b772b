package config

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
)

// CORS is whose web pages may call dialects from a browser. The control API is
// never among what they may call.
type CORS struct {
	Origins  []string            // of all dialects; * is every page
	Dialects map[string][]string // of one, instead; an empty list is none
	At       map[string]Place    // where the file has these
}

const keyOrigins = "cors.origins"

// cors reads the origins of one dialect: a list, or one of them.
func (l *loader) cors(dialect, key string, v *yml.Node) {
	if v.Kind == yml.Mapping { // as the section has it
		if len(v.Content) != 2 || v.Content[0].Value != "origins" {
			l.add(v, key, "origins were expected here, write origins: [http://localhost:3000]")
			return
		}
		v = v.Content[1]
	}
	texts := []string{}
	items := v.Content
	if v.Kind == yml.Scalar {
		items = []*yml.Node{v}
	}
	for _, item := range items {
		if !yml.IsString(item) {
			l.add(item, key, "an origin was expected here, write one such as http://localhost:3000")
			return
		}
		texts = append(texts, fields(item.Value)...)
	}
	if l.c.CORS.Dialects == nil {
		l.c.CORS.Dialects, l.c.CORS.At = map[string][]string{}, map[string]Place{}
	}
	l.c.CORS.Dialects[dialect], l.c.CORS.At[dialect] = texts, Place{l.file, v.Line, v.Column}
	l.places[key] = place{l.file, v, key}
}

func corsKey(dialect string) string { return keyDialects + "." + dialect + ".cors" }

func (c CORS) validate(add report) {
	check := func(key string, origins []string) {
		for _, o := range origins {
			if msg := originHint(o); msg != "" {
				add(key, "%q is no origin, %s", o, msg)
			}
		}
	}
	check(keyOrigins, c.Origins)
	for _, dialect := range slices.Sorted(maps.Keys(c.Dialects)) {
		check(corsKey(dialect), c.Dialects[dialect])
	}
}

// originHint says what to write instead of an origin, "" when it is one as
// browsers send it.
func originHint(o string) string {
	if o == "*" {
		return ""
	}
	u, err := url.Parse(o)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme == "":
		return "write scheme, host and port such as http://localhost:3000, or * for every page"
	case strings.Contains(o, "*"):
		return "write each by itself, or * alone for every page"
	}
	if origin := u.Scheme + "://" + asSent(u); origin != o {
		return "write " + origin
	}
	return ""
}

// asSent is the host of an origin as browsers send it: in small letters, and
// without the port that the scheme has anyway.
func asSent(u *url.URL) string {
	host := strings.ToLower(u.Host)
	for scheme, port := range map[string]string{"http": ":80", "https": ":443"} {
		if u.Scheme == scheme {
			host = strings.TrimSuffix(host, port)
		}
	}
	return host
}
