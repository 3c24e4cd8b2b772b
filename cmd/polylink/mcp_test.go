package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/tidwall/gjson"
)

// agentOf connects a client of the SDK.
func agentOf(t *testing.T, transport sdk.Transport) *sdk.ClientSession {
	t.Helper()
	s, err := sdk.NewClient(&sdk.Implementation{Name: "agent", Version: "1"}, nil).Connect(t.Context(), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// useTool calls a tool.
func useTool(t *testing.T, s *sdk.ClientSession, tool, arguments string) (string, bool) {
	t.Helper()
	r, err := s.CallTool(t.Context(), &sdk.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	if err != nil {
		t.Fatalf("%s: %v", tool, err)
	}
	return r.Content[0].(*sdk.TextContent).Text, r.IsError
}

// mcpCommandLine is the binary with this command, in an empty folder.
func mcpCommandLine(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "polylink", append([]string{"mcp"}, args...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "POLYLINK_ADDR=")
	return cmd
}

// TestMCPStartsAServerWhereNoneRuns drives the binary over standard input and
// output, and the server that it has started over HTTP.
func TestMCPStartsAServerWhereNoneRuns(t *testing.T) {
	t.Parallel()
	cmd := mcpCommandLine(t, "--addr", "127.0.0.1:0")
	logged, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	s := agentOf(t, &sdk.CommandTransport{Command: cmd})
	base := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(s.InitializeResult().Instructions)
	first, _ := bufio.NewReader(logged).ReadString('\n')
	if base == "" || !strings.Contains(first, base) {
		t.Fatalf("agents are told of %q, and people %q", base, first)
	}
	resp, err := http.Get(base + "/stripe/v1/payment_links/nope")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	why, refused := useTool(t, s, "request_explain", `{"n":`+resp.Header.Get("X-Polylink-Request")+`}`)
	if refused || gjson.Get(why, "request.rule.code").String() != "missing_credential" || !strings.Contains(why, "mappings/stripe.yaml") {
		t.Errorf("the reason is %s", why)
	}
	if text, refused := useTool(t, s, "mapping_check", `{"yaml":"dialect: x\nbogus: 1\n","name":"x.yaml"}`); refused || gjson.Get(text, "ok").Bool() || !strings.Contains(text, "x.yaml:2:1") {
		t.Errorf("the file is checked as %s", text)
	}
	text, refused := useTool(t, s, "document_translate", `{"from":"devdraft","to":"stripe","document":{"title":"Tea","linkType":"PRODUCT","amount":"3.50","currency":"usd"}}`)
	if !strings.Contains(text, "refused") && !strings.Contains(text, "losses") && !refused {
		t.Errorf("the document is translated as %s", text)
	}
	if text, refused := useTool(t, s, "document_translate", `{"from":"nope","to":"stripe","document":{}}`); !refused || !strings.Contains(text, "nope") {
		t.Errorf("an unknown dialect is answered with %s", text)
	}
	if err := s.Close(); err != nil {
		t.Errorf("it ends with %v", err)
	}
	if _, err := http.Get(base + "/"); err == nil {
		t.Error("the server outlives its agent")
	}
}

// TestMCPOverHTTPTalksToARunningServer lets one process offer the tools of
// another.
func TestMCPOverHTTPTalksToARunningServer(t *testing.T) {
	t.Parallel()
	serve := exec.CommandContext(t.Context(), "polylink", "serve", "--addr", "127.0.0.1:0")
	serve.Dir = t.TempDir()
	base := firstAddress(t, serve)
	cmd := mcpCommandLine(t, "--url", base, "--http", "127.0.0.1:0")
	at := firstAddress(t, cmd)
	s := agentOf(t, &sdk.StreamableClientTransport{Endpoint: at + "/mcp"})
	if text, refused := useTool(t, s, "clock_set", `{"now":"2026-01-02T03:04:05Z","frozen":true,"sandbox":"w1"}`); refused {
		t.Fatal(text)
	}
	resp, err := http.Get(base + "/~w1/__admin/clock")
	if err != nil {
		t.Fatal(err)
	}
	var clock struct{ Frozen bool }
	err = json.NewDecoder(resp.Body).Decode(&clock)
	if _ = resp.Body.Close(); err != nil || !clock.Frozen {
		t.Errorf("the clock of the other process is %+v, %v", clock, err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("SIGTERM ends it with %v", err)
	}
}

// firstAddress starts a command and reads the address that it prints.
func firstAddress(t *testing.T, cmd *exec.Cmd) string {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	at := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(line)
	if err != nil || at == "" {
		t.Fatalf("it prints %q, %v", line, err)
	}
	return at
}
