package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestEveryGeneratorSendsAllRequestsInTurn puts load on a server that looks at what
// comes, and answers every second request with an error.
func TestEveryGeneratorSendsAllRequestsInTurn(t *testing.T) {
	t.Parallel()
	names := []string{"go"}
	if _, err := exec.LookPath("wrk"); err == nil {
		names = append(names, "wrk")
	}
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			gen, err := newGenerator(name)
			if err != nil {
				t.Fatal(err)
			}
			defer gen.close()
			var gets, puts, wrong atomic.Int64
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				switch {
				case r.Header.Get("Authorization") != "Bearer key":
					wrong.Add(1)
				case r.Method == "GET" && r.URL.Path == "/one" && len(body) == 0:
					gets.Add(1)
				case r.Method == "PUT" && r.URL.RequestURI() == "/two?x=1" && string(body) == `{"a":1}` && r.Header.Get("Content-Type") == jsonType:
					puts.Add(1)
					w.WriteHeader(http.StatusBadRequest)
				default:
					wrong.Add(1)
				}
			}))
			defer srv.Close()
			got, err := gen.run(t.Context(), srv.URL, []request{{method: "GET", path: "/one", auth: "Bearer key"}, {"PUT", "/two?x=1", jsonType, `{"a":1}`, "Bearer key"}}, 50*time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if wrong.Load() > 0 || gets.Load() == 0 || puts.Load() == 0 {
				t.Errorf("%d reads, %d updates and %d others came", gets.Load(), puts.Load(), wrong.Load())
			}
			if got.requests == 0 || got.bad == 0 || got.bad >= got.requests || got.p99 < got.p50 {
				t.Errorf("it tells of %+v", got)
			}
		})
	}
}

func TestWhatIsWrittenByHandStays(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/RESULTS.md"
	for _, text := range []string{"one\n" + handwritten + "\nprofiles\n", "two\n"} {
		if err := write(file, text); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	b.WriteString(report(&options{}, "go", nil, nil))
	if got := read(t, file); got != "two\n\n"+handwritten+"\nprofiles\n" || !strings.Contains(b.String(), "W4") {
		t.Errorf("the file is %q", got)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
