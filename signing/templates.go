package signing

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Template is a text with names in braces: "t={timestamp},v1={signature}". Two
// opening braces stand for one.
type Template struct{ parts []part }

// part is a piece of text or a name to fill in.
type part struct {
	text   string
	name   string // "" is text
	member string // path within the body, for the name body.PATH
}

// The names that templates may use, by where they stand.
var (
	// SignedNames may be in a signed text, body.PATH for a member of the body
	// beside them.
	SignedNames = []string{"attempt", "body", "delivery", "event", "id", "secret", "timestamp", "timestamp_ms", "timestamp_rfc3339", "url"}
	// HeaderNames may be in a header's value.
	HeaderNames = []string{"attempt", "delivery", "event", "id", "signatures", "timestamp", "timestamp_ms", "timestamp_rfc3339"}
	// EachNames may be in what each secret's signature is written as.
	EachNames = []string{"signature", "timestamp"}
)

const memberPrefix = "body."

// ParseTemplate reads a template that may use the given names. Its error says
// what can be written instead.
func ParseTemplate(text string, names []string) (Template, error) {
	var t Template
	var plain strings.Builder
	flush := func() {
		if plain.Len() > 0 {
			t.parts = append(t.parts, part{text: plain.String()})
			plain.Reset()
		}
	}
	for rest := text; rest != ""; {
		at := strings.IndexByte(rest, '{')
		if at < 0 {
			plain.WriteString(rest)
			break
		}
		plain.WriteString(rest[:at])
		if rest = rest[at+1:]; strings.HasPrefix(rest, "{") {
			plain.WriteByte('{')
			rest = rest[1:]
			continue
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			return Template{}, fmt.Errorf("%q has an opening brace and no closing one; write {{ for a brace", text)
		}
		p, err := parsePart(name, names)
		if err != nil {
			return Template{}, err
		}
		flush()
		t.parts, rest = append(t.parts, p), after
	}
	flush()
	return t, nil
}

func parsePart(name string, names []string) (part, error) {
	if member, ok := strings.CutPrefix(name, memberPrefix); ok && slices.Contains(names, "body") {
		for step := range strings.SplitSeq(member, ".") {
			if !plainName(step) {
				return part{}, fmt.Errorf("{%s}: a path within the body has letters, digits, - and _ between its dots", name)
			}
		}
		return part{name: "member", member: member}, nil
	}
	if slices.Contains(names, name) {
		return part{name: name}, nil
	}
	hint := "write one of {" + strings.Join(names, "}, {") + "}"
	if slices.Contains(names, "body") {
		hint += " or {body.PATH}"
	}
	return part{}, errors.New("there is no {" + name + "} here; " + hint)
}

// plainName tells whether a name is safe in a path of gjson and sjson.
func plainName(s string) bool {
	return s != "" && strings.IndexFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-'
	}) < 0
}

// has tells whether a name is used.
func (t Template) has(name string) bool {
	return slices.ContainsFunc(t.parts, func(p part) bool { return p.name == name })
}

// values is what names stand for.
type values struct {
	at                      time.Time
	id, url, event          string
	delivery                string
	attempt                 int
	body                    []byte // as sent
	secret                  []byte
	signature, allSignature string
}

// text fills the template in.
func (t Template) text(v *values) []byte {
	var out []byte
	for _, p := range t.parts {
		switch p.name {
		case "":
			out = append(out, p.text...)
		case "attempt":
			out = strconv.AppendInt(out, int64(v.attempt), 10)
		case "body":
			out = append(out, v.body...)
		case "delivery":
			out = append(out, v.delivery...)
		case "event":
			out = append(out, v.event...)
		case "id":
			out = append(out, v.id...)
		case "member":
			out = append(out, gjson.GetBytes(v.body, p.member).String()...)
		case "secret":
			out = append(out, v.secret...)
		case "signature":
			out = append(out, v.signature...)
		case "signatures":
			out = append(out, v.allSignature...)
		case "timestamp":
			out = strconv.AppendInt(out, v.at.Unix(), 10)
		case "timestamp_ms":
			out = strconv.AppendInt(out, v.at.UnixMilli(), 10)
		case "timestamp_rfc3339":
			out = v.at.UTC().AppendFormat(out, time.RFC3339)
		case "url":
			out = append(out, v.url...)
		}
	}
	return out
}
