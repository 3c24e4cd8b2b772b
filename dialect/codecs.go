package dialect

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// trouble is what a codec has against a value: which check failed, as `say:`
// names it, and the same in words that follow the field's name.
type trouble struct {
	Check string
	Why   string
	code  record.Code
}

func typeTrouble(why string) *trouble { return &trouble{"type", why, record.CodeType} }

func valueTrouble(check, why string) *trouble { return &trouble{check, why, record.CodeValue} }

// codec converts one value between the wire and the canonical text of a slot.
// Both directions of every codec stand side by side below; `docs` and the
// schema come from the same place.
type codec interface {
	// decode reads a wire value that is neither absent nor cleared.
	decode(v jsontext.Value, e *Env) (text string, t *trouble)
	// encode appends the wire form of a canonical text that is a value.
	encode(dst []byte, text string, rec *record.Record) []byte
	// fromText types a text out of a form or a query string.
	fromText(s string) jsontext.Value
	// taken is the JSON Schema of what decode takes, shown of what encode gives.
	taken(x *exporter) *jsontext.Object
	shown(x *exporter, slot *record.SlotInfo) *jsontext.Object
}

// parted is a codec whose values are made of values of other fields. It notes
// faults by itself, each with its place.
type parted interface {
	codec
	read(in *Input, f *Field, v jsontext.Value, e *Env) (text string, ok bool)
}

// A stringCodec carries text: as it is, within bounds.
type stringCodec struct {
	as      string   // string, word, url, uuid or email
	url     *urlRule // of a url
	len     span
	squeeze bool // blanks collapse and line ends vanish
	lower   bool // upper case means the same and is kept as lower case
	match   *regexp.Regexp
	oneOf   []string
	check   func(s string) *trouble
	kind    *trouble
	short   *trouble
	long    *trouble
	format  *trouble
	values  *trouble
}

func (c *stringCodec) decode(v jsontext.Value, _ *Env) (string, *trouble) {
	if v.Kind != gjson.String {
		return "", c.kind
	}
	text, s := v.Raw, v.Str()
	if !v.Plain() {
		text = jsontext.CanonicalString(v)
	}
	if c.squeeze {
		if joined := strings.Join(strings.Fields(s), " "); joined != s {
			s, text = joined, record.Quote(joined)
		}
	}
	if c.len.Min > 0 || c.len.Max >= 0 {
		// Bytes bound characters from above, so most texts need no count.
		n := len(s)
		if n < c.len.Min || c.len.Max >= 0 && n > c.len.Max {
			n = utf8.RuneCountInString(s)
		} else if c.len.Min > 1 && n < 4*c.len.Min {
			n = utf8.RuneCountInString(s)
		}
		if n < c.len.Min {
			return "", c.short
		}
		if c.len.Max >= 0 && n > c.len.Max {
			return "", c.long
		}
	}
	if c.check != nil {
		if t := c.check(s); t != nil {
			return "", t
		}
	}
	if c.match != nil && !c.match.MatchString(s) {
		return "", c.format
	}
	if len(c.oneOf) > 0 && !slices.Contains(c.oneOf, s) {
		return "", c.values
	}
	if c.lower {
		text = strings.ToLower(text) // the same memory where there is nothing to change
	}
	return text, nil
}

func (c *stringCodec) encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

func (c *stringCodec) fromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// urlRule says which URLs are taken.
type urlRule struct {
	schemes  []string
	insecure []string // hosts that may be reached by http although schemes says no
	fragment bool
	userinfo bool
	absolute *trouble
	scheme   *trouble
	noHash   *trouble
	noUser   *trouble
}

func (u *urlRule) check(s string) *trouble {
	if scheme, ok := plainURL(s); ok && slices.Contains(u.schemes, scheme) {
		return nil
	}
	return u.whole(s)
}

func (u *urlRule) whole(s string) *trouble {
	p, err := url.Parse(s)
	if err != nil || p.Scheme == "" || p.Host == "" || p.Hostname() == "" || strings.ContainsAny(s, " \t\r\n") {
		return u.absolute
	}
	if !slices.Contains(u.schemes, strings.ToLower(p.Scheme)) {
		if !(p.Scheme == "http" && u.near(p.Hostname())) {
			return u.scheme
		}
	}
	if !u.fragment && (p.Fragment != "" || strings.Contains(s, "#")) {
		return u.noHash
	}
	if !u.userinfo && p.User != nil {
		return u.noUser
	}
	if port := p.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return u.absolute
		}
	}
	return nil
}

// plainURL tells whether s is one of the URLs that nearly all are, about which
// there is nothing to parse: scheme, host name, and a path and query of plain
// characters.
func plainURL(s string) (scheme string, ok bool) {
	scheme, rest, _ := strings.Cut(s, "://")
	if scheme != "https" && scheme != "http" {
		return "", false
	}
	host := 0
	for host < len(rest) && urlChars[rest[host]] == hostChar {
		host++
	}
	if host == 0 || host < len(rest) && rest[host] != '/' {
		return "", false
	}
	for i := host; i < len(rest); i++ {
		if urlChars[rest[i]] == 0 {
			return "", false
		}
	}
	return scheme, true
}

const (
	pathChar = 1 + iota
	hostChar // in paths as well
)

var urlChars = func() (table [256]byte) {
	for _, c := range "/?=&_~+,;:!" {
		table[c] = pathChar
	}
	for _, c := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-." {
		table[c] = hostChar
	}
	return table
}()

// near tells whether a host is on the list of those that need no TLS.
func (u *urlRule) near(host string) bool {
	host = strings.ToLower(host)
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.Unmap().String()
	}
	for _, pattern := range u.insecure {
		if suffix, ok := strings.CutPrefix(pattern, "*"); ok && strings.HasSuffix(host, suffix) && len(host) > len(suffix) {
			return true
		}
		if host == pattern {
			return true
		}
	}
	return false
}

// uuidCheck refuses what is no UUID.
func uuidCheck(t *trouble) func(string) *trouble {
	return func(s string) *trouble {
		if ids.IsUUID(s) {
			return nil
		}
		return t
	}
}
