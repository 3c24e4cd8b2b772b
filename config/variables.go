package config

import (
	"regexp"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
)

// notSettings are variables of ours that are for other programs: tests, and
// clients that look for the binary.
var notSettings = []string{"POLYLINK_BIN", "POLYLINK_DOCS", "POLYLINK_FAULT", "POLYLINK_GOLDEN", "POLYLINK_KILLS", "POLYLINK_ROWS", "POLYLINK_URL"}

// injected are the variables that Kubernetes gives every container for a
// service called polylink, or polylink-something.
var injected = regexp.MustCompile(`^(POLYLINK(?:_[A-Z0-9_]+?)??)_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$`)

// Variables looks through an environment, NAME=value each, for settings that
// nobody has. A name that is close to a setting's is a mistake; the others are
// returned to be warned of. Empty variables count as unset here, too.
func Variables(environ []string) (mistakes Diagnostics, others []string) {
	set := map[string]string{}
	for _, pair := range environ {
		if name, value, _ := strings.Cut(pair, "="); strings.HasPrefix(name, EnvPrefix) && value != "" {
			set[name] = value
		}
	}
	for _, key := range Keys() {
		delete(set, EnvName(key))
	}
	for _, name := range notSettings {
		delete(set, name)
	}
	for name := range set {
		if fromKubernetes(name, set) {
			continue
		}
		if meant := meantVariable(name); meant != "" {
			mistakes = append(mistakes, Diagnostic{Key: name, Msg: "there is no such setting, did you mean " + meant})
			continue
		}
		others = append(others, name)
	}
	slices.SortFunc(mistakes, func(a, b Diagnostic) int { return strings.Compare(a.Key, b.Key) })
	slices.Sort(others)
	return mistakes, others
}

// fromKubernetes tells whether a variable is one of a service's. Those of a
// service called polylink-something are known by the whole set.
func fromKubernetes(name string, set map[string]string) bool {
	m := injected.FindStringSubmatch(name)
	if m == nil {
		return false
	}
	if m[1] == "POLYLINK" {
		return name != "POLYLINK_PORT" || strings.Contains(set[name], "://")
	}
	_, host := set[m[1]+"_SERVICE_HOST"]
	_, port := set[m[1]+"_SERVICE_PORT"]
	return host && port
}

// meantVariable is the variable of a setting that was probably meant, or "":
// one that is spelt alike, or with a section in front.
func meantVariable(name string) string {
	var names []string
	for _, key := range Keys() {
		names = append(names, EnvName(key))
	}
	word := strings.TrimPrefix(name, EnvPrefix)
	bare := make([]string, len(names))
	for i, n := range names {
		bare[i] = strings.TrimPrefix(n, EnvPrefix)
	}
	if near := yml.Nearest(word, bare); near != "" {
		return EnvPrefix + near
	}
	found := ""
	for _, n := range bare {
		if _, tail, ok := strings.Cut(n, "_"); !ok || tail != word {
			continue
		}
		if found != "" {
			return "" // several have that word
		}
		found = n
	}
	if found == "" {
		return ""
	}
	return EnvPrefix + found
}
