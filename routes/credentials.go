package routes

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/sandbox"
)

// credential is what a request says about who sends it.
type credential struct {
	key, secret string
	sandbox     string // named by a ~suffix
	sent        bool   // something was sent, however wrong
	formed      bool   // it was sent as the dialect wants it
}

// readCredential takes the credential out of the headers and cuts the sandbox
// suffix off.
func readCredential(a *access.Auth, h http.Header) credential {
	var c credential
	switch a.Scheme {
	case "headers":
		c.key = h.Get(a.Headers[0])
		c.sent, c.formed = c.key != "", c.key != ""
		for _, name := range a.Headers[1:] {
			c.secret = h.Get(name)
			c.sent = c.sent || c.secret != ""
			c.formed = c.formed && c.secret != ""
		}
	case "bearer", "basic":
		value := strings.TrimSpace(h.Get("Authorization"))
		scheme, rest, _ := strings.Cut(value, " ")
		rest = strings.TrimSpace(rest)
		c.sent = value != ""
		if scheme = strings.ToLower(scheme); !slices.Contains(a.Schemes, scheme) || rest == "" {
			return c
		}
		c.key = rest
		if scheme == "basic" {
			var ok bool
			c.key, c.secret, ok = basic(rest)
			c.sent = !ok || c.key != "" // without a user nothing was sent
		}
		c.formed = c.key != ""
	}
	c.key = c.cut(c.key)
	if i := strings.LastIndexByte(c.secret, '~'); i >= 0 && sandbox.ValidName(c.secret[i+1:]) { // it may hold a ~ of its own
		if c.sandbox == "" {
			c.sandbox = c.secret[i+1:]
		}
		c.secret = c.secret[:i]
	}
	c.formed = c.formed && c.key != "" // a suffix alone is no key
	return c
}

// basic reads the user name and password of Basic authentication.
func basic(encoded string) (user, password string, ok bool) {
	plain, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", "", false
	}
	user, password, _ = strings.Cut(string(plain), ":")
	return user, password, true
}

// cut takes a ~sandbox suffix off a key. What is behind the last ~ names a
// sandbox even if it is no name: a request must not end up in a sandbox that
// it did not mean.
func (c *credential) cut(key string) string {
	i := strings.LastIndexByte(key, '~')
	if i < 0 {
		return key
	}
	if c.sandbox = key[i+1:]; c.sandbox == "" {
		c.sandbox = "~"
	}
	return key[:i]
}
