package routes_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/exchanges"
	"github.com/polylink-dev/polylink/routes"
)

// told are the behaviours that no exchange can show, as tests in Go: what
// needs two requests at once, or a reload. They count like a file.
var told = map[string]map[int]func(*testing.T){
	"katu9":    {20: twoLinksAtOnce},
	"devdraft": {25: aPageOf250},
}

// behaviour is a line of a dialect's behaviours.md.
type behaviour struct {
	n     int
	text  string
	later bool // what is not shown yet belongs to another part of the product
}

var (
	item    = regexp.MustCompile(`^(\d+)\. +(.*)$`)
	later   = regexp.MustCompile(`\(later: (webhooks|hosted page)\)$`)
	leading = regexp.MustCompile(`^(\d+)[a-z]?-`)
)

// readBehaviours reads a behaviours.md: words of introduction, then one line
// for each behaviour, numbered from 1 without a gap.
func readBehaviours(text string) ([]behaviour, error) {
	var list []behaviour
	for i, line := range strings.Split(text, "\n") {
		m := item.FindStringSubmatch(line)
		switch {
		case m == nil && (len(list) == 0 || strings.TrimSpace(line) == ""):
			continue
		case m == nil:
			return nil, fmt.Errorf("line %d is no behaviour; each has one line, as in: 7. What is seen", i+1)
		}
		b := behaviour{text: strings.TrimSpace(m[2]), later: later.MatchString(m[2])}
		b.n, _ = strconv.Atoi(m[1])
		if b.n != len(list)+1 {
			return nil, fmt.Errorf("line %d has number %d, want %d", i+1, b.n, len(list)+1)
		}
		if strings.TrimSpace(later.ReplaceAllString(b.text, "")) == "" {
			return nil, fmt.Errorf("line %d: behaviour %d says nothing", i+1, b.n)
		}
		list = append(list, b)
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no behaviour in it")
	}
	return list, nil
}

// byBehaviour sorts the exchanges of a dialect's behaviours folder by the
// numbers that they show. It reports files that name none of the list's, and
// those named after a number that they do not show.
func byBehaviour(files []*exchanges.Exchange, list []behaviour) (map[int][]*exchanges.Exchange, []string) {
	shown, faults := map[int][]*exchanges.Exchange{}, []string(nil)
	for _, x := range files {
		if path.Base(path.Dir(x.File)) != behaviours {
			if len(x.Behaviours) > 0 {
				faults = append(faults, x.File+": behaviours are shown in the folder "+behaviours)
			}
			continue
		}
		for _, n := range x.Behaviours {
			if n < 1 || n > len(list) {
				faults = append(faults, fmt.Sprintf("%s: there is no behaviour %d", x.File, n))
			}
			if !slices.Contains(shown[n], x) {
				shown[n] = append(shown[n], x)
			}
		}
		if m := leading.FindStringSubmatch(path.Base(x.File)); m != nil {
			if n, _ := strconv.Atoi(m[1]); !slices.Contains(x.Behaviours, n) {
				faults = append(faults, fmt.Sprintf("%s: the line behaviour: %d is missing", x.File, n))
			}
		}
	}
	return shown, faults
}

// TestBehaviours plays, for each line of a dialect's behaviours.md, every
// exchange that shows it.
func TestBehaviours(t *testing.T) {
	t.Parallel()
	if writing() {
		t.Skip("the goldens are being written")
	}
	have := goldens(t)
	for _, d := range shipped().set.Dialects {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join(folder, d.Name, behaviours+".md"))
			if err != nil {
				t.Fatal(err)
			}
			list, err := readBehaviours(string(text))
			if err != nil {
				t.Fatalf("%s/%s.md: %v", d.Name, behaviours, err)
			}
			shown, faults := byBehaviour(have[d.Name], list)
			for _, fault := range faults {
				t.Error(fault)
			}
			for n := range told[d.Name] {
				if n < 1 || n > len(list) {
					t.Errorf("there is a test of %s for behaviour %d and no such behaviour", d.Name, n)
				}
			}
			for _, b := range list {
				if b.later && len(shown[b.n]) == 0 && told[d.Name][b.n] == nil {
					continue // behaviours.md says what it waits for
				}
				t.Run(b.name(), func(t *testing.T) {
					t.Parallel()
					b.show(t, d.Name, shown[b.n])
				})
			}
		})
	}
}

