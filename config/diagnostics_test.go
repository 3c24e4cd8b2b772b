package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryDiagnosticNamesItsPlaceAndTheCure(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		env  vars
		want []string
	}{
		"all at once": {`adr: 127.0.0.1:1
log:
  levle: info
  format: xml
limits: {body: 1MB, sandboxes: 0, journal: 0, idle: -1s}
`, vars{"POLYLINK_TIMEOUTS_READ": "30"}, []string{
			`config.yaml:1:1: unknown key "adr", did you mean "addr"`,
			`config.yaml:3:3: unknown key "log.levle", did you mean "level"`,
			`config.yaml:4:11: log.format: "xml" is no format, write auto, text or json`,
			`config.yaml:5:16: limits.body: "1MB" is no size, write bytes or one such as 64KiB, 1MiB or 2GiB`,
			`config.yaml:5:32: limits.sandboxes: 0 leaves no room for the default sandbox, write 1 or more`,
			`config.yaml:5:44: limits.journal: 0 is out of range, write a number from 1 to 1000000`,
			`config.yaml:5:53: limits.idle: -1s is below zero, write 0s for none`,
			`POLYLINK_TIMEOUTS_READ: "30" has no unit, write 30s or 30m`,
		}},
		"kinds of values": {`addr: [1]
mappings:
log: loud
listen: [a]
admin: {enabled: perhaps}
dialects: 3
`, nil, []string{
			`config.yaml:1:7: addr: one value was expected here, not a list or a section`,
			`config.yaml:2:10: mappings: there is no value, write one or remove the line`,
			`config.yaml:3:6: log: a section was expected here, write its keys below it, indented: format, level or requests`,
			`config.yaml:4:9: listen: a map was expected here, write dialect: host:port lines below it, indented`,
			`config.yaml:5:18: admin.enabled: "perhaps" is neither on nor off, write on or off`,
			`config.yaml:6:11: dialects: a map was expected here, write the dialects' names below it, indented`,
		}},
		"addresses": {`addr: 80800
listen: {one: 127.0.0.1, two: "http://x:1", three: localhost:70000, four: localhost:7, five: localhost:7, six: [1], Seven: 8}
`, nil, []string{
			`config.yaml:1:7: addr: "80800" is no port, write one from 0 to 65535`,
			`config.yaml:2:15: listen.one: "127.0.0.1" has no port, write 127.0.0.1:12121`,
			`config.yaml:2:31: listen.two: "http://x:1" is no address, write host:port such as 127.0.0.1:12121 or [::1]:12121`,
			`config.yaml:2:52: listen.three: "localhost:70000" has no port from 0 to 65535, write one such as 12121`,
			`config.yaml:2:75: listen.four: "localhost:7" is the address of listen.five already, write another port`,
			`config.yaml:2:112: listen.six: an address was expected here, write one such as 127.0.0.1:12122, or {addr: 127.0.0.1:12443, tls: true}`,
			`config.yaml:2:124: listen.Seven: "Seven" is no dialect's name, write one of a-z, 0-9, _ and -`,
		}},
		"overrides": {`dialects:
  Acme: {a: 1}
  one: {auth: {strict: true}, "a..b": 1, c: }
  two: strict
`, nil, []string{
			`config.yaml:2:3: "Acme" is no dialect's name, write one of a-z, 0-9, _ and -`,
			`config.yaml:3:9: dialects.one.auth: one value or a list was expected here, write the whole path with dots, such as auth.strict: …`,
			`config.yaml:3:31: "a..b" is no path into a dialect's file, write words with dots between them, such as auth.strict`,
			`config.yaml:3:45: dialects.one.c: there is no value, write one or remove the line`,
			`config.yaml:4:8: dialects.two: a map was expected here, write path: value lines below it, such as auth.strict: true`,
		}},
		"variables": {"admin: {token: '${NONE} ${1} ${'}\nmappings: ${HOME}/m\n", nil, []string{
			`config.yaml:1:16: admin.token: environment variable NONE is not set, set it or write the value`,
			`config.yaml:1:16: admin.token: ${ does not begin the name of an environment variable, write ${NAME}`,
			`config.yaml:1:16: admin.token: ${ does not begin the name of an environment variable, write ${NAME}`,
			`config.yaml:2:11: mappings: ${…} is replaced in secrets only, set POLYLINK_MAPPINGS instead`,
		}},
		"a dotted key":      {"admin.token: x\n", nil, []string{`config.yaml:1:1: key "admin.token" is written as a section, write admin: {token: …}`}},
		"nothing near":      {"log: {zzzzzzzzzz: 1}", nil, []string{`config.yaml:1:7: unknown key "log.zzzzzzzzzz", write one of format, level or requests`}},
		"a level":           {"log: {level: inf}", nil, []string{`config.yaml:1:14: log.level: "inf" is no level, write debug, info, warn or error, did you mean "info"`}},
		"a section of one":  {"cors: [a]\n", nil, []string{`config.yaml:1:7: cors: a section was expected here, write its keys below it, indented: origins`}},
		"a list on top":     {"- addr\n", nil, []string{`config.yaml:1:1: a section was expected here, write its keys below it, indented: addr, admin, cors, dialects, fixtures, forward_proxy, journal, limits, links, listen, log, mappings, scenarios, store, sync, timeouts, upstreams or webhooks`}},
		"a second document": {"addr: localhost:1\n---\naddr: localhost:2\n", nil, []string{`config.yaml:2:1: a second document starts here; put it into a file of its own`}},
		"a way to redact":   {"journal: {redact: none}", nil, []string{`config.yaml:1:19: journal.redact: "none" is no way to redact, write strict, standard or off`}},
		"secrets on a network": {"addr: 0.0.0.0:1\nlisten: {a: 127.0.0.1:2, b: '[::]:3'}\njournal: {redact: off}", nil, []string{
			`config.yaml:3:19: journal.redact: off shows secrets, and addr is "0.0.0.0:1", which others can reach; write standard, or an address of loopback there`,
			`config.yaml:3:19: journal.redact: off shows secrets, and listen.b is "[::]:3", which others can reach; write standard, or an address of loopback there`,
		}},
		"origins": {"cors: {origins: ['http://a.example/', 'a.example', 'http://*.b.example', '*']}\ndialects: {one: {cors: [3]}, two: {cors: {origin: x}}, three: {cors: 'HTTP://c.example'}}", nil, []string{
			`config.yaml:1:17: cors.origins: "http://a.example/" is no origin, write http://a.example`,
			`config.yaml:1:17: cors.origins: "a.example" is no origin, write scheme, host and port such as http://localhost:3000, or * for every page`,
			`config.yaml:1:17: cors.origins: "http://*.b.example" is no origin, write each by itself, or * alone for every page`,
			`config.yaml:2:25: dialects.one.cors: an origin was expected here, write one such as http://localhost:3000`,
			`config.yaml:2:42: dialects.two.cors: origins were expected here, write origins: [http://localhost:3000]`,
			`config.yaml:2:70: dialects.three.cors: "HTTP://c.example" is no origin, write http://c.example`,
		}},
		"https": {"listen:\n  a: {tls: true}\n  b: {addr: [1], tls: 3}\n  c: {addr: x:1, tlss: true}\nforward_proxy: {others: tunel}", nil, []string{
			`config.yaml:2:6: listen.a: there is no address, write addr: 127.0.0.1:12443 beside tls`,
			`config.yaml:3:13: listen.b: an address was expected here, write one such as 127.0.0.1:12443`,
			`config.yaml:3:23: listen.b: tls is true or false`,
			`config.yaml:4:18: listen.c: unknown key "tlss", did you mean "tls"`,
			`config.yaml:5:25: forward_proxy.others: "tunel" is nothing to do with other hosts, write refuse or tunnel, did you mean "tunnel"`,
		}},
		"upstreams": {`upstreams:
  one: {to: two, url: "ftp://x", credentials: {token: ${NONE}, x: ""}, queue: -1, on_loss: shout, timeout: 0s, record: d, strict: true}
  Two: {to: one}
  three: {url: "https://u:p@x", tou: x, credentials: [a], webhook_secret: ["s"]}
  four: 4
  five: {to: five}
  six: {to: six, url: "http://x/?a", record: a, replay: b, timeout: 5, queue: many, strict: perhaps}
`, vars{"SOME": "s3cret"}, []string{
			`config.yaml:2:3: upstreams.one: exchanges are recorded and replayed as they pass, and one is translated; write to: one`,
			`config.yaml:2:23: upstreams.one.url: it is no URL of http or https, write one such as https://api.example.com`,
			`config.yaml:2:55: upstreams.one.credentials.token: environment variable NONE is not set, set it or write the value`,
			`config.yaml:2:67: upstreams.one.credentials.x: it is empty, and no credential is`,
			`config.yaml:2:79: upstreams.one.queue: -1 is out of range, write a number from 0 to 10000`,
			`config.yaml:2:92: upstreams.one.on_loss: "shout" is nothing to do about losses, write report or refuse`,
			`config.yaml:2:108: upstreams.one.timeout: 0s leaves no time, write one such as 30s`,
			`config.yaml:2:131: upstreams.one.strict: it is about a replay, write replay: and a folder, too`,
			`config.yaml:3:3: "Two" is no dialect's name, write one of a-z, 0-9, _ and -`,
			`config.yaml:4:3: upstreams.three: it does not say what the upstream speaks, write to: and a dialect; three itself is a passthrough`,
			`config.yaml:4:16: upstreams.three.url: it holds a user or a password, write these under credentials`,
			`config.yaml:4:33: upstreams.three: unknown key "tou", did you mean "to"`,
			`config.yaml:4:54: upstreams.three.credentials: a map was expected here, write the names of credentials with their values, such as {token: ${TOKEN}}`,
			`config.yaml:4:75: upstreams.three.webhook_secret: one value was expected here, not a list or a section`,
			`config.yaml:5:9: upstreams.four: a map was expected here, write to and url below it, indented`,
			`config.yaml:6:3: upstreams.five: there is no url, write where the upstream is, such as https://api.example.com`,
			`config.yaml:7:23: upstreams.six.url: it has a query or a fragment, write scheme, host and path alone`,
			`config.yaml:7:57: upstreams.six.replay: it is either recorded or replayed, leave one of them out`,
			`config.yaml:7:69: upstreams.six.timeout: "5" has no unit, write 5s or 5m`,
			`config.yaml:7:79: upstreams.six.queue: "many" is no whole number, write one such as 100`,
			`config.yaml:7:93: upstreams.six.strict: strict is true or false`,
		}},
		"listen from outside": {"", vars{"POLYLINK_LISTEN": "a=nowhere"}, []string{`POLYLINK_LISTEN: "nowhere" has no port, write nowhere:12121`}},
		"listen without =":    {"", vars{"POLYLINK_LISTEN": "a"}, []string{`POLYLINK_LISTEN: write dialect=host:port, and several with commas between them`}},
		"endpoints": {"webhooks: {allow: a.example, endpoints: [{dialect: acme, url: ftp://a}, {dialect: acme}, 3, {dialect: acme, url: 'http://u:p@a/', secret: ''}, {dialect: a, url: 'http://a/', secrets: ['${NONE}'], evnts: x}, {dialect: [], url: 'http://a/'}]}\n", nil, []string{
			`config.yaml:1:42: webhooks.endpoints.url: "ftp://a" is no absolute http or https URL`,
			`config.yaml:1:73: webhooks.endpoints: an endpoint needs a dialect and a url, write one such as {dialect: NAME, url: http://localhost:3000/hook, secret: ${SECRET}}`,
			`config.yaml:1:90: webhooks.endpoints: an endpoint was expected here, write one such as {dialect: NAME, url: http://localhost:3000/hook, secret: ${SECRET}}`,
			`config.yaml:1:139: webhooks.endpoints.secret: the secret is empty, write one or remove the line`,
			`config.yaml:1:184: webhooks.endpoints.secrets: environment variable NONE is not set, set it or write the value`,
			`config.yaml:1:197: unknown key "webhooks.endpoints.evnts", did you mean "events"`,
			`config.yaml:1:218: webhooks.endpoints.dialect: a text was expected here`,
		}},
		"no list of endpoints": {"webhooks: {endpoints: x}\n", nil, []string{`config.yaml:1:23: webhooks.endpoints: a list of endpoints was expected here, write one such as [{dialect: NAME, url: http://localhost:3000/hook, secret: ${SECRET}}]`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, c.text, c.env)
			if err == nil {
				t.Fatal("no diagnostic came")
			}
			if diff := cmp.Diff(c.want, strings.Split(err.Error(), "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
