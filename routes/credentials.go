package routes

import (
	"net/http"
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
	sent := a.Read(h)
	c := credential{key: sent.Key, secret: sent.Secret, sent: sent.Sent, formed: sent.Formed}
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