// name is the behaviour's as a test; a slash would part it.
func (b behaviour) name() string {
	return fmt.Sprintf("%02d %s", b.n, strings.ReplaceAll(b.text, "/", "∕"))
}

func (b behaviour) show(t *testing.T, d string, files []*exchanges.Exchange) {
	test := told[d][b.n]
	switch {
	case len(files) > 0 || test != nil:
	default:
		t.Errorf("no exchange in %s/%s/%s has the line behaviour: %d", folder, d, behaviours, b.n)
	}
	for _, x := range files {
		t.Run(strings.TrimSuffix(path.Base(x.File), ".txtar"), func(t *testing.T) {
			t.Parallel()
			got, err := x.Play(newWorld(t, d, x))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, x, got.Got)
		})
	}
	if test != nil {
		t.Run("told", test)
	}
}

func TestBehavioursAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"# A\n\nWords.\n\n1. One.\n2. Two. (later: webhooks)\n": "",
		"1. One.\n3. Three.\n":   "line 2 has number 3, want 2",
		"2. Two.\n":              "line 1 has number 2, want 1",
		"1. One.\n1. One.\n":     "line 2 has number 1, want 2",
		"1. One.\n2. \n":         "line 2: behaviour 2 says nothing",
		"1. (later: webhooks)\n": "line 1: behaviour 1 says nothing",
		"1. One.\nand on\n":      "line 2 is no behaviour; each has one line, as in: 7. What is seen",
		"# A\n":                  "there is no behaviour in it",
	} {
		got := ""
		if _, err := readBehaviours(text); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestBehavioursAreNamedByTheirFiles(t *testing.T) {
	t.Parallel()
	list := []behaviour{{n: 1, text: "One."}, {n: 2, text: "Two."}}
	for name, c := range map[string]struct {
		file  string
		shows []int
		fault string
	}{
		"shown":             {"a/behaviours/01-one.txtar", []int{1, 2}, ""},
		"unknown":           {"a/behaviours/03-three.txtar", []int{3}, "a/behaviours/03-three.txtar: there is no behaviour 3"},
		"another":           {"a/behaviours/02b-two.txtar", []int{1}, "a/behaviours/02b-two.txtar: the line behaviour: 2 is missing"},
		"without a number":  {"a/behaviours/route-not-found.txtar", nil, ""},
		"in another folder": {"a/link.get/found.txtar", []int{1}, "a/link.get/found.txtar: behaviours are shown in the folder behaviours"},
	} {
		_, faults := byBehaviour([]*exchanges.Exchange{{File: c.file, Behaviours: c.shows}}, list)
		if got := strings.Join(faults, "; "); got != c.fault {
			t.Errorf("%s: %q, want %q", name, got, c.fault)
		}
	}
}

// twoLinksAtOnce sends two requests for one transaction at the same moment.
func twoLinksAtOnce(t *testing.T) {
	t.Parallel()
	for range 20 {
		srv := newServer(t)
		before := srv.links(t, "katu9")
		list := atOnce(2, func(int) answer {
			return do(t, srv, asks("POST /katu9/payment-link/generate", `{"transactionId":"75906707-8c31-479c-b354-aa805c4cefbc"}`, katu9))
		})
		if count(list, 201) != 1 || count(list, 409) != 1 {
			t.Fatalf("answered %+v, want one 201 and one 409", list)
		}
		if n := srv.links(t, "katu9") - before; n != 1 {
			t.Fatalf("%d links were made, want one", n)
		}
	}
}

// aPageOf250 asks for more rows than any page of the other dialects has.
func aPageOf250(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(o *routes.Options) { o.NoLimits = true })
	for i := range 260 {
		body := fmt.Sprintf(`{"title":"Number %d","url":"number-%d","linkType":"PRODUCT"}`, i, i)
		do(t, srv, asks("POST /devdraft/api/v0/payment-links", body, devdraft...)).want(t, 201)
	}
	for query, want := range map[string]int{"?take=250": 250, "?take=250&skip=250": 12, "?take=1000": 262, "": 10} {
		body := do(t, srv, asks("GET /devdraft/api/v0/payment-links"+query, "", devdraft...)).want(t, 200).body
		if n := len(gjson.Parse(body).Array()); n != want {
			t.Errorf("%q gives %d rows, want %d", query, n, want)
		}
	}
}
