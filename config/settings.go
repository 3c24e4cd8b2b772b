package config

import (
	"errors"
	"fmt"
	"log/slog"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/internal/yml"
)

// setting is one key that has one value. set reads it from text; its error
// says what to write instead, and for a secret never repeats the text.
type setting struct {
	key    string
	secret bool
	list   bool // a list in the file, and texts with commas between them elsewhere
	set    func(c *Config, text string) error
	at     func(c *Config) *Place // where the file has it; nil for keys whose value Load judges alone
}

var settings = []setting{
	{key: "addr", set: setAddr},
	{key: "mappings", set: text(func(c *Config) *string { return &c.Mappings }), at: func(c *Config) *Place { return &c.MappingsAt }},
	{key: "fixtures", set: text(func(c *Config) *string { return &c.Fixtures }), at: func(c *Config) *Place { return &c.FixturesAt }},
	{key: "scenarios", set: text(func(c *Config) *string { return &c.Scenarios }), at: func(c *Config) *Place { return &c.ScenariosAt }},
	{key: "store", secret: true, set: setStore},
	{key: "sync", set: setSync},
	{key: "links", set: setLinks},
	{key: "admin.enabled", set: onOff(func(c *Config) *bool { return &c.Admin.Enabled })},
	{key: "admin.token", secret: true, set: func(c *Config, s string) error {
		c.Admin.Token = NewSecret(s)
		return nil
	}},
	{key: "admin.hosts", list: true, set: func(c *Config, s string) error {
		c.Admin.Hosts = fields(s)
		return nil
	}},
	{key: keyOrigins, list: true, set: func(c *Config, s string) error {
		c.CORS.Origins = fields(s)
		return nil
	}},
	{key: "forward_proxy.enabled", set: onOff(func(c *Config) *bool { return &c.Forward.Enabled })},
	{key: keyOthers, set: text(func(c *Config) *string { return &c.Forward.Others })},
	{key: "journal.keep", set: onOff(func(c *Config) *bool { return &c.Journal.Keep })},
	{key: keyRedact, set: text(func(c *Config) *string { return &c.Journal.Redact })},
	{key: keyAllow, list: true, set: func(c *Config, s string) error {
		c.Webhooks.Allow = fields(s)
		return nil
	}},
	{key: "log.level", set: setLevel},
	{key: "log.format", set: text(func(c *Config) *string { return &c.Log.Format })},
	{key: "log.requests", set: onOff(func(c *Config) *bool { return &c.Log.Requests })},
	{key: "limits.body", set: size(func(c *Config) *Size { return &c.Limits.Body })},
	{key: "limits.sandboxes", set: setSandboxes},
	{key: "limits.journal", set: setJournal},
	{key: "limits.idle", set: duration(func(c *Config) *time.Duration { return &c.Limits.Idle })},
	{key: "limits.rate", set: onOff(func(c *Config) *bool { return &c.Limits.Rate })},
	{key: "limits.memory", set: setMemory},
	{key: "limits.snapshot", set: size(func(c *Config) *Size { return &c.Limits.Snapshot })},
	{key: "timeouts.read_header", set: duration(func(c *Config) *time.Duration { return &c.Timeouts.ReadHeader })},
	{key: "timeouts.read", set: duration(func(c *Config) *time.Duration { return &c.Timeouts.Read })},
	{key: "timeouts.write", set: duration(func(c *Config) *time.Duration { return &c.Timeouts.Write })},
	{key: "timeouts.idle", set: duration(func(c *Config) *time.Duration { return &c.Timeouts.Idle })},
	{key: "timeouts.drain", set: duration(func(c *Config) *time.Duration { return &c.Timeouts.Drain })},
}

// The keys that are maps of the user's own words.
const (
	keyListen   = "listen"
	keyDialects = "dialects"
)

const (
	keyRedact = "journal.redact"
	keyOthers = "forward_proxy.others"
)

// find returns the setting of a key path, nil when there is none.
func find(key string) *setting {
	for i := range settings {
		if settings[i].key == key {
			return &settings[i]
		}
	}
	return nil
}

// words returns the keys that may stand in a section, "" for the top.
func words(section string) []string {
	seen := map[string]bool{}
	if section == "" {
		seen[keyListen], seen[keyDialects], seen[keyUpstreams] = true, true, true
	}
	if section == "webhooks" {
		seen["endpoints"] = true
	}
	for _, s := range settings {
		rest, in := s.key, true
		if section != "" {
			rest, in = strings.CutPrefix(s.key, section+".")
		}
		if word, _, _ := strings.Cut(rest, "."); in {
			seen[word] = true
		}
	}
	list := make([]string, 0, len(seen))
	for w := range seen {
		list = append(list, w)
	}
	sort.Strings(list)
	return list
}

// Keys returns the key paths that Set takes, in the order of config.yaml's
// sections.
func Keys() []string {
	list := make([]string, 0, len(settings)+1)
	for _, s := range settings {
		list = append(list, s.key)
	}
	return append(list, keyListen)
}

