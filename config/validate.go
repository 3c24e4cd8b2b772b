package config

import (
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/internal/yml"
)

// report notes that the value of a key will not do.
type report func(key, format string, args ...any)

// Validate checks every section and returns a Diagnostics, or nil. Load has done
// it; it is for after the flags.
func (c Config) Validate() error { return c.check(nil).Err() }

// check lets each section check itself and says where its values came from.
func (c Config) check(places map[string]place) Diagnostics {
	var out Diagnostics
	add := func(key, format string, args ...any) {
		at, ok := places[key]
		if group, _, dotted := strings.Cut(key, "."); !ok && dotted && group == keyListen {
			at, ok = places[keyListen]
		}
		if !ok {
			at = place{key: key}
		}
		out = append(out, at.diagnostic(format, args...))
	}
	c.validateAddrs(add)
	c.Admin.validate(add)
	c.validateRedact(add)
	c.CORS.validate(add)
	c.Forward.validate(add)
	c.validateUpstreams(add)
	c.Log.validate(add)
	c.Limits.validate(add)
	c.Timeouts.validate(add)
	return out
}

func (c Config) validateAddrs(add report) {
	taken := map[string]string{}
	check := func(key, addr string) {
		if msg := wrongAddr(addr); msg != "" {
			add(key, "%s", msg)
			return
		}
		if first, twice := taken[addr]; twice && !strings.HasSuffix(addr, ":0") {
			add(key, "%q is the address of %s already, write another port", addr, first)
		}
		taken[addr] = key
	}
	check("addr", c.Addr)
	for _, dialect := range slices.Sorted(maps.Keys(c.Listen)) {
		key := keyListen + "." + dialect
		if !dialectName.MatchString(dialect) {
			add(key, "%q is no dialect's name, write one of a-z, 0-9, _ and -", dialect)
		}
		check(key, c.Listen[dialect])
	}
}

// wrongAddr says what is wrong with an address to listen on, "" for nothing.
func wrongAddr(addr string) string {
	quoted := strconv.Quote(addr)
	host, port, err := net.SplitHostPort(addr)
	switch {
	case err != nil && addr != "" && strings.Trim(addr, "0123456789") == "":
		return quoted + " is no port, write one from 0 to 65535"
	case err != nil && !strings.Contains(addr, ":") && addr != "":
		return quoted + " has no port, write " + addr + ":12121"
	case err != nil:
		return quoted + " is no address, write host:port such as 127.0.0.1:12121 or [::1]:12121"
	case strings.ContainsAny(host, " /@?#"):
		return quoted + " has a host that is none, write host:port without a scheme"
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return quoted + " has no port from 0 to 65535, write one such as 12121"
	}
	return ""
}

func (a Admin) validate(add report) {
	a.validateHosts(add)
	for _, r := range a.Token.Reveal() {
		if r <= ' ' || r > '~' {
			add("admin.token", "it has a blank, a control character or one beyond ASCII, which no bearer token may; write letters and digits")
			return
		}
	}
}

var others = []string{OthersRefuse, OthersTunnel}

func (f Forward) validate(add report) {
	if !slices.Contains(others, f.Others) {
		add(keyOthers, "%q is nothing to do with other hosts, write %s%s", f.Others, alternatives(others), yml.DidYouMean(f.Others, others))
	}
}

var redactions = []string{RedactStrict, RedactStandard, RedactOff}

// validateRedact lets nobody show secrets to a network.
func (c Config) validateRedact(add report) {
	level := c.Journal.Redact
	if !slices.Contains(redactions, level) {
		add(keyRedact, "%q is no way to redact, write %s%s", level, alternatives(redactions), yml.DidYouMean(level, redactions))
		return
	}
	if level != RedactOff {
		return
	}
	keys := map[string]string{"addr": c.Addr}
	for dialect, addr := range c.Listen {
		keys[keyListen+"."+dialect] = addr
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !Loopback(keys[key]) {
			add(keyRedact, "off shows secrets, and %s is %q, which others can reach; write standard, or an address of loopback there", key, keys[key])
		}
	}
}

var formats = []string{"auto", "text", "json"}

func (l Log) validate(add report) {
	if !slices.Contains(formats, l.Format) {
		add("log.format", "%q is no format, write %s%s", l.Format, alternatives(formats), yml.DidYouMean(l.Format, formats))
	}
}

// leastMemory is the smallest budget.
const leastMemory Size = memory.Least

func (l Limits) validate(add report) {
	if l.Body < KiB || l.Body > GiB {
		add("limits.body", "%s is out of bounds, write 1KiB to 1GiB", l.Body)
	}
	if l.Journal < 1 || l.Journal > 1_000_000 {
		add("limits.journal", "%d is out of range, write a number from 1 to 1000000", l.Journal)
	}
	if l.Sandboxes < 1 {
		add("limits.sandboxes", "%d leaves no room for the default sandbox, write 1 or more", l.Sandboxes)
	}
	if l.Memory != 0 && l.Memory < leastMemory {
		add("limits.memory", "%s is too little, write %s or more", l.Memory, leastMemory)
	}
	if l.Snapshot < KiB || l.Snapshot > 64*GiB {
		add("limits.snapshot", "%s is out of bounds, write 1KiB to 64GiB", l.Snapshot)
	}
	notNegative(add, "limits.idle", l.Idle)
}

func (t Timeouts) validate(add report) {
	notNegative(add, "timeouts.read_header", t.ReadHeader)
	notNegative(add, "timeouts.read", t.Read)
	notNegative(add, "timeouts.write", t.Write)
	notNegative(add, "timeouts.idle", t.Idle)
	notNegative(add, "timeouts.drain", t.Drain)
}

func notNegative(add report, key string, d time.Duration) {
	if d < 0 {
		add(key, "%s is below zero, write 0s for none", d)
	}
}
