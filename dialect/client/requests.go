package client

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

// Request is what a client of the dialect sends.
type Request struct {
	Method string
	Path   string // escaped, of the provider's own
	Query  url.Values
	Header http.Header
	Body   []byte
}

// New begins a request for an operation: vars fill its path, or the query where
// the dialect names records there.
func New(op *dialect.Op, vars map[string]string) *Request {
	r := &Request{Method: op.Method, Path: op.Path, Query: url.Values{}, Header: http.Header{}}
	for name, value := range vars {
		if name == op.ByQuery && name != "" {
			r.Query.Set(name, value)
		} else {
			r.Path = strings.ReplaceAll(r.Path, "{"+name+"}", url.PathEscape(value))
		}
	}
	r.Header.Set("Accept", "application/json")
	for _, h := range op.Owner.RequestHeaders {
		switch {
		case h.Missing == "":
		case h.Default != "":
			r.Header.Set(h.Name, h.Default)
		case len(h.OneOf) > 0:
			r.Header.Set(h.Name, h.OneOf[0])
		}
	}
	return r
}

// Credentials are what an operator has to get in, by the names of Names.
type Credentials map[string]string

// Names lists the credentials that a dialect's clients have: token, user and
// password, or header names without x- and with _.
func Names(d *dialect.Dialect) []string {
	switch d.Auth.Scheme {
	case "bearer":
		return []string{"token"}
	case "basic":
		return []string{"user", "password"}
	case "headers":
		var out []string
		for _, h := range d.Auth.Headers {
			out = append(out, credentialName(h))
		}
		return out
	}
	return nil
}

func credentialName(header string) string {
	return strings.ReplaceAll(strings.TrimPrefix(strings.ToLower(header), "x-"), "-", "_")
}

// Authorize adds a credential.
func (r *Request) Authorize(d *dialect.Dialect, c Credentials) {
	switch d.Auth.Scheme {
	case "bearer":
		r.Header.Set("Authorization", "Bearer "+c["token"])
	case "basic":
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c["user"]+":"+c["password"])))
	case "headers":
		for _, h := range d.Auth.Headers {
			r.Header.Set(h, c[credentialName(h)])
		}
	}
}

// Say gives the request a body, an object in JSON, in the form that the dialect
// takes.
func (r *Request) Say(op *dialect.Op, body []byte) {
	if !op.Writes() || op.Method == "DELETE" || op.Method == "GET" {
		return
	}
	for i := len(op.Unwrap) - 1; i >= 0; i-- {
		body = new(jsontext.Object).Put(op.Unwrap[i], body).Bytes()
	}
	r.Body = body
	for _, form := range op.BodyTypes() {
		if form == "json" {
			r.Header.Set("Content-Type", "application/json")
			return
		}
	}
	r.Body = nil
	appendForm(&r.Body, "", jsontext.ValueOf(string(body)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
}

// Key gives the request an idempotency key, where the dialect takes one on the
// operation.
func (r *Request) Key(op *dialect.Op, key string) {
	rule := op.Owner.Idempotency
	if rule == nil || key == "" || !op.Keyed() {
		return
	}
	if rule.Header != "" {
		r.Header.Set(rule.Header, key)
	} else if len(r.Body) > 1 && r.Body[0] == '{' {
		lead := append([]byte{'{'}, append(jsontext.Quoted(rule.Field), append([]byte{':'}, jsontext.Quoted(key)...)...)...)
		if len(r.Body) > 2 {
			lead = append(lead, ',')
		}
		r.Body = append(lead, r.Body[1:]...)
	}
}

// appendForm writes a value as forms nest it, with brackets.
func appendForm(dst *[]byte, name string, v jsontext.Value) {
	switch {
	case v.IsObject():
		v.ForEach(func(key string, val jsontext.Value) bool {
			if name != "" {
				key = name + "[" + key + "]"
			}
			appendForm(dst, key, val)
			return true
		})
		return
	case v.IsArray():
		n := 0
		v.ForEach(func(_ string, val jsontext.Value) bool {
			appendForm(dst, name+"["+strconv.Itoa(n)+"]", val)
			n++
			return true
		})
		if n > 0 {
			return
		}
		v = jsontext.TextValue("")
	}
	text := v.Str()
	if v.Raw != "null" && text == "" && !strings.HasPrefix(v.Raw, `"`) {
		text = v.Raw
	}
	if len(*dst) > 0 {
		*dst = append(*dst, '&')
	}
	*dst = append(*dst, url.QueryEscape(name)+"="+url.QueryEscape(text)...)
}
