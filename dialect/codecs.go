package dialect

import (
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"polylink/internal/ids"
	"polylink/link"
)

// trouble is what a codec has against a value: which check failed, as `say:`
// names it, and the same in words that follow the field's name.
type trouble struct {
	Check string
	Why   string
	code  link.Code
}

func typeTrouble(why string) *trouble { return &trouble{"type", why, link.CodeType} }

func valueTrouble(check, why string) *trouble { return &trouble{check, why, link.CodeValue} }

// codec converts one value between the wire and the canonical text of a slot.
// Both directions of every codec stand side by side below; `docs` and the
// schema come from the same place.
type codec interface {
	// decode reads a wire value that is neither absent nor cleared.
	decode(v gjson.Result, e *Env) (text string, t *trouble)
	// encode appends the wire form of a canonical text that is a value.
	encode(dst []byte, text string, rec *link.Record) []byte
	// fromText types a text out of a form or a query string.
	fromText(s string) gjson.Result
	// taken is the JSON Schema of what decode takes, shown of what encode gives.
	taken(x *exporter) *object
	shown(x *exporter, slot *link.SlotInfo) *object
}

// number and string results for text that came without JSON types.
func textResult(s string) gjson.Result {
	return gjson.Result{Type: gjson.String, Str: s, Raw: link.Quote(s)}
}

func numberResult(s string) gjson.Result {
	if isNumber(s) {
		return gjson.Result{Type: gjson.Number, Raw: s}
	}
	return textResult(s)
}

func boolResult(s string) gjson.Result {
	switch s {
	case "true":
		return gjson.Result{Type: gjson.True, Raw: s}
	case "false":
		return gjson.Result{Type: gjson.False, Raw: s}
	}
	return textResult(s)
}

