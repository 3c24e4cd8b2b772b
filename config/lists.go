package config

import (
	"regexp"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
)

// list reads a key that has several values.
func (l *loader) list(s *setting, v *yml.Node) {
	var texts []string
	for i, item := range v.Content {
		if item.Kind != yml.Scalar || yml.IsNull(item) || strings.Contains(item.Value, ",") {
			l.add(item, s.key, "item %d is no text, write each on its own", i+1)
			return
		}
		texts = append(texts, item.Value)
	}
	if err := s.set(&l.c, strings.Join(texts, ",")); err != nil {
		l.add(v, s.key, "%s", err)
	}
}

// fields reads texts with commas between them.
func fields(s string) []string {
	var out []string
	for text := range strings.SplitSeq(s, ",") {
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, text)
		}
	}
	return out
}

var hostName = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?$`)

// validateHosts holds names of hosts to be names alone.
func (a Admin) validateHosts(add report) {
	for _, host := range a.Hosts {
		if !hostName.MatchString(host) {
			add("admin.hosts", "%q is no host, write a name without scheme and port, such as mocks.example.com or *.example.com", host)
		}
	}
}
