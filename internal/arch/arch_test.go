package arch

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// fewest is how many packages there are at least: below it the walk is broken
// and the tests would pass on nothing.
const fewest = 5

// module's own files, held to every rule.
func TestTheSourcesKeepTheRules(t *testing.T) {
	t.Parallel()
	tree := root(t)
	list, err := read(tree)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(packages(list)); n < fewest {
		t.Fatalf("found %d packages, there are %d at least: %v", n, fewest, packages(list))
	}
	names, err := providers(tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		for _, breach := range check(s, names) {
			t.Error(breach)
		}
	}
}

// check holds a file to every rule.
func check(s *source, names []string) []string {
	return slices.Concat(checkImports(s), checkNames(s, names), checkYAML(s), checkTime(s), checkErrors(s))
}

func TestTheTablePointsDown(t *testing.T) {
	t.Parallel()
	floor := map[string]int{}
	for i, names := range floors {
		for _, n := range names {
			floor[n] = i
			if _, ok := allowed[n]; !ok {
				t.Errorf("%s has a floor and no line in the table", n)
			}
		}
	}
	for from, list := range allowed {
		for _, to := range list {
			i, a := floor[from]
			j, b := floor[to]
			if a && b && j <= i {
				t.Errorf("the table lets %s import %s, which is not below it", from, to)
			}
			if _, known := allowed[to]; !known && to != all {
				t.Errorf("the table lets %s import %s, which has no line", from, to)
			}
		}
	}
}

