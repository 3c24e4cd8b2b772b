package handbook_test

import (
	"testing"

	"github.com/polylink-dev/polylink/dialect/handbook"
)

func TestCommandLinesSurviveAShell(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]handbook.Request{
		`curl -i 'http://x/a?b=c&d'`: {Method: "GET", Path: "/a?b=c&d"},
		`curl -i -X POST 'http://x/a' -u 'key:' -H 'X-A: it'\''s' -d '{"a":"$b"}'`: {Method: "POST", Path: "/a",
			Headers: [][2]string{{"Authorization", "Basic a2V5Og=="}, {"X-A", "it's"}}, Body: `{"a":"$b"}`},
		`curl -i -X DELETE 'http://x/a' -H 'Authorization: Basic %'`: {Method: "DELETE", Path: "/a", Headers: [][2]string{{"Authorization", "Basic %"}}},
	} {
		if got := r.Curl("http://x"); got != want {
			t.Errorf("it is written\n%s, want\n%s", got, want)
		}
	}
}
