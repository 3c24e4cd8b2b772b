package codec

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// URL says which URLs are taken.
type URL struct {
	Schemes  []string
	Insecure []string // hosts in lower case that may be reached by http although Schemes says no
	Fragment bool     // a # may be in it
	Userinfo bool     // a user may be in it
	scheme   *Violation
}

var (
	notAbsolute = OfValue("format", "must be an absolute URL")
	hasFragment = OfValue("format", "must not have a fragment")
	hasUser     = OfValue("format", "must not hold a user or password")
)

// Ready returns the rule, made of the words that were given.
func (u *URL) Ready() *URL {
	u.scheme = OfValue("format", "must use "+strings.Join(u.Schemes, " or "))
	return u
}

// check says what is wrong with a URL, nil when nothing is.
func (u *URL) check(s string) *Violation {
	if scheme, ok := plainURL(s); ok && slices.Contains(u.Schemes, scheme) {
		return nil
	}
	return u.whole(s)
}

// whole is the check of URLs that are not plain.
func (u *URL) whole(s string) *Violation {
	p, err := url.Parse(s)
	if err != nil || p.Scheme == "" || p.Host == "" || p.Hostname() == "" || strings.ContainsAny(s, " \t\r\n") {
		return notAbsolute
	}
	if !slices.Contains(u.Schemes, strings.ToLower(p.Scheme)) {
		if !(p.Scheme == "http" && u.near(p.Hostname())) {
			return u.scheme
		}
	}
	if !u.Fragment && (p.Fragment != "" || strings.Contains(s, "#")) {
		return hasFragment
	}
	if !u.Userinfo && p.User != nil {
		return hasUser
	}
	if port := p.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return notAbsolute
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

// What a character may be part of.
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
func (u *URL) near(host string) bool {
	host = strings.ToLower(host)
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.Unmap().String()
	}
	for _, pattern := range u.Insecure {
		if suffix, ok := strings.CutPrefix(pattern, "*"); ok && strings.HasSuffix(host, suffix) && len(host) > len(suffix) {
			return true
		}
		if host == pattern {
			return true
		}
	}
	return false
}

// pattern says what a URL must look like: its scheme, the hosts that need no
// TLS, and whether it may have a user and a fragment.
func (u *URL) pattern() string {
	const blanks = ` \t\r\n`
	user, rest := `([^/?#`+blanks+`]*@)?`, `([/?#][^`+blanks+`]*)?$`
	if !u.Userinfo {
		user = ""
	}
	if !u.Fragment {
		rest = `([/?][^#` + blanks + `]*)?$`
	}
	var schemes, near []string
	for _, s := range u.Schemes {
		schemes = append(schemes, anyCase(s))
	}
	where := "(" + strings.Join(schemes, "|") + ")://" + user + `[^/?#@` + blanks + `]+`
	for _, host := range u.Insecure {
		if suffix, ok := strings.CutPrefix(host, "*"); ok {
			near = append(near, `[^/?#@:`+blanks+`]+`+anyCase(suffix))
		} else {
			near = append(near, anyCase(host), `\[[0-9A-Fa-f:.]+\]`)
		}
	}
	if near != nil && !slices.Contains(u.Schemes, "http") {
		slices.Sort(near)
		where = "(" + where + "|" + anyCase("http") + "://" + user + "(" + strings.Join(slices.Compact(near), "|") + ")(:[0-9]*)?)"
	}
	return "^" + where + rest
}

// anyCase is a pattern for a text in letters of either case.
func anyCase(s string) string {
	var b strings.Builder
	for _, r := range s {
		if up := unicode.ToUpper(r); up != r {
			b.WriteString("[" + string(up) + string(r) + "]")
		} else {
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}