// EnvName returns the environment variable of a key path.
func EnvName(key string) string {
	return EnvPrefix + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// Set sets one key from text, as a flag or the environment has it. listen is
// written dialect=host:port, and several with commas between them; a port
// alone is one of this machine, and https:// in front is tls: true.
func (c *Config) Set(key, value string) error {
	if err := c.set(key, value); err != nil {
		return place{key: key}.diagnostic("%s", err)
	}
	return nil
}

func (c *Config) set(key, value string) error {
	if key == keyListen {
		return setListen(c, value)
	}
	s := find(key)
	if s == nil {
		return fmt.Errorf("there is no such key%s", yml.DidYouMean(key, Keys()))
	}
	if s.at != nil {
		*s.at(c) = Place{}
	}
	return s.set(c, value)
}

func setAddr(c *Config, s string) error {
	c.Addr = address(s)
	return nil
}

// address takes a bare number for a port of this machine alone.
func address(s string) string {
	if _, err := strconv.ParseUint(s, 10, 16); err == nil {
		return "127.0.0.1:" + s
	}
	return s
}

func setLinks(c *Config, s string) error {
	if s != LinksOwn && s != LinksShared && s != LinksSharedAll {
		return fmt.Errorf("%q is no way to share links, write %s, %s or %s", s, LinksOwn, LinksShared, LinksSharedAll)
	}
	c.Links = s
	return nil
}

func text(at func(*Config) *string) func(*Config, string) error {
	return func(c *Config, s string) error {
		*at(c) = s
		return nil
	}
}

func onOff(at func(*Config) *bool) func(*Config, string) error {
	return func(c *Config, s string) error {
		switch strings.ToLower(s) {
		case "true", "on", "yes", "1":
			*at(c) = true
		case "false", "off", "no", "0":
			*at(c) = false
		default:
			return fmt.Errorf("%q is neither on nor off, write on or off", s)
		}
		return nil
	}
}

func duration(at func(*Config) *time.Duration) func(*Config, string) error {
	return func(c *Config, s string) error {
		d, err := durations.Parse(s)
		if err == nil {
			*at(c) = d
		}
		return err
	}
}

var levels = []string{"debug", "info", "warn", "error"}

func setLevel(c *Config, s string) error {
	for _, l := range levels {
		if strings.EqualFold(l, s) {
			return c.Log.Level.UnmarshalText([]byte(l))
		}
	}
	return fmt.Errorf("%q is no level, write %s%s", s, alternatives(levels), yml.DidYouMean(s, levels))
}

// LevelName returns a level as config.yaml has it.
func LevelName(l slog.Level) string { return strings.ToLower(l.String()) }

func size(at func(*Config) *Size) func(*Config, string) error {
	return func(c *Config, s string) error {
		n, err := ParseSize(s)
		if err == nil {
			*at(c) = n
		}
		return err
	}
}

// setMemory takes a size or the word for a quarter of what there is.
func setMemory(c *Config, s string) error {
	if s == memoryAuto {
		c.Limits.Memory = 0
		return nil
	}
	n, err := ParseSize(s)
	switch {
	case err != nil:
		return fmt.Errorf("%q is no size, write %s or one such as 512MiB", s, memoryAuto)
	case n == 0:
		return fmt.Errorf("0 leaves no memory, write %s for a quarter of what there is", memoryAuto)
	}
	c.Limits.Memory = n
	return nil
}

// memoryAuto is the budget that depends on how much memory there is.
const memoryAuto = "auto"

func setSandboxes(c *Config, s string) error { return setNumber(&c.Limits.Sandboxes, s) }

func setJournal(c *Config, s string) error { return setNumber(&c.Limits.Journal, s) }

func setNumber(into *int, s string) error {
	n, err := strconv.Atoi(strings.ReplaceAll(s, "_", ""))
	if err != nil {
		return fmt.Errorf("%q is no whole number, write one such as 1000", s)
	}
	*into = n
	return nil
}

func setListen(c *Config, s string) error {
	listen, secure := map[string]string{}, map[string]bool{}
	for pair := range strings.SplitSeq(s, ",") {
		pair = strings.TrimSpace(pair)
		if pair == "" {
			continue
		}
		dialect, addr, ok := strings.Cut(pair, "=")
		if !ok {
			return errors.New("write dialect=host:port, and several with commas between them")
		}
		dialect, addr = strings.TrimSpace(dialect), strings.TrimSpace(addr)
		if bare, https := strings.CutPrefix(addr, "https://"); https {
			addr, secure[dialect] = bare, true
		}
		listen[dialect] = address(addr)
	}
	c.Listen, c.ListenAt, c.TLS = nil, nil, nil
	if len(listen) > 0 {
		c.Listen = listen
	}
	if len(secure) > 0 {
		c.TLS = secure
	}
	return nil
}

// alternatives writes a list as "a, b or c".
func alternatives(list []string) string {
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return strings.Join(list[:last], ", ") + " or " + list[last]
}
