package main

import (
	"testing"
	"testing/fstest"

	"polylink/dialect"
	"polylink/mappings"
)

func shipped(t *testing.T) *dialect.Set {
	t.Helper()
	set, err := dialect.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestSamplesAreTheFirstExchangeThatCanBeTyped(t *testing.T) {
	t.Parallel()
	const found = "-- request --\nGET /leanrails/v1/checkout_links/cl_1\nAuthorization: Basic c2tfdGVzdF9tYWluOg==\n\n-- response --\n200\n\n{}\n"
	for name, c := range map[string]struct {
		op    string
		files map[string]string
		want  string // "" for none
	}{
		"a read": {"link.get", map[string]string{"a.txtar": found},
			`curl -i 'http://localhost:1/leanrails/v1/checkout_links/cl_1' -u 'sk_test_main:'`},
		"an update": {"link.update", map[string]string{"a.txtar": "-- request --\nPOST /v1/checkout_links/cl_1\nIdempotency-Key: k1\nContent-Type: application/json\n\n{\"title\":\"It's\"}\n-- canonical link/cl_1 --\n{}\n-- response --\n200\n\n{}\n"},
			`curl -i -X POST 'http://localhost:1/leanrails/v1/checkout_links/cl_1' -H 'Idempotency-Key: k1' -H 'Content-Type: application/json' -d '{"title":"It'\''s"}'`},
		"a refusal first":    {"link.get", map[string]string{"a.txtar": "-- request --\nGET /v1/checkout_links/no\n\n-- response --\n404\n\n{}\n", "b.txtar": found}, `curl -i 'http://localhost:1/leanrails/v1/checkout_links/cl_1' -u 'sk_test_main:'`},
		"a documented one":   {"link.get", map[string]string{"a.txtar": "-- request --\nGET /v1/checkout_links/cl_2\n\n-- response --\n200\n\n{}\n", "documented.txtar": found}, `curl -i 'http://localhost:1/leanrails/v1/checkout_links/cl_1' -u 'sk_test_main:'`},
		"something before":   {"link.get", map[string]string{"a.txtar": "-- advance 1h --\n" + found}, ""},
		"another choice":     {"link.get", map[string]string{"a.txtar": "-- override unknown --\nrefuse\n" + found}, ""},
		"a host":             {"link.get", map[string]string{"a.txtar": "-- request --\nGET /v1/checkout_links/cl_1\nHost: api.leanrails.com\n\n-- response --\n200\n\n{}\n"}, ""},
		"words in braces":    {"link.get", map[string]string{"a.txtar": "-- request --\nGET /v1/checkout_links/{{2*a}}\n\n-- response --\n200\n\n{}\n"}, ""},
		"no exchange at all": {"link.get", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree := fstest.MapFS{}
			for file, text := range c.files {
				tree["leanrails/"+c.op+"/"+file] = &fstest.MapFile{Data: []byte(text)}
			}
			d := shipped(t).Dialect("leanrails")
			s, err := findSample(tree, d, d.Op(c.op))
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if s != nil {
				got = s.curl("localhost:1", d.Name)
			}
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
