package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// limit is how long a script waits for anything, and pace how often it looks.
const (
	limit = 20 * time.Second
	pace  = 5 * time.Millisecond
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"polylink": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("POLYLINK_GOLDEN") == "write",
		Setup: func(e *testscript.Env) error {
			shipped, err := filepath.Abs("../..")
			if err != nil {
				return err
			}
			e.Setenv("SHIPPED", shipped) // where the embedded files come from
			e.Setenv("POLYLINK_ADDR", "127.0.0.1:0")
			e.Values[started{}] = map[string]*running{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":        cmdExits,
			"serve":        cmdServe,
			"wait-healthy": cmdWaitHealthy,
			"http":         cmdHTTP,
			"until":        cmdUntil,
			"send":         cmdSend,
			"ends":         cmdEnds,
		},
	})
}

// started is the key of what a script runs in the background.
type started struct{}

// running is a polylink in the background.
type running struct {
	cmd  *exec.Cmd
	done chan error // gets the one result of Wait
}

// poll looks until f is content, and fails the script with f's last words.
func poll(ts *testscript.TestScript, f func() error) {
	ticker := time.NewTicker(pace)
	defer ticker.Stop()
	deadline := time.Now().Add(limit)
	for {
		err := f()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("waited for %v: %v", limit, err)
		}
		<-ticker.C
	}
}

func exitCode(err error) int {
	if err == nil {
		return 0
	}
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		return e.ExitCode()
	}
	return -1
}

