package hosted

import (
	"errors"
	"net/url"
	"strings"
)

// maxTarget bounds an address that a person is sent to.
const maxTarget = 8192

// CheckTarget tells whether a person may be sent to an address: an absolute
// one of http or https, and nothing that browsers read in another way than we
// do.
func CheckTarget(target string) error {
	switch {
	case len(target) > maxTarget:
		return errors.New("the address is too long")
	case strings.ContainsFunc(target, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '\\' }):
		return errors.New("the address has characters that no address has")
	}
	u, err := url.Parse(target)
	if err != nil {
		return errors.New("the address cannot be read")
	}
	if s := strings.ToLower(u.Scheme); s != "http" && s != "https" || u.Opaque != "" || u.Hostname() == "" {
		return errors.New("the address is no absolute one of http or https")
	}
	return nil
}

// Param is a parameter of a query.
type Param struct{ Name, Value string }

// Target makes the address that a person is sent to: every placeholder filled
// in, and parameters appended behind the query that the address has, which is
// kept as it stands. An address without placeholder and parameters stays as it
// is.
func Target(address string, fill map[string]string, add ...Param) string {
	address, fragment, anchored := strings.Cut(address, "#")
	replace := func(s string) string {
		for name, value := range fill {
			s = strings.ReplaceAll(s, name, url.QueryEscape(value))
		}
		return s
	}
	address = replace(address)
	var b strings.Builder
	b.WriteString(address)
	sep := "?"
	if _, query, has := strings.Cut(address, "?"); has {
		sep = "&"
		if query == "" || strings.HasSuffix(query, "&") {
			sep = ""
		}
	}
	for _, p := range add {
		b.WriteString(sep + url.QueryEscape(p.Name) + "=" + url.QueryEscape(p.Value))
		sep = "&"
	}
	if anchored {
		b.WriteString("#" + replace(fragment))
	}
	return b.String()
}

// escape is a part of a path, in which nothing has a meaning.
func escape(s string) string { return url.PathEscape(s) }
