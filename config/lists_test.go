package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHostsAreNamesAlone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // part of the diagnostic, "" for none
		"admin: {hosts: [a.example, '*.b.example', c]}": "",
		"admin: {hosts: a.example}":                     "",
		"admin: {hosts: []}":                            "",
		"admin:\n  hosts: [a, 'http://b']":              `2:10: admin.hosts: "http://b" is no host, write a name without scheme and port`,
		"admin: {hosts: ['b:80']}":                      "is no host",
		"admin: {hosts: ['*']}":                         "is no host",
		"admin: {hosts: ['b.*']}":                       "is no host",
		"admin: {hosts: [a, [b]]}":                      "1:20: admin.hosts: item 2 is no text",
		"admin: {hosts: ['a,b']}":                       "item 1 is no text",
		"admin: {hosts: {a: b}}":                        "one value was expected",
	} {
		_, err := load(t, text, nil)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	got, err := load(t, "admin: {hosts: [a]}", vars{"POLYLINK_ADMIN_HOSTS": " b.example ,, *.c.example"})
	if diff := cmp.Diff([]string{"b.example", "*.c.example"}, got.Admin.Hosts); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
}
