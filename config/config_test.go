package config

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/polylink-dev/polylink/internal/yml"
)

// vars is an environment.
type vars map[string]string

func (v vars) lookup(name string) (string, bool) {
	value, ok := v[name]
	return value, ok
}

// load writes a config.yaml and loads it.
func load(t *testing.T, text string, env vars) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path, env.lookup)
	if err != nil {
		err = errors.New(strings.ReplaceAll(err.Error(), path, "config.yaml"))
	}
	for name, at := range c.ListenAt {
		at.File = strings.ReplaceAll(at.File, path, "config.yaml")
		c.ListenAt[name] = at
	}
	for name, at := range c.CORS.At {
		at.File = strings.ReplaceAll(at.File, path, "config.yaml")
		c.CORS.At[name] = at
	}
	for i := range c.Webhooks.Endpoints {
		c.Webhooks.Endpoints[i].At.File = strings.ReplaceAll(c.Webhooks.Endpoints[i].At.File, path, "config.yaml")
	}
	for _, at := range []*Place{&c.MappingsAt, &c.FixturesAt} {
		at.File = strings.ReplaceAll(at.File, path, "config.yaml")
	}
	return c, err
}

func TestTheShippedFileHasEveryDefault(t *testing.T) {
	t.Parallel()
	const path = "../config.yaml"
	got, err := Load(path, vars{}.lookup)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Errorf("Default and config.yaml differ (-want +got)\n%s", diff)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	root, diagnostics := yml.Parse(path, data)
	if err := diagnostics.Err(); err != nil {
		t.Fatal(err)
	}
	for _, key := range append(Keys(), keyDialects, keyUpstreams) {
		n := root
		for word := range strings.SplitSeq(key, ".") {
			n = yml.Get(n, word)
		}
		if n == nil {
			t.Errorf("%s does not show %s", path, key)
		}
	}
}

