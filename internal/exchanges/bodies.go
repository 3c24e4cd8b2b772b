package exchanges

import (
	"bytes"
	"encoding/json"
	"strings"
)

// verbatim stands behind request, meanwhile and response where a body is sent
// or was answered as the file shows it, white space and all.
const verbatim = "verbatim"

// Parts takes a request or an answer apart: the lines above the first blank
// line, and the body as it travels. A JSON body travels without the white
// space that the file shows it with, unless the section is verbatim.
func (s *Step) Parts() (head []string, body []byte) {
	top, rest, _ := strings.Cut(string(s.Text), "\n\n")
	head = strings.Split(strings.TrimSuffix(top, "\n"), "\n")
	body = []byte(strings.TrimSuffix(rest, "\n"))
	if s.Arg != verbatim {
		body = compact(body)
	}
	return head, body
}

// compact takes the white space out of a JSON text, but for line ends behind
// it. Whatever is no JSON stays as it is.
func compact(body []byte) []byte {
	text, ends := cutEnds(body)
	var out bytes.Buffer
	if len(text) == 0 || json.Compact(&out, text) != nil {
		return body
	}
	out.Write(ends)
	return out.Bytes()
}

// indent spreads a JSON text over lines. The order of its members and the
// spelling of its numbers and strings stay, so that compact gives back the
// text that it was, unless that had white space of its own: then ok is false.
func indent(body []byte) (text []byte, ok bool) {
	doc, ends := cutEnds(body)
	if len(doc) == 0 || !json.Valid(doc) {
		return body, true
	}
	var out bytes.Buffer
	if !bytes.Equal(compact(body), body) || json.Indent(&out, doc, "", "  ") != nil {
		return body, false
	}
	out.Write(ends)
	return out.Bytes(), true
}

// cutEnds splits a text from the line ends behind it.
func cutEnds(body []byte) (text, ends []byte) {
	text = bytes.TrimRight(body, "\n")
	return text, body[len(text):]
}

// spelled is a section as Play writes it: JSON on lines, and of the headers of
// an answer those that the exchange shows.
func (x *Exchange) spelled(s *Step) []byte {
	if s.Verb != Request && s.Verb != Meanwhile && s.Verb != Response {
		return s.Text
	}
	head, body := s.Parts()
	if s.Verb == Response {
		kept := head[:1]
		for _, line := range head[1:] {
			name, value, ok := strings.Cut(line, ": ")
			if !ok || x.shows(name, []string{value}) {
				kept = append(kept, line)
			}
		}
		head = kept
	}
	out := []byte(strings.Join(head, "\n") + "\n")
	if s.Arg != verbatim {
		body, _ = indent(body)
	}
	if len(body) > 0 || s.Verb != Response && bytes.Contains(s.Text, []byte("\n\n")) {
		out = append(append(append(out, '\n'), body...), '\n')
	}
	return out
}
