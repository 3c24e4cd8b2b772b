package access

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// Sent is what a request says about who sends it.
type Sent struct {
	Key, Secret string
	Sent        bool // something was sent, however wrong
	Formed      bool // it was sent as the dialect wants it
}

// Read takes the credential out of the headers, by the first scheme by which it is
// as the dialect wants it.
func (a *Auth) Read(h http.Header) (c Sent) {
	for _, scheme := range a.Schemes {
		one := Sent{}
		switch scheme {
		case "headers":
			one.byHeaders(a, h)
		case "bearer", "basic":
			one.byAuthorization(scheme, h)
		}
		if sent := c.Sent || one.Sent; one.Formed || !c.Sent && one.Sent {
			c = one
			c.Sent = sent
		}
		if c.Formed {
			break
		}
	}
	return c
}

// byHeaders reads a credential that is in headers of its own.
func (c *Sent) byHeaders(a *Auth, h http.Header) {
	c.Key = h.Get(a.Headers[0])
	c.Sent, c.Formed = c.Key != "", c.Key != ""
	for _, name := range a.Headers[1:] {
		c.Secret = h.Get(name)
		c.Sent = c.Sent || c.Secret != ""
		c.Formed = c.Formed && c.Secret != ""
	}
}

// byAuthorization reads one that is in Authorization, by one scheme.
func (c *Sent) byAuthorization(want string, h http.Header) {
	value := strings.TrimSpace(h.Get("Authorization"))
	scheme, rest, _ := strings.Cut(value, " ")
	rest = strings.TrimSpace(rest)
	c.Sent = value != ""
	if !strings.EqualFold(scheme, want) || rest == "" {
		return
	}
	c.Key = rest
	if want == "basic" {
		var ok bool
		c.Key, c.Secret, ok = basic(rest)
		c.Sent = !ok || c.Key != "" // without a user nothing was sent
	}
	c.Formed = c.Key != ""
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
