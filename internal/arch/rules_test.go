package arch

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// aliases are names of products that a provider's documents also go by, or
// lean on. The names of the mapping files are added to them.
var aliases = []string{"kirimdev", "kirim.dev", "leanrails", "fluveo", "priceblocs", "devdraft", "katu9", "stripe"}

// providers lists the names that Go code must not know, in lower case.
func providers(tree fs.FS) ([]string, error) {
	files, err := fs.Glob(tree, "mappings/*.yaml")
	if err != nil {
		return nil, err
	}
	names := append([]string(nil), aliases...)
	for _, f := range files {
		names = append(names, strings.ToLower(strings.TrimSuffix(path.Base(f), ".yaml")))
	}
	return names, nil
}

// checkNames finds providers' names, in code and in comments.
func checkNames(s *source, names []string) []string {
	if s.test || s.under("mappings", "fixtures", "bench") {
		return nil
	}
	var out []string
	line := 0
	for text := range strings.SplitSeq(strings.ToLower(string(s.text)), "\n") {
		line++
		for _, n := range names {
			if strings.Contains(text, n) {
				out = append(out, fmt.Sprintf("%s:%d: Go code knows the name %q; say it in a mapping file", s.path, line, n))
				break
			}
		}
	}
	return out
}

// yamlPaths begin the import paths of YAML libraries.
var yamlPaths = []string{"gopkg.in/yaml.", "go.yaml.in/yaml", "sigs.k8s.io/yaml", "github.com/goccy/go-yaml", "github.com/ghodss/yaml"}

// checkYAML keeps YAML libraries to one package, tests too.
func checkYAML(s *source) []string {
	if s.dir == "internal/yml" {
		return nil
	}
	var out []string
	for _, im := range s.imports() {
		for _, p := range yamlPaths {
			if strings.HasPrefix(im.path, p) {
				out = append(out, fmt.Sprintf("%s:%d: imports %s; read YAML through internal/yml", s.path, im.line, im.path))
			}
		}
	}
	return out
}

// checkTime keeps the machine's clock and randomness to the packages that hand
// them out. time.Since and time.Until ask the clock too.
func checkTime(s *source) []string {
	if s.test || s.under("internal/clock", "internal/ids", "cmd", "bench") {
		return nil
	}
	var out []string
	for _, line := range s.uses("time", "Now", "Since", "Until") {
		out = append(out, fmt.Sprintf("%s:%d: asks the machine for the time; take the sandbox's clock", s.path, line))
	}
	for _, im := range s.imports() {
		switch im.path {
		case "math/rand", "math/rand/v2", "crypto/rand":
			out = append(out, fmt.Sprintf("%s:%d: imports %s; randomness is handed in", s.path, im.line, im.path))
		}
	}
	return out
}

// checkErrors keeps http.Error, which answers in text/plain, out of routes.
func checkErrors(s *source) []string {
	if s.test || !s.under("routes") {
		return nil
	}
	var out []string
	for _, line := range s.uses("net/http", "Error") {
		out = append(out, fmt.Sprintf("%s:%d: http.Error writes text/plain; return the error, the dialect has its envelope", s.path, line))
	}
	return out
}