func TestLoadTakesWhatIsThere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		env  vars
		want func(*Config)
	}{
		"an empty file":  {"", nil, func(*Config) {}},
		"comments alone": {"# nothing\n---\n", nil, func(*Config) {}},
		"empty sections": {"log:\n  # level: debug\nlisten:\ndialects:\n", nil, func(*Config) {}},
		"every section": {`
addr: "[::]:0"
mappings: ./m
fixtures: ./f
listen: {acme: 127.0.0.1:1, other: 127.0.0.1:2}
links: shared_all
store: file:x.db
sync: interval 100ms
admin: {enabled: off, token: abc, hosts: [mocks.example.com, "*.example.org"]}
log: {level: WARN, format: json, requests: off}
limits: {body: 64KiB, sandboxes: 1_000, journal: 50, idle: 1d12h, rate: off, memory: 1GiB, snapshot: 2MiB}
journal: {keep: on, redact: strict}
forward_proxy: {enabled: on, others: tunnel}
timeouts: {read_header: 1s, read: 2s, write: 3s, idle: 4s, drain: 0s}
`, nil, func(c *Config) {
			*c = Config{
				Addr: "[::]:0", Mappings: "./m", Fixtures: "./f", Store: "file:x.db", Sync: 100 * time.Millisecond, Links: LinksSharedAll,
				MappingsAt: Place{"config.yaml", 3, 11}, FixturesAt: Place{"config.yaml", 4, 11},
				Listen:   map[string]string{"acme": "127.0.0.1:1", "other": "127.0.0.1:2"},
				ListenAt: map[string]Place{"acme": {"config.yaml", 5, 10}, "other": {"config.yaml", 5, 29}},
				Admin:    Admin{Token: NewSecret("abc"), Hosts: []string{"mocks.example.com", "*.example.org"}},
				Journal:  Journal{Keep: true, Redact: RedactStrict},
				Forward:  Forward{Enabled: true, Others: OthersTunnel},
				Log:      Log{Level: slog.LevelWarn, Format: "json"},
				Limits:   Limits{Body: 64 * KiB, Sandboxes: 1000, Journal: 50, Idle: 36 * time.Hour, Memory: GiB, Snapshot: 2 * MiB},
				Timeouts: Timeouts{time.Second, 2 * time.Second, 3 * time.Second, 4 * time.Second, 0},
			}
		}},
		"https": {"listen:\n  a: {addr: 8443, tls: true}\n  b: {address: 127.0.0.1:1, tls: false}\n", nil, func(c *Config) {
			c.Listen, c.TLS = map[string]string{"a": "127.0.0.1:8443", "b": "127.0.0.1:1"}, map[string]bool{"a": true}
			c.ListenAt = map[string]Place{"a": {"config.yaml", 2, 3}, "b": {"config.yaml", 3, 3}}
		}},
		"https from outside": {"", vars{"POLYLINK_LISTEN": "a=https://127.0.0.1:8443,b=1"}, func(c *Config) {
			c.Listen, c.TLS = map[string]string{"a": "127.0.0.1:8443", "b": "127.0.0.1:1"}, map[string]bool{"a": true}
		}},
		"upstreams": {"upstreams:\n  a: {to: b, url: 'https://x/base/', credentials: {key: ${ONE}, other: plain-${TWO}}, on_loss: refuse, queue: 3, timeout: 2s, webhook_secret: ${ONE}}\n", vars{"ONE": "1", "TWO": "2"}, func(c *Config) {
			c.Upstreams = map[string]Upstream{"a": {To: "b", URL: "https://x/base", Credentials: map[string]Secret{"key": NewSecret("1"), "other": NewSecret("plain-2")},
				OnLoss: LossRefuse, Timeout: 2 * time.Second, Queue: 3, WebhookSecret: NewSecret("1")}}
		}},
		"a replay needs no url": {"upstreams: {a: {to: a, replay: d, strict: true}}", nil, func(c *Config) {
			c.Upstreams = map[string]Upstream{"a": {To: "a", OnLoss: LossReport, Timeout: 30 * time.Second, Replay: "d", Strict: true}}
		}},
		"a port alone": {"addr: 8080\nlisten: {a: 8081, b: \"8082\"}\n", nil, func(c *Config) {
			c.Addr, c.Listen = "127.0.0.1:8080", map[string]string{"a": "127.0.0.1:8081", "b": "127.0.0.1:8082"}
			c.ListenAt = map[string]Place{"a": {"config.yaml", 2, 10}, "b": {"config.yaml", 2, 19}}
		}},
		"a port alone from outside": {"mappings: m\n", vars{"POLYLINK_ADDR": "0", "POLYLINK_LISTEN": "a=8081", "POLYLINK_MAPPINGS": "n"}, func(c *Config) {
			c.Addr, c.Listen, c.Mappings = "127.0.0.1:0", map[string]string{"a": "127.0.0.1:8081"}, "n"
		}},
		"origins": {"cors: {origins: ['*']}\ndialects: {one: {cors: [http://a.example, 'http://b.example:3000']}, two: {cors: []}, three: {cors: '*'}, four: {cors.origins: ['*']}, five: {cors: {origins: []}}}", nil, func(c *Config) {
			c.CORS = CORS{Origins: []string{"*"},
				Dialects: map[string][]string{"one": {"http://a.example", "http://b.example:3000"}, "two": {}, "three": {"*"}, "four": {"*"}, "five": {}},
				At:       map[string]Place{"one": {"config.yaml", 2, 24}, "two": {"config.yaml", 2, 82}, "three": {"config.yaml", 2, 101}, "four": {"config.yaml", 2, 128}, "five": {"config.yaml", 2, 159}}}
		}},
		"endpoints": {"webhooks: {allow: [localhost, 10.0.0.0/8], endpoints: [{dialect: acme, url: 'http://a.example/h', secret: '${S}', events: [a.b, c]}, {dialect: b, url: 'https://b/', secrets: [x, y]}]}\n", vars{"S": "whsec_1"}, func(c *Config) {
			c.Webhooks = Webhooks{Allow: []string{"localhost", "10.0.0.0/8"}, Endpoints: []Webhook{
				{Dialect: "acme", URL: "http://a.example/h", Secrets: []Secret{NewSecret("whsec_1")}, Events: []string{"a.b", "c"}, At: Place{"config.yaml", 1, 56}},
				{Dialect: "b", URL: "https://b/", Secrets: []Secret{NewSecret("x"), NewSecret("y")}, At: Place{"config.yaml", 1, 134}},
			}}
		}},
		"the environment wins": {"addr: 127.0.0.1:1\nlisten: {a: 127.0.0.1:2}\nlimits: {body: 2MiB}\n", vars{
			"POLYLINK_ADDR": "localhost:3", "POLYLINK_LISTEN": "b=127.0.0.1:4, c=127.0.0.1:5",
			"POLYLINK_LIMITS_BODY": "2048", "POLYLINK_LIMITS_RATE": "off", "POLYLINK_ADMIN_TOKEN": "x${y}",
			"POLYLINK_LOG_FORMAT": "",
		}, func(c *Config) {
			c.Addr, c.Listen = "localhost:3", map[string]string{"b": "127.0.0.1:4", "c": "127.0.0.1:5"}
			c.Limits.Body, c.Limits.Rate, c.Admin.Token = 2*KiB, false, NewSecret("x${y}")
		}},
		"a secret from the environment": {"admin: {token: 'a-${ONE}-${TWO}'}", vars{"ONE": "1", "TWO": ""}, func(c *Config) {
			c.Admin.Token = NewSecret("a-1-")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := load(t, c.text, c.env)
			if err != nil {
				t.Fatal(err)
			}
			want := Default()
			c.want(&want)
			places := cmpopts.IgnoreFields(Upstream{}, "At", "ToAt", "CredentialsAt")
			if diff := cmp.Diff(want, got, places); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestLoadKeepsOverridesInOrder(t *testing.T) {
	t.Parallel()
	got, err := load(t, `
dialects:
  zeta: {unknown: refuse, auth.strict: true}
  acme:
    operations.link.create.ok: 200
    order: [auth, limit]
  empty:
`, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []Override{
		{Dialect: "zeta", Path: "unknown", Line: 3, Col: 19},
		{Dialect: "zeta", Path: "auth.strict", Line: 3, Col: 40},
		{Dialect: "acme", Path: "operations.link.create.ok", Line: 5, Col: 32},
		{Dialect: "acme", Path: "order", Line: 6, Col: 12},
	}
	ignore := cmpopts.IgnoreFields(Override{}, "Node", "File")
	if diff := cmp.Diff(want, got.Dialects, ignore); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n := got.Dialects[3].Node; n.Kind != yml.Sequence || len(n.Content) != 2 {
		t.Errorf("the list came as %+v", n)
	}
}

func TestAMissingFileIsFineUnlessItWasNamed(t *testing.T) {
	t.Chdir(t.TempDir()) // not parallel: the working directory is everybody's
	got, err := Load("", vars{}.lookup)
	if diff := cmp.Diff(Default(), got); diff != "" || err != nil {
		t.Errorf("no file: %v (-want +got)\n%s", err, diff)
	}
	const missing = "config.yaml:1:1: it cannot be read: no such file or directory; put a file here that can be, or name another"
	if _, err := Load(DefaultFile, vars{}.lookup); err == nil || err.Error() != missing {
		t.Errorf("a named file that is missing: %v", err)
	}
	if err := os.WriteFile(DefaultFile, []byte("addr: localhost:1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := Load("", vars{}.lookup); err != nil || got.Addr != "localhost:1" {
		t.Errorf("the default file: %q, %v", got.Addr, err)
	}
}

func TestSetAndValidateServeFlags(t *testing.T) {
	t.Parallel()
	c := Default()
	for key, value := range map[string]string{"addr": ":8080", "log.level": "debug", "listen": ""} {
		if err := c.Set(key, value); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	if err := c.Validate(); err != nil || c.Addr != ":8080" || LevelName(c.Log.Level) != "debug" || c.Listen != nil {
		t.Errorf("%v: %+v", err, c)
	}
	if err := c.Set("adr", "x"); err == nil || err.Error() != `adr: there is no such key, did you mean "addr"` {
		t.Errorf("unknown key: %v", err)
	}
	c.Timeouts.Read = -1
	if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), "timeouts.read: ") {
		t.Errorf("a flag below zero: %v", err)
	}
}

func TestAdminIsServedOnLoopbackOrWithAToken(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{
		"127.0.0.1:1": true, "127.9.9.9:1": true, "[::1]:1": true, "[::ffff:127.0.0.1]:1": true,
		"localhost:1": true, "LOCALHOST:1": true, "a.localhost:1": true, "localhost.:1": true,
		":1": false, "0.0.0.0:1": false, "[::]:1": false, "10.0.0.1:1": false, "example.com:1": false,
		"notlocalhost:1": false, "127.0.0.1.example.com:1": false, "127.0.0.1": false, "": false,
	} {
		if got := Loopback(addr); got != want {
			t.Errorf("Loopback(%q) = %v", addr, got)
		}
		c := Default()
		c.Addr = addr
		if got := c.AdminServed(); got != want {
			t.Errorf("AdminServed at %q without a token = %v", addr, got)
		}
		c.Admin.Token = NewSecret("t")
		if !c.AdminServed() {
			t.Errorf("not served at %q with a token", addr)
		}
		c.Admin.Enabled = false
		if c.AdminServed() {
			t.Errorf("served at %q though it is off", addr)
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Size{
		"0": 0, "12": 12, "12B": 12, "1KiB": 1024, "1 MiB": MiB, "2GiB": 2 * GiB, "1536": 1536,
		"1MB": -1, "": -1, "-1": -1, "1.5MiB": -1, "MiB": -1, "9999999999GiB": -1, "99999999999999999999": -1,
	} {
		got, err := ParseSize(text)
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("ParseSize(%q) = %d, %v", text, got, err)
		}
		if err != nil {
			continue
		}
		if again, err := ParseSize(got.String()); err != nil || again != got {
			t.Errorf("%q prints as %q, which reads as %d, %v", text, got, again, err)
		}
	}
}