// cmdExits runs polylink and compares its exit code: exits CODE ARG…
func cmdExits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitCode(ts.Exec("polylink", args[1:]...)); got != want {
		ts.Fatalf("polylink %s exits with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

// cmdServe starts polylink in the background: serve NAME ARG… Its output goes
// to NAME.out and NAME.err, its addresses to $NAME and $NAME_DIALECT.
func cmdServe(ts *testscript.TestScript, _ bool, args []string) {
	name := args[0]
	path, err := exec.LookPath("polylink")
	ts.Check(err)
	stdout, err := os.Create(ts.MkAbs(name + ".out"))
	ts.Check(err)
	stderr, err := os.Create(ts.MkAbs(name + ".err"))
	ts.Check(err)
	r := &running{cmd: exec.Command(path, args[1:]...), done: make(chan error, 1)}
	r.cmd.Dir, r.cmd.Stdout, r.cmd.Stderr = ts.MkAbs("."), stdout, stderr
	r.cmd.Env = append(os.Environ(), "POLYLINK_ADDR="+ts.Getenv("POLYLINK_ADDR"), "POLYLINK_LISTEN="+ts.Getenv("POLYLINK_LISTEN"), "POLYLINK_COLOUR="+ts.Getenv("POLYLINK_COLOUR"),
		"POLYLINK_ADMIN_TOKEN="+ts.Getenv("POLYLINK_ADMIN_TOKEN"),
		"XDG_CONFIG_HOME="+ts.Getenv("XDG_CONFIG_HOME"), "GORACE="+ts.Getenv("GORACE"))
	ts.Check(r.cmd.Start())
	go func() { r.done <- r.cmd.Wait() }()
	ts.Defer(func() {
		_ = r.cmd.Process.Kill()
		_ = stdout.Close()
		_ = stderr.Close()
	})
	ts.Value(started{}).(map[string]*running)[name] = r
	poll(ts, func() error {
		found := addressLine.FindAllStringSubmatch(ts.ReadFile(name+".out"), -1)
		if len(found) == 0 {
			return fmt.Errorf("%s listens nowhere:\n%s", name, ts.ReadFile(name+".err"))
		}
		set := func(key, url string) {
			ts.Setenv(key, url)
			ts.Setenv(key+"_addr", url[strings.Index(url, "://")+3:])
		}
		for _, m := range found {
			if m[2] != "" {
				m[2] = "_" + m[2]
			}
			set(name+m[2], m[1])
		}
		for _, m := range portLine.FindAllStringSubmatch(ts.ReadFile(name+".out"), -1) {
			set(name+"_"+m[1], m[2])
		}
		return nil
	})
}

// portLine is what --ports prints.
var portLine = regexp.MustCompile(`(?m)^(\S+)  (https?://\S+)$`)

var addressLine = regexp.MustCompile(`(?m)^polylink listens on (https?://\S+)(?: \((\S+)\))?$`)

func background(ts *testscript.TestScript, name string) *running {
	r := ts.Value(started{}).(map[string]*running)[name]
	if r == nil {
		ts.Fatalf("there is no %s in the background", name)
	}
	return r
}

// cmdWaitHealthy waits for the control API to answer: wait-healthy NAME
func cmdWaitHealthy(ts *testscript.TestScript, _ bool, args []string) {
	poll(ts, func() error {
		resp, err := http.Get(ts.Getenv(args[0]) + "/__admin/health")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return errors.New(resp.Status)
		}
		return nil
	})
}

// cmdHTTP sends a request: http STATUS METHOD URL [-H 'Name: value'] [-d BODY]
// [-until TEXT] [-ca FILE] [-proxy URL]. The answer is on stdout; with -until the request is repeated
// until its body has the text, with {n} in the URL counting how often.
func cmdHTTP(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	header, body, until := http.Header{}, "", ""
	transport := &http.Transport{DisableKeepAlives: true}
	for i := 3; i+1 < len(args); i += 2 {
		switch args[i] {
		case "-H":
			name, value, _ := strings.Cut(args[i+1], ":")
			header.Add(name, strings.TrimSpace(value))
		case "-d":
			body = args[i+1]
			header.Set("Content-Type", "application/json")
		case "-until":
			until = args[i+1]
		case "-ca":
			roots := x509.NewCertPool()
			roots.AppendCertsFromPEM([]byte(ts.ReadFile(args[i+1])))
			transport.TLSClientConfig = &tls.Config{RootCAs: roots}
		case "-proxy":
			u, err := url.Parse(args[i+1])
			ts.Check(err)
			transport.Proxy = http.ProxyURL(u)
		default:
			ts.Fatalf("http knows no %s", args[i])
		}
	}
	n := 0
	once := func() error {
		n++
		req, err := http.NewRequest(args[1], strings.ReplaceAll(args[2], "{n}", strconv.Itoa(n)), strings.NewReader(body))
		ts.Check(err)
		req.Header = header
		resp, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		if err != nil {
			return err
		}
		if resp.StatusCode != want || !bytes.Contains(got, []byte(until)) {
			return fmt.Errorf("%s, want %d and %q in\n%s", resp.Status, want, until, got)
		}
		fmt.Fprintln(ts.Stdout(), resp.Status)
		ts.Check(resp.Header.Write(ts.Stdout()))
		fmt.Fprintf(ts.Stdout(), "\n%s\n", got)
		return nil
	}
	if until != "" {
		poll(ts, once)
		return
	}
	ts.Check(once())
}

// cmdUntil waits until a file matches: until FILE REGEXP
func cmdUntil(ts *testscript.TestScript, _ bool, args []string) {
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	poll(ts, func() error {
		if text := ts.ReadFile(args[0]); !re.MatchString(text) {
			return fmt.Errorf("no match for %s in\n%s", args[1], text)
		}
		return nil
	})
}

// cmdSend sends a signal: send NAME hup|term|int
func cmdSend(ts *testscript.TestScript, _ bool, args []string) {
	signals := map[string]os.Signal{"hup": syscall.SIGHUP, "term": syscall.SIGTERM, "int": syscall.SIGINT}
	sig, ok := signals[args[1]]
	if !ok {
		ts.Fatalf("no signal %s", args[1])
	}
	ts.Check(background(ts, args[0]).cmd.Process.Signal(sig))
}

// cmdEnds waits for the end of a process: ends NAME CODE
func cmdEnds(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	select {
	case err := <-background(ts, args[0]).done:
		if got := exitCode(err); got != want {
			ts.Fatalf("%s ended with %d, want %d:\n%s", args[0], got, want, ts.ReadFile(args[0]+".err"))
		}
	case <-time.After(limit):
		ts.Fatalf("%s has not ended", args[0])
	}
}
