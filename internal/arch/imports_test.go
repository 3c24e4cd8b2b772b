package arch

import (
	"fmt"
	"slices"
	"strings"
)

// floors is the order of the packages from top to bottom. An import points to
// a lower floor, never up or sideways.
var floors = [][]string{
	{"cmd/polylink", "cmd/dist", "polylinktest"},
	{"routes", "console", "mcp"},
	{"admin"},
	{"visits"},
	{"hosted"},
	{"backend/mock", "proxy", "backend/backendtest", "dispatch/receivers"},
	{"backend", "dispatch", "snapshot", "journal/export"},
	{"ledger", "sandbox", "faults/scenario", "store/filestore"},
	{"checkout", "mockstore", "ratelimit", "journal", "faults", "webhook", "store/storetest"},
	{"dialect/handbook", "dialect/drift", "dialect/translation", "dialect/dialecttest"},
	{"dialect/client", "dialect/compile", "dialect/openapi", "dialect/seed"},
	{"dialect/answers", "dialect/failures", "dialect/lifecycle", "dialect/refusals", "dialect/routing", "dialect/secrets", "dialect/sections", "dialect/selection", "dialect/sharing"},
	{"dialect", "config"},
	{"dialect/access"},
	{"dialect/codec", "dialect/grammar", "dialect/template"},
	{"store", "record/document", "signing"},
	{"record"},
}

// Entries of the table that stand for several packages.
const (
	all     = "*"          // whatever the module has
	helpers = "internal/*" // helpers with no domain in them
)

// allowed is who may import what of ours. A package that is not here has no
// place yet: give it a line, and a floor above if it is a part of the path.
// Tests and bench may import anything.
var allowed = map[string][]string{
	"cmd/polylink":        {all},
	"cmd/dist":            {"internal/*"},
	"polylinktest":        {all},
	"routes":              {"record", "record/document", "store", "dialect", "dialect/selection", "dialect/access", "dialect/answers", "dialect/failures", "dialect/secrets", "dialect/handbook", "dialect/openapi", "dialect/refusals", "dialect/routing", "dialect/seed", "dialect/sharing", "backend", "backend/mock", "ledger", "visits", "hosted", "ratelimit", "sandbox", "journal", "faults", helpers},
	"admin":               {"record", "record/document", "store", "dialect", "dialect/secrets", "dialect/openapi", "dialect/seed", "dialect/handbook", "dialect/sharing", "dispatch", "ledger", "visits", "hosted", "ratelimit", "sandbox", "journal", "faults", "webhook", "snapshot", "journal/export", helpers},
	"sandbox":             {"record", "store", "ratelimit", "journal", "faults", "webhook", helpers},
	"signing":             {helpers},
	"backend":             {"record", "store", "dialect", "dialect/selection", "dialect/access", "dialect/routing", "ledger"},
	"backend/mock":        {"record", "store", "dialect", "dialect/selection", "dialect/lifecycle", "dialect/sharing", "ledger", "backend"},
	"backend/backendtest": {"record", "record/document", "store", "dialect", "dialect/selection", "dialect/access", "dialect/compile", "dialect/routing", "dialect/seed", "ledger", "backend", helpers},
	"checkout":            {"record", "dialect", "dialect/lifecycle", helpers},
	"ledger":              {"record", "record/document", "store", "checkout", "dialect", "dialect/lifecycle", "dialect/sharing", "faults", helpers},
	"journal":             {"record", "store", helpers},
	"dispatch":            {"record", "record/document", "store", "dialect", "ledger", "sandbox", "signing", "webhook", "faults", helpers},
	"dispatch/receivers":  {"record", "store", "dialect", "dispatch", "sandbox", "signing", "webhook", helpers},
	"faults":              {"record", "dialect", helpers},
	"faults/scenario":     {"record", "dialect", "dialect/grammar", "faults", helpers},
	"journal/export":      {"dialect", "dialect/access", "sandbox", "journal"},
	"snapshot":            {"record", "record/document", "store", "dialect", "ledger", "ratelimit", "sandbox", "faults", helpers},
	"hosted":              {"record", "store", helpers},
	"visits":              {"record", "store", "checkout", "dialect", "dialect/lifecycle", "dialect/sharing", "ledger", "sandbox", "hosted", "ratelimit", helpers},
	"mcp":                 {"admin", helpers},
	"console":             {"record", "dialect", "admin", "hosted", "sandbox", "journal", "faults", helpers},
	"proxy":               {"record", "store", "signing", "dialect", "dialect/selection", "dialect/client", "dialect/sharing", "ledger", "backend", helpers},
	"webhook":             {"signing", helpers},
	"mockstore":           {"record", "store", helpers},
	"ratelimit":           {helpers},
	"dialect":             {"record", "record/document", "store", "signing", "dialect/access", "dialect/codec", "dialect/grammar", "dialect/template", helpers},
	"dialect/access":      {"record", "dialect/template"},
	"dialect/failures":    {"record", "dialect", "dialect/template"},
	"dialect/lifecycle":   {"record", "dialect", helpers},
	"dialect/selection":   {"record", "dialect", "dialect/codec", "dialect/template", helpers},
	"dialect/sections":    {"record", "signing", "dialect", "dialect/access", "dialect/grammar", "dialect/template", helpers},
	"dialect/secrets":     {"record/document", "dialect", "dialect/access", helpers},
	"dialect/answers":     {"record", "dialect", "dialect/template"},
	"dialect/client":      {"record", "record/document", "dialect", "dialect/failures", "dialect/codec", "dialect/sharing", "dialect/template", helpers},
	"dialect/codec":       {"record", helpers},
	"dialect/compile":     {"record", "record/document", "signing", "dialect", "dialect/codec", "dialect/failures", "dialect/grammar", "dialect/refusals", "dialect/sections", "dialect/template", helpers},
	"dialect/dialecttest": {"record", "dialect", "dialect/compile", "mappings", helpers},
	"dialect/drift":       {"dialect", "dialect/openapi", helpers},
	"dialect/grammar":     {"record", "signing", helpers},
	"dialect/handbook":    {"record", "signing", "dialect", "dialect/failures", "dialect/codec", "dialect/lifecycle", "dialect/openapi", "dialect/seed", "dialect/template", helpers},
	"dialect/openapi":     {"record", "dialect", "dialect/access", "dialect/codec", "dialect/refusals", "dialect/template", helpers},
	"dialect/refusals":    {"record", "dialect", "dialect/grammar"},
	"dialect/routing":     {"dialect", helpers},
	"dialect/seed":        {"record", "record/document", "store", "dialect", "dialect/codec", "dialect/grammar", helpers},
	"dialect/sharing":     {"record", "store", "dialect", helpers},
	"dialect/translation": {"record", "dialect", "dialect/client", helpers},
	"dialect/template":    {"record", helpers},
	"config":              {helpers},
	"record":              {},
	"record/document":     {"record", helpers},
	"store":               {"record"},
	"store/storetest":     {"record", "store"},
	"store/filestore":     {"record", "store", "mockstore", helpers},
	"mappings":            {},
	"scenarios":           {},
	"fixtures":            {},
	helpers:               {"record", "store", helpers},
	"bench":               {all},
}

