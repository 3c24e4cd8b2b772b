package routes

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"path"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
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
func readCredential(a *dialect.Auth, h http.Header) credential {
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

// public tells whether the operation asks for no credential. What is no
// operation is as private as the others.
func (x *exchange) public() bool { return x.op != nil && x.op.Public }

// auth finds out who sent the request.
func (x *exchange) auth() *dialect.Problem {
	if x.public() || x.d.Auth.Scheme == "none" {
		return nil
	}
	code := x.identify()
	if code == "" {
		return nil
	}
	if p := x.limitUnauthorized(); p != nil {
		return p
	}
	return &dialect.Problem{Code: code}
}

// identify looks the credential up; it returns the code of the refusal, or "".
func (x *exchange) identify() record.Code {
	switch {
	case !x.cred.sent:
		return record.CodeNoCredential
	case !x.cred.formed:
		return record.CodeBadCredential
	}
	row := x.reader.Get(record.Credentials.Kind, store.RowKey(x.d.Name, x.cred.key))
	form := x.form()
	if row == nil {
		if form.Refuse != "" {
			return form.Refuse
		}
		if form.Guard || x.d.Auth.Strict {
			return record.CodeBadCredential
		}
		if row = x.reader.Get(record.Credentials.Kind, store.RowKey(x.d.Name, x.st.fixtures.Main(x.d.Name))); row == nil {
			return record.CodeBadCredential
		}
		x.env.Credential = row.Record
		if form.Live != "" && row.Record.Get(record.SlotLive) != form.Live {
			x.env.Credential = row.Record.Clone()
			x.env.Credential.Set(record.SlotLive, form.Live)
		}
	} else {
		rec := row.Record
		if secret := rec.Text(slotSecret); secret != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(x.cred.secret)) != 1 {
			return record.CodeBadCredential
		}
		if refused := rec.Text(slotRefused); refused != "" {
			return record.Code(refused)
		}
		x.env.Credential = rec
	}
	if account := x.reader.Get(record.Accounts.Kind, store.RowKey(x.d.Name, x.env.Credential.Text(record.SlotAccount))); account != nil {
		x.env.Account = account.Record
	}
	return ""
}

var (
	slotSecret  = record.Credentials.MustSlot("secret")
	slotRefused = record.Credentials.MustSlot("refused")
	slotGate    = record.Credentials.MustSlot("gate")
	slotScopes  = record.Credentials.MustSlot("scopes")
	slotPlan    = record.Accounts.MustSlot("plan")
)

// form returns what the shape of the key says.
func (x *exchange) form() dialect.KeyForm {
	for _, f := range x.d.Auth.Keys {
		if ok, _ := path.Match(f.Like, strings.ReplaceAll(x.cred.key, "/", "_")); ok {
			return f
		}
	}
	return dialect.KeyForm{}
}

// scope checks that the credential may do this.
func (x *exchange) scope() *dialect.Problem {
	if x.op.Scope == "" || x.env.Credential == nil {
		return nil
	}
	scopes := x.env.Credential.Get(slotScopes)
	if scopes == "" || scopes == record.Null {
		return nil
	}
	may := false
	gjson.Parse(scopes).ForEach(func(_, s gjson.Result) bool {
		may = s.Str == x.op.Scope
		return !may
	})
	if may {
		return nil
	}
	return &dialect.Problem{Code: record.CodeScope}
}

// gate checks that the account is entitled to the operation.
func (x *exchange) gate() *dialect.Problem {
	if !x.op.Gated || x.env.Credential == nil {
		return nil
	}
	if g := x.env.Credential.Text(slotGate); g != "" {
		return &dialect.Problem{Code: record.Code(g)}
	}
	return nil
}

// requestHeaders checks the headers that the dialect has rules for.
// requestHeaders checks the dialect's rules. They are about who asks, which a
// public operation does not.
func (x *exchange) requestHeaders() *dialect.Problem {
	if x.public() {
		return nil
	}
	return x.headersKeep(x.d.RequestHeaders)
}

func (x *exchange) headersKeep(rules []*dialect.HeaderRule) *dialect.Problem {
	for _, h := range rules {
		if p := checkRule(h, x.r.Header.Get(h.Name), &x.env); p != nil {
			return p
		}
	}
	return nil
}

// checkRule checks a header or a query parameter that was sent.
func checkRule(h *dialect.HeaderRule, v string, e *dialect.Env) *dialect.Problem {
	switch {
	case v == "" && h.Missing != "":
		return &dialect.Problem{Code: h.Missing, Path: h.Name, Why: "is required"}
	case v == "":
		return nil
	}
	why := ""
	if !allowedHeader(h, v) {
		if why = "has the wrong format"; len(h.OneOf) > 0 {
			why = "must be one of " + strings.Join(h.OneOf, ", ")
		}
	} else if want := h.Value(e); want != "" && want != v {
		why = "must be " + want
	}
	if why == "" {
		return nil
	}
	return &dialect.Problem{Code: h.Code, Path: h.Name, Why: why, Value: record.Quote(v)}
}

// account is the id of whoever the request acts for.
func (x *exchange) account() string {
	if x.env.Credential == nil {
		return ""
	}
	return x.env.Credential.Text(record.SlotAccount)
}

// mode is the world it acts in, as rows and limits tell worlds apart.
func (x *exchange) mode() string {
	if x.env.Credential == nil {
		return ""
	}
	return x.env.Credential.Get(record.SlotLive)
}

// address is where a request comes from: an IPv4 address or an IPv6 network.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	if p, err := ip.WithZone("").Prefix(64); err == nil {
		return p.String()
	}
	return host
}

// digest hides a secret in a key.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
