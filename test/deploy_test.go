package test

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/yml"
)

// document reads one of the documents of a YAML file, as JSON.
func document(t *testing.T, file string, n int) string {
	t.Helper()
	docs := strings.Split("\n"+read(t, filepath.Join("..", file)), "\n---\n")
	if n >= len(docs) {
		t.Fatalf("%s has %d documents", file, len(docs))
	}
	node, faults := yml.Parse(file, []byte(docs[n]))
	if len(faults) > 0 {
		t.Fatalf("%s: %v", file, faults)
	}
	return string(yml.JSON(node, func(n *yml.Node, format string, args ...any) {
		t.Errorf("%s:%d: "+format, append([]any{file, n.Line}, args...)...)
	}))
}

// TestTheFilesOfDeploymentsSayWhatTheyPromise parses what other tools read.
func TestTheFilesOfDeploymentsSayWhatTheyPromise(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file string
		n    int
		want map[string]string
	}{
		{"compose.yaml", 0, map[string]string{"services.polylink.build": ".", "services.polylink.ports.0": "127.0.0.1:12121:12121", "services.polylink.read_only": "true"}},
		{"deploy/kubernetes.yaml", 0, map[string]string{"kind": "Deployment", "spec.replicas": "1", "spec.template.spec.securityContext.runAsNonRoot": "true",
			"spec.template.spec.containers.0.livenessProbe.httpGet.path": "/__admin/health", "spec.template.spec.containers.0.readinessProbe.httpGet.path": "/__admin/ready",
			"spec.template.spec.containers.0.securityContext.readOnlyRootFilesystem": "true"}},
		{"deploy/kubernetes.yaml", 1, map[string]string{"kind": "Service", "spec.ports.0.port": "12121"}},
		{"deploy/compose-file.yaml", 0, map[string]string{"services.polylink.build": "..", "services.polylink.command.2": "file:/data/polylink.db", "services.polylink.volumes.0": "data:/data",
			"services.polylink.read_only": "true", "services.owner.command.1": "65532:65532"}},
		{"deploy/kubernetes-file.yaml", 0, map[string]string{"kind": "StatefulSet", "spec.replicas": "1", "spec.template.spec.containers.0.args.4": "file:/data/polylink.db",
			"spec.template.spec.containers.0.volumeMounts.0.mountPath": "/data", "spec.template.spec.securityContext.fsGroup": "65532",
			"spec.volumeClaimTemplates.0.spec.accessModes.0": "ReadWriteOnce"}},
		{"deploy/kubernetes-file.yaml", 1, map[string]string{"kind": "Service", "spec.ports.0.port": "12121"}},
		{".github/workflows/check.yml", 0, map[string]string{"jobs.check.steps.4.run": ".ci/run", "jobs.compile.steps.2.run": "make cross"}},
		{".github/workflows/release.yml", 0, map[string]string{"on.push.tags.0": "v*.*.*"}},
		{"action.yml", 0, map[string]string{"runs.using": "composite", "runs.steps.0.run": "${{ github.action_path }}/.github/start.sh"}},
	} {
		doc := document(t, c.file, c.n)
		for path, want := range c.want {
			if got := gjson.Get(doc, path).String(); got != want {
				t.Errorf("%s: %s is %q, want %q", c.file, path, got, want)
			}
		}
	}
}

// TestDeploymentsWithAFileKeepSandboxes runs what the containers run, as plain
// processes: what one was told the next one knows.
func TestDeploymentsWithAFileKeepSandboxes(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "polylink")
	if out, err := run(t, "..", nil, "go", "build", "-o", program, "./cmd/polylink"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for file, at := range map[string]string{"deploy/compose-file.yaml": "services.polylink.command", "deploy/kubernetes-file.yaml": "spec.template.spec.containers.0.args"} {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var args []string
			for _, arg := range gjson.Get(document(t, file, 0), at).Array() {
				text := strings.Replace(arg.String(), "/data/", dir+"/", 1)
				args = append(args, strings.Replace(text, "0.0.0.0:12121", "127.0.0.1:0", 1))
			}
			const frozen = `{"now":"2030-01-02T03:04:05Z","frozen":true}`
			for round := range 2 {
				cmd := exec.Command(program, args...)
				cmd.Env = append(os.Environ(), "POLYLINK_ADDR=127.0.0.1:0", "POLYLINK_SYNC=always")
				out, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				line, err := bufio.NewReader(out).ReadString('\n')
				_, url, ok := strings.Cut(strings.TrimSpace(line), "listens on ")
				if err == nil && ok {
					keepOrFind(t, url+"/__admin/clock", round, frozen)
				} else {
					t.Errorf("%v: it says %q, %v", args, line, err)
				}
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			}
		})
	}
}

// keepOrFind sets a clock in the first round, and looks at it in the second.
func keepOrFind(t *testing.T, url string, round int, frozen string) {
	method, body := http.MethodPut, strings.NewReader(frozen)
	if round > 0 {
		method, body = http.MethodGet, strings.NewReader("")
	}
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil || !strings.HasPrefix(string(got), strings.TrimSuffix(frozen, "}")) {
		t.Errorf("round %d: the clock is %s, %v", round, got, err)
	}
}

// TestTheActionStartsPolylinkForTheStepsThatFollow runs what action.yml does on
// a runner, with a binary of ours in place of a release.
func TestTheActionStartsPolylinkForTheStepsThatFollow(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "polylink")
	if out, err := run(t, "..", nil, "go", "build", "-o", program, "./cmd/polylink"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	env := func(more ...string) []string {
		return append([]string{"RUNNER_TEMP=" + dir, "RUNNER_OS=Linux", "RUNNER_ARCH=X64", "GITHUB_OUTPUT=" + filepath.Join(dir, "output"), "GITHUB_ENV=" + filepath.Join(dir, "env"),
			"INPUT_BIN=" + program, "INPUT_ADDR=127.0.0.1:0"}, more...)
	}
	script, err := filepath.Abs("../.github/start.sh")
	if err != nil {
		t.Fatal(err)
	}
	out, err := run(t, dir, env("INPUT_ARGS=--ports --quiet"), "bash", "-c", script+" && echo pid $(pgrep -n -f "+program+")")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, last, _ := strings.Cut(out, "\npid ")
	pid, err := strconv.Atoi(strings.TrimSpace(last))
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	started, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = started.Kill() })
	given := map[string]string{}
	for line := range strings.Lines(read(t, filepath.Join(dir, "env")) + read(t, filepath.Join(dir, "output"))) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		given[name] = value
	}
	resp, err := http.Get(given["POLYLINK_URL"] + "/__admin/ready")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK || given["url"] != given["POLYLINK_URL"] || given["POLYLINK_BIN"] != program || "http://"+given["POLYLINK_ADDR"] != given["url"] {
		t.Errorf("%d, and the steps that follow have %v", resp.StatusCode, given)
	}
	if out, err := run(t, dir, env("INPUT_ARGS=--no-such-flag"), "bash", script); err == nil || !strings.Contains(out, "::error::polylink: it ended before it was ready") {
		t.Errorf("a start that fails: %v\n%s", err, out)
	}
	if out, err := run(t, dir, env("INPUT_BIN=", "RUNNER_ARCH=RISCV"), "bash", script); err == nil || !strings.Contains(out, "no build for RISCV") {
		t.Errorf("an architecture that there is no build for: %v\n%s", err, out)
	}
}