func TestTheRulesSeeWhatTheyForbid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, text string
		want       string // part of the one message, "" for none
	}{
		"down":                  {"routes/a.go", `import "github.com/polylink-dev/polylink/record"`, ""},
		"up":                    {"record/a.go", `import "github.com/polylink-dev/polylink/dialect"`, "record may not import dialect"},
		"sideways":              {"dialect/a.go", `import "github.com/polylink-dev/polylink/config"`, "dialect may not import config"},
		"the root package":      {"dialect/a.go", `import "github.com/polylink-dev/polylink"`, "dialect may not import github.com/polylink-dev/polylink"},
		"two floors, forbidden": {"sandbox/a.go", `import "github.com/polylink-dev/polylink/dialect"`, "sandbox may not import dialect"},
		"data from rules":       {"dialect/a.go", `import "github.com/polylink-dev/polylink/mappings"`, "dialect may not import mappings"},
		"data from the top":     {"cmd/polylink/a.go", `import "github.com/polylink-dev/polylink/mappings"`, ""},
		"a helper":              {"config/a.go", `import "github.com/polylink-dev/polylink/internal/yml"`, ""},
		"a helper from record":  {"record/a.go", `import "github.com/polylink-dev/polylink/internal/yml"`, "record may not import internal/yml"},
		"record from a helper":  {"internal/x/y/a.go", `import "github.com/polylink-dev/polylink/record"`, ""},
		"store from a helper":   {"internal/x/a.go", `import "github.com/polylink-dev/polylink/mockstore"`, "internal/x may not import mockstore"},
		"a test":                {"record/a_test.go", `import "github.com/polylink-dev/polylink/sandbox"`, ""},
		"bench":                 {"bench/a.go", `import "github.com/polylink-dev/polylink/sandbox"`, ""},
		"bench below":           {"bench/load/a.go", `import "github.com/polylink-dev/polylink/sandbox"`, ""},
		"a new package":         {"extra/a.go", ``, "package extra is new, add it to the table"},
		"a package below one":   {"dialect/extra/a.go", ``, "package dialect/extra is new"},
		"a file on top":         {"a.go", ``, "package . is new"},
		"a library in record":   {"record/a.go", `import "github.com/google/go-cmp/cmp"`, "record imports the standard library only"},
		"std in record":         {"record/a.go", `import "encoding/json"`, ""},

		"a name in a comment":  {"dialect/a.go", "// as AcmePay does", `knows the name "acmepay"`},
		"a name in a string":   {"routes/a.go", `const a = "acmepay_1"`, `knows the name "acmepay"`},
		"an alias":             {"routes/a.go", `const a = "sTripe"`, `knows the name "stripe"`},
		"a name in a test":     {"dialect/a_test.go", `const a = "acmepay"`, ""},
		"a name in bench":      {"bench/a.go", `const a = "acmepay"`, ""},
		"a name in the data":   {"fixtures/a.go", `const a = "acmepay"`, ""},
		"YAML in its package":  {"internal/yml/a.go", `import "gopkg.in/yaml.v3"`, ""},
		"YAML elsewhere":       {"config/a.go", `import "gopkg.in/yaml.v3"`, "read YAML through internal/yml"},
		"YAML's fork":          {"config/a.go", `import y "go.yaml.in/yaml/v3"`, "read YAML through internal/yml"},
		"YAML in a test":       {"config/a_test.go", `import "gopkg.in/yaml.v3"`, "read YAML through internal/yml"},
		"the time":             {"sandbox/a.go", `import "time"; var a = time.Now()`, "sandbox/a.go:2: asks the machine for the time"},
		"the time, renamed":    {"sandbox/a.go", `import t "time"; var a = t.Now`, "asks the machine for the time"},
		"the time, dotted":     {"sandbox/a.go", `import . "time"; var a = Now()`, "asks the machine for the time"},
		"time since":           {"sandbox/a.go", `import "time"; func a(t time.Time) { _ = time.Since(t) }`, "asks the machine for the time"},
		"a duration":           {"sandbox/a.go", `import "time"; const a = time.Second`, ""},
		"another time":         {"sandbox/a.go", `var time struct{ Now int }; var a = time.Now`, ""},
		"the time in cmd":      {"cmd/polylink/a.go", `import "time"; var a = time.Now()`, ""},
		"the time in clock":    {"internal/clock/a.go", `import "time"; var a = time.Now()`, ""},
		"the time in a test":   {"sandbox/a_test.go", `import "time"; var a = time.Now()`, ""},
		"randomness":           {"sandbox/a.go", `import "math/rand/v2"; var a = rand.Int()`, "randomness is handed in"},
		"secure randomness":    {"sandbox/a.go", `import "crypto/rand"; var a = rand.Reader`, "randomness is handed in"},
		"randomness in ids":    {"internal/ids/a.go", `import "crypto/rand"; var a = rand.Reader`, ""},
		"an answer in text":    {"routes/a.go", `import "net/http"; var a = http.Error`, "http.Error writes text/plain"},
		"an answer, elsewhere": {"admin/a.go", `import "net/http"; var a = http.Error`, ""},
		"another http thing":   {"routes/a.go", `import "net/http"; var a = http.StatusOK`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := fstest.MapFS{
				c.path:                  {Data: []byte("package a\n" + c.text + "\n")},
				"mappings/AcmePay.yaml": {},
				"testdata/broken.go":    {Data: []byte("no Go at all")},
				".hidden/broken.go":     {Data: []byte("no Go at all")},
			}
			list, err := read(tree)
			if err != nil || len(list) != 1 {
				t.Fatalf("read %d files, %v", len(list), err)
			}
			names, err := providers(tree)
			if err != nil {
				t.Fatal(err)
			}
			got := check(list[0], names)
			switch {
			case c.want == "" && len(got) > 0:
				t.Errorf("found %q where nothing is wrong", got)
			case c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)):
				t.Errorf("found %q, want one with %q", got, c.want)
			}
		})
	}
}

func TestReadStopsAtAFileThatIsNoGo(t *testing.T) {
	t.Parallel()
	if _, err := read(fstest.MapFS{"record/a.go": {Data: []byte("package")}}); err == nil {
		t.Error("a broken file was read")
	}
}

func TestPackagesAreFolders(t *testing.T) {
	t.Parallel()
	list, err := read(fstest.MapFS{
		"record/a.go": {Data: []byte("package record")}, "record/a_test.go": {Data: []byte("package record_test")},
		"cmd/x/main.go": {Data: []byte("package main")}, "record/notes.txt": {},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]bool{"record": true, "cmd/x": true}, packages(list)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
