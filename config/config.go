package config

import (
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/yml"
)

// DefaultFile is the file that is read, if it is there, when none is named.
const DefaultFile = "config.yaml"

// EnvPrefix begins the environment variable of every key: limits.body is
// POLYLINK_LIMITS_BODY.
const EnvPrefix = "POLYLINK_"

// Config is everything that can be set. Default has the values of an empty
// file.
type Config struct {
	Addr     string            // where all dialects and the control API listen; port 0 picks one
	Listen   map[string]string // dialect → an address of its own; nil when there are none
	ListenAt map[string]Place  // where the file has these, as far as it has
	TLS      map[string]bool   // dialects whose own address speaks https; nil when none does
	Mappings string            // folder of mapping files, "" for the embedded ones
	Fixtures string            // folder of fixtures, "" for the embedded ones

	Scenarios string // folder of scenarios beside the embedded ones, "" for none

	// Where the file names these folders; zero where something else does.
	MappingsAt, FixturesAt, ScenariosAt Place

	Store string        // memory, or file: and a path; "" is memory
	Sync  time.Duration // how long what is changed is gathered before the store has it; 0 is not at all

	Links    string // own: a dialect shows the links made in it; shared: all links of its kind
	Admin    Admin
	Journal  Journal
	CORS     CORS
	Forward  Forward
	Webhooks Webhooks
	Log      Log
	Limits   Limits
	Timeouts Timeouts
	Dialects []Override // in the order of the file

	Upstreams map[string]Upstream // dialect → who answers in its place; nil when the mock store answers in all
}

// Place is where a value is written.
type Place struct {
	File      string
	Line, Col int
}

// What Links can be.
const (
	LinksOwn       = "own"        // a dialect shows the links made in it
	LinksShared    = "shared"     // all show all links of their kind, as far as accounts may see them
	LinksSharedAll = "shared_all" // and accounts are no walls
)

// Shared tells whether dialects show one another's links.
func (c *Config) Shared() bool { return c.Links == LinksShared || c.Links == LinksSharedAll }

// Admin is the control API.
type Admin struct {
	Enabled bool
	Token   Secret // bearer token; without one the API is served on loopback only

	// Hosts are names under which it is served beside addresses, localhost and
	// the names of the listeners; *.NAME is all names under one.
	Hosts []string
}

// Journal is what is kept of the requests, and shown.
type Journal struct {
	Keep   bool   // in the store, too, where that outlives the process
	Redact string // how much of an exchange is hidden: strict, standard, or off on loopback
}

// What Journal.Redact can be.
const (
	RedactStrict   = "strict"
	RedactStandard = "standard"
	RedactOff      = "off"
)

// Forward is the forward proxy at Addr.
type Forward struct {
	Enabled bool
	Others  string // what becomes of hosts that no dialect has: refuse or tunnel
}

// What Forward.Others can be.
const (
	OthersRefuse = "refuse"
	OthersTunnel = "tunnel"
)

// Log is what is logged, and how.
type Log struct {
	Level  slog.Level
	Format string // auto (text on a terminal, else JSON), text or json

	Requests bool // one line for each
}

// Limits bound what one process takes on.
type Limits struct {
	Body      Size          // largest request body that is taken
	Sandboxes int           // most sandboxes alive at once
	Journal   int           // entries that a sandbox's journal keeps
	Idle      time.Duration // a sandbox unused for so long is dropped; 0 keeps them
	Rate      bool          // whether the dialects' rate limits are in force
	Memory    Size          // budget for all that is kept; 0 is a quarter of what there is
	Snapshot  Size          // largest snapshot that is restored
}

// Timeouts are those of the HTTP server; 0 waits for ever.
type Timeouts struct {
	ReadHeader time.Duration
	Read       time.Duration
	Write      time.Duration
	Idle       time.Duration
	Drain      time.Duration // from SIGTERM until open requests are cut off
}

// Override replaces one value of a dialect's file.
type Override struct {
	Dialect   string
	Path      string    // dotted path into the dialect's file, such as auth.strict
	Node      *yml.Node // a scalar or a list
	File      string    // where it was written
	Line, Col int
}

// Default returns the values of an empty file.
func Default() Config {
	return Config{
		Addr:    "127.0.0.1:12121",
		Store:   StoreMemory,
		Links:   LinksOwn,
		Admin:   Admin{Enabled: true},
		Journal: Journal{Redact: RedactStandard},
		Forward: Forward{Others: OthersRefuse},
		Log:     Log{Level: slog.LevelInfo, Format: "auto", Requests: true},
		Limits:  Limits{Body: MiB, Sandboxes: 10_000, Journal: 1000, Rate: true, Snapshot: 64 * MiB},
		Timeouts: Timeouts{
			ReadHeader: 5 * time.Second, Read: 30 * time.Second, Write: 60 * time.Second,
			Idle: 120 * time.Second, Drain: 10 * time.Second,
		},
	}
}

// AdminServed tells whether the control API is served at Addr: it must be
// enabled, and off loopback it needs a token.
func (c Config) AdminServed() bool { return c.AdminServedAt(c.Addr) }

// AdminServedAt is AdminServed for another address that a listener has.
func (c Config) AdminServedAt(addr string) bool {
	return c.Admin.Enabled && (c.Admin.Token.IsSet() || Loopback(addr))
}

// Loopback tells whether an address, host and port, is reached from this
// machine only. A host that is a name is not looked up: localhost and names
// under it are loopback, all others are not.
func Loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