func isNumber(s string) bool {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	return s != "" && (s[0] == '-' || digit(s[0])) && digit(s[len(s)-1]) && gjson.Valid(s)
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

func (c *stringCodec) decode(v gjson.Result, _ *Env) (string, *trouble) {
	if v.Type != gjson.String {
		return "", c.kind
	}
	text, s := v.Raw, v.Str
	if strings.IndexByte(text, '\\') >= 0 {
		text = link.Quote(s)
	}
	if c.squeeze {
		if joined := strings.Join(strings.Fields(s), " "); joined != s {
			s, text = joined, link.Quote(joined)
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
	if len(c.oneOf) > 0 && !has(c.oneOf, s) {
		return "", c.values
	}
	if c.lower {
		text = strings.ToLower(text) // the same memory where there is nothing to change
	}
	return text, nil
}

func (c *stringCodec) encode(dst []byte, text string, _ *link.Record) []byte {
	return append(dst, text...)
}

func (c *stringCodec) fromText(s string) gjson.Result { return textResult(s) }

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

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
	if scheme, ok := plainURL(s); ok && has(u.schemes, scheme) {
		return nil
	}
	return u.whole(s)
}

func (u *urlRule) whole(s string) *trouble {
	p, err := url.Parse(s)
	if err != nil || p.Scheme == "" || p.Host == "" || p.Hostname() == "" || strings.ContainsAny(s, " \t\r\n") {
		return u.absolute
	}
	if !has(u.schemes, strings.ToLower(p.Scheme)) {
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

// A boolCodec carries true and false.
type boolCodec struct{ kind *trouble }

func (c *boolCodec) decode(v gjson.Result, _ *Env) (string, *trouble) {
	switch v.Type {
	case gjson.True:
		return "true", nil
	case gjson.False:
		return "false", nil
	}
	return "", c.kind
}

func (c *boolCodec) encode(dst []byte, text string, _ *link.Record) []byte {
	return append(dst, text...)
}

func (c *boolCodec) fromText(s string) gjson.Result { return boolResult(s) }

// bounds are exact limits of a number, "" for none.
type bounds struct {
	min, max, above string
	low, high       *trouble
}

func (b *bounds) check(number string) *trouble {
	if b.min != "" {
		if o, ok := link.CompareNumbers(number, b.min); !ok || o < 0 {
			return b.low
		}
	}
	if b.above != "" {
		if o, ok := link.CompareNumbers(number, b.above); !ok || o <= 0 {
			return b.low
		}
	}
	if b.max != "" {
		if o, ok := link.CompareNumbers(number, b.max); !ok || o > 0 {
			return b.high
		}
	}
	return nil
}

// An intCodec carries whole numbers.
type intCodec struct {
	bounds
	kind *trouble
}

func (c *intCodec) decode(v gjson.Result, _ *Env) (string, *trouble) {
	if v.Type != gjson.Number {
		return "", c.kind
	}
	text, ok := link.Integer(v.Raw)
	if !ok {
		return "", c.kind
	}
	return text, c.check(text)
}

func (c *intCodec) encode(dst []byte, text string, _ *link.Record) []byte {
	return append(dst, text...)
}

func (c *intCodec) fromText(s string) gjson.Result { return numberResult(s) }

// A numberCodec carries exact decimal numbers as they are written.
type numberCodec struct {
	bounds
	kind *trouble
}

func (c *numberCodec) decode(v gjson.Result, _ *Env) (string, *trouble) {
	if v.Type != gjson.Number {
		return "", c.kind
	}
	return v.Raw, c.check(v.Raw)
}

func (c *numberCodec) encode(dst []byte, text string, _ *link.Record) []byte {
	return append(dst, text...)
}

func (c *numberCodec) fromText(s string) gjson.Result { return numberResult(s) }

// A moneyCodec carries an amount: minor units, or a decimal number or text in
// major units. The major forms need the currency, which may come later in the
// same body, so decode keeps the number and settle converts it.
type moneyCodec struct {
	bounds
	major, quoted bool
	currency      link.Slot
	kind          *trouble
	digits        *trouble
}

func (c *moneyCodec) decode(v gjson.Result, _ *Env) (string, *trouble) {
	raw := v.Raw
	if c.quoted {
		if v.Type != gjson.String || !isNumber(v.Str) {
			return "", c.kind
		}
		raw = v.Str
	} else if v.Type != gjson.Number {
		return "", c.kind
	}
	if c.major {
		if _, ok := link.CompareNumbers(raw, "0"); !ok {
			return "", c.digits
		}
		return raw, c.check(raw)
	}
	text, ok := link.Integer(raw)
	if !ok {
		return "", c.kind
	}
	return text, c.check(text)
}

// settle converts what decode kept to minor units of the record's currency.
func (c *moneyCodec) settle(text string, rec *link.Record) (string, *trouble) {
	if !c.major {
		return text, nil
	}
	minor, ok := link.Minor(text, digitsOf(rec.Text(c.currency)))
	if !ok {
		return "", c.digits
	}
	return minor, nil
}

func (c *moneyCodec) encode(dst []byte, text string, rec *link.Record) []byte {
	if c.quoted {
		dst = append(dst, '"')
	}
	if c.major {
		dst = link.Major(dst, text, digitsOf(rec.Text(c.currency)))
	} else {
		dst = append(dst, text...)
	}
	if c.quoted {
		dst = append(dst, '"')
	}
	return dst
}

func (c *moneyCodec) fromText(s string) gjson.Result {
	if c.quoted {
		return textResult(s)
	}
	return numberResult(s)
}

// A currencyCodec carries a currency code that the table knows.
type currencyCodec struct {
	lower bool
	kind  *trouble
	known *trouble
}

func (c *currencyCodec) decode(v gjson.Result, _ *Env) (string, *trouble) {
	if v.Type != gjson.String {
		return "", c.kind
	}
	code, ok := canonicalCurrency(v.Str)
	if !ok {
		return "", c.known
	}
	return code, nil
}

func (c *currencyCodec) encode(dst []byte, text string, _ *link.Record) []byte {
	if c.lower {
		return appendLower(dst, text)
	}
	return append(dst, text...)
}

func (c *currencyCodec) fromText(s string) gjson.Result { return textResult(s) }

func appendLower(dst []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		b := text[i]
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		dst = append(dst, b)
	}
	return dst
}

// An enumCodec carries a word of a table; the wire side may be any scalar.
type enumCodec struct {
	in     map[string]string // wire JSON text -> canonical text
	out    map[string][]byte // canonical text -> wire JSON text
	order  []string          // wire JSON texts as the table has them
	ins    []enumWord        // in and out again, where they are small enough to be looked through
	outs   []enumWord
	rest   []byte          // wire form of every other canonical word
	lower  bool            // other canonical words are shown in lower case
	refuse map[string]bool // wire texts that are shown and not taken
	kind   *trouble
	values *trouble
}

// enumWord is what one text stands for.
type enumWord struct{ from, to string }

// maxWords is how many words are looked through; more are looked up.
const maxWords = 12

// canonical returns the canonical text of a wire text.
func (c *enumCodec) canonical(wire string) (string, bool) {
	if c.ins == nil {
		text, ok := c.in[wire]
		return text, ok
	}
	for i := range c.ins {
		if c.ins[i].from == wire {
			return c.ins[i].to, true
		}
	}
	return "", false
}

// small makes lists of tables that are quicker looked through than looked up.
func (c *enumCodec) small() {
	if len(c.out) > maxWords || len(c.in) > maxWords {
		return
	}
	for wire, text := range c.in {
		c.ins = append(c.ins, enumWord{wire, text})
	}
	for text, wire := range c.out {
		c.outs = append(c.outs, enumWord{text, string(wire)})
	}
}

func (c *enumCodec) decode(v gjson.Result, _ *Env) (string, *trouble) {
	raw := v.Raw
	if v.Type == gjson.String && strings.IndexByte(raw, '\\') >= 0 {
		raw = link.Quote(v.Str)
	}
	text, ok := c.canonical(raw)
	if !ok || c.refuse[raw] {
		if v.Type == gjson.JSON {
			return "", c.kind
		}
		return "", c.values
	}
	return text, nil
}

func (c *enumCodec) encode(dst []byte, text string, _ *link.Record) []byte {
	for i := range c.outs {
		if c.outs[i].from == text {
			return append(dst, c.outs[i].to...)
		}
	}
	if wire := c.wire(text); wire != nil {
		return append(dst, wire...)
	}
	return appendLower(dst, text)
}

// wire is the constant that a canonical word shows as, nil for itself in lower
// case.
func (c *enumCodec) wire(text string) []byte {
	if wire, ok := c.out[text]; ok || c.lower {
		return wire
	}
	return c.rest
}

func (c *enumCodec) fromText(s string) gjson.Result {
	if _, ok := c.in[s]; ok {
		return gjson.Parse(s)
	}
	return textResult(s)
}

// A timeCodec carries an instant.
type timeCodec struct {
	form   string        // rfc3339, unix, unix_ms, in
	digits int           // of the fraction of a second; -1 as many as needed
	unit   time.Duration // of a duration from now
	bounds
	kind   *trouble
	format *trouble
}

func (c *timeCodec) decode(v gjson.Result, e *Env) (string, *trouble) {
	if c.form == "rfc3339" {
		if v.Type != gjson.String {
			return "", c.kind
		}
		at, ok := parseInstant(v.Str)
		if !ok {
			return "", c.format
		}
		if s := v.Str; len(s) == 20 && s[19] == 'Z' && len(v.Raw) == 22 {
			return v.Raw, nil // canonical already
		}
		return link.FormatTime(at), nil
	}
	if v.Type != gjson.Number {
		return "", c.kind
	}
	text, ok := link.Integer(v.Raw)
	n, err := strconv.ParseInt(text, 10, 64)
	if !ok || err != nil {
		return "", c.kind
	}
	if t := c.check(text); t != nil {
		return "", t
	}
	at, ok := c.instant(n, e)
	if !ok {
		return "", c.format
	}
	return link.FormatTime(at), nil
}

// instant converts a whole number; years past 9999 cannot be written down.
func (c *timeCodec) instant(n int64, e *Env) (time.Time, bool) {
	var at time.Time
	switch c.form {
	case "unix":
		at = time.Unix(n, 0)
	case "unix_ms":
		at = time.UnixMilli(n)
	default:
		const most = int64(200 * 366 * 24 * time.Hour)
		if n > most/int64(c.unit) || n < -most/int64(c.unit) {
			return at, false
		}
		at = e.Now.Truncate(time.Millisecond).Add(time.Duration(n) * c.unit)
	}
	return at, at.Unix() >= -62135596800 && at.Unix() <= 253402300799
}

// parseInstant reads RFC 3339, and a plain date as its first moment.
func parseInstant(s string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t, err = time.Parse(time.DateOnly, s)
	}
	return t, err == nil && t.UTC().Year() >= 1 && t.UTC().Year() <= 9999
}

func (c *timeCodec) encode(dst []byte, text string, _ *link.Record) []byte {
	if c.digits < 0 && (c.form == "rfc3339" || c.form == "in") {
		return append(dst, text...)
	}
	at, ok := link.ParseTime(text)
	if !ok {
		return append(dst, link.Null...)
	}
	switch c.form {
	case "unix":
		return strconv.AppendInt(dst, at.Unix(), 10)
	case "unix_ms":
		return strconv.AppendInt(dst, at.UnixMilli(), 10)
	}
	return append(at.UTC().AppendFormat(append(dst, '"'), layouts[c.digits]), '"')
}

var layouts = [...]string{
	"2006-01-02T15:04:05Z", "2006-01-02T15:04:05.0Z", "2006-01-02T15:04:05.00Z", "2006-01-02T15:04:05.000Z",
	"2006-01-02T15:04:05.0000Z", "2006-01-02T15:04:05.00000Z", "2006-01-02T15:04:05.000000Z",
}

func (c *timeCodec) fromText(s string) gjson.Result {
	if c.form == "rfc3339" {
		return textResult(s)
	}
	return numberResult(s)
}

// A jsonCodec carries any value, or any of one type, byte for byte.
type jsonCodec struct {
	only  string // object, array or "" for any
	bytes int    // most bytes without blanks
	kind  *trouble
	large *trouble
}

func (c *jsonCodec) decode(v gjson.Result, _ *Env) (string, *trouble) {
	if c.only == "object" && !v.IsObject() || c.only == "array" && !v.IsArray() {
		return "", c.kind
	}
	text := v.Raw
	if !isCompact(v) {
		text = string(appendCompact(make([]byte, 0, len(v.Raw)), v))
	}
	if c.bytes > 0 && len(text) > c.bytes {
		return "", c.large
	}
	return text, nil
}

func (c *jsonCodec) encode(dst []byte, text string, _ *link.Record) []byte {
	return append(dst, text...)
}

func (c *jsonCodec) fromText(s string) gjson.Result { return textResult(s) }