// entry returns a package's line in the table.
func entry(dir string) ([]string, bool) {
	if list, ok := allowed[dir]; ok {
		return list, true
	}
	top, _, _ := strings.Cut(dir, "/")
	switch top {
	case "internal":
		return allowed[helpers], true
	case "bench":
		return allowed["bench"], true
	}
	return nil, false
}

// permits tells whether a line of the table has a package.
func permits(list []string, dir string) bool {
	return slices.Contains(list, all) || slices.Contains(list, dir) ||
		slices.Contains(list, helpers) && strings.HasPrefix(dir, "internal/")
}

// checkImports holds a file to the table.
func checkImports(s *source) []string {
	if s.test {
		return nil
	}
	list, known := entry(s.dir)
	if !known {
		return []string{fmt.Sprintf("%s: package %s is new, add it to the table in internal/arch/imports_test.go", s.path, s.dir)}
	}
	var out []string
	for _, im := range s.imports() {
		dir := strings.TrimPrefix(im.path, module+"/")
		switch {
		case ours(im.path) && !permits(list, dir):
			out = append(out, fmt.Sprintf("%s:%d: %s may not import %s, see the table in internal/arch/imports_test.go", s.path, im.line, s.dir, dir))
		case s.dir == "record" && !ours(im.path) && !standard(im.path):
			out = append(out, fmt.Sprintf("%s:%d: record imports the standard library only, not %s", s.path, im.line, im.path))
		}
	}
	return out
}

// standard tells whether an import path is the standard library's: those have
// no dot before their first slash.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}
