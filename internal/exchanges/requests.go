package exchanges

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// host is what requests are sent to that name none: where the program listens
// unless it is told otherwise.
const host = "localhost:12121"

// request is the text of a request taken apart.
type request struct {
	head []byte // request line and headers, ready for the wire
	body []byte
}

// parseRequest reads "METHOD /path", header lines, a blank line and a body,
// and replaces the words in double braces; last is the latest answer.
func parseRequest(s *Step, last *Reply) (*request, error) {
	head, body := s.Parts()
	body, err := expand(body, last)
	if err != nil {
		return nil, err
	}
	top, err := expand([]byte(strings.Join(head, "\n")), last)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(top), "\n")
	method, target, ok := strings.Cut(lines[0], " ")
	if !ok || method == "" || !strings.HasPrefix(target, "/") && target != "*" {
		return nil, fmt.Errorf("%q is no request line; write METHOD /path", lines[0])
	}
	var b strings.Builder
	b.WriteString(method + " " + target + " HTTP/1.1\r\n")
	hosted := false
	for _, line := range lines[1:] {
		name, _, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("%q is no header line; write Name: value", line)
		}
		hosted = hosted || strings.EqualFold(name, "Host")
		b.WriteString(line + "\r\n")
	}
	if !hosted {
		b.WriteString("Host: " + host + "\r\n")
	}
	if len(body) > 0 {
		b.WriteString("Content-Length: " + strconv.Itoa(len(body)) + "\r\n")
	}
	b.WriteString("\r\n")
	return &request{[]byte(b.String()), body}, nil
}

// send gives the request to a handler, as a server that read it off the wire.
// It calls answering, if there is one, when the answer begins.
func (q *request) send(h http.Handler, answering func()) (*Reply, error) {
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(append(q.head[:len(q.head):len(q.head)], q.body...))))
	if err != nil {
		return nil, err
	}
	r.RemoteAddr = "127.0.0.1:40000"
	w := recorder{header: http.Header{}, answering: answering}
	h.ServeHTTP(&w, r)
	w.WriteHeader(http.StatusOK)
	return &Reply{Request: r, Sent: q.body, Status: w.status, Header: w.sent, Body: w.body.Bytes()}, nil
}

// recorder is a ResponseWriter that keeps what it is given, the letters of
// header names too.
type recorder struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
	answering    func()
}

func (w *recorder) Header() http.Header { return w.header }

// WriteHeader takes the first status; headers set afterwards are lost, as on
// the wire.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
		if w.answering != nil {
			w.answering()
		}
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

var (
	braces = regexp.MustCompile(`\{\{[^{}]+\}\}`)
	times  = regexp.MustCompile(`^(\d+)\*(?s:(.+))$`)
)

// maxTimes bounds how large a repeated text becomes, in bytes.
const maxTimes = 64 << 20

// expand replaces the words in double braces; last is the latest answer.
func expand(text []byte, last *Reply) ([]byte, error) {
	var failed error
	out := braces.ReplaceAllFunc(text, func(word []byte) []byte {
		value, err := value(string(word[2:len(word)-2]), last)
		if err != nil && failed == nil {
			failed = fmt.Errorf("%s: %w", word, err)
		}
		return value
	})
	return out, failed
}

func value(word string, last *Reply) ([]byte, error) {
	if m := times.FindStringSubmatch(word); m != nil {
		return repeated(m[1], m[2])
	}
	if name, ok := strings.CutPrefix(word, "header "); ok {
		for have, v := range last.Header {
			if strings.EqualFold(have, name) {
				return []byte(strings.Join(v, ", ")), nil
			}
		}
		return nil, fmt.Errorf("the latest answer has no such header")
	}
	v := gjson.GetBytes(last.Body, word)
	if !v.Exists() {
		return nil, fmt.Errorf("the latest answer has no such value")
	}
	return []byte(v.String()), nil
}

func repeated(count, text string) ([]byte, error) {
	n, err := strconv.Atoi(count)
	if err != nil || n > maxTimes/len(text) {
		return nil, fmt.Errorf("it would be larger than %d bytes", maxTimes)
	}
	if !strings.Contains(text, "%d") {
		return bytes.Repeat([]byte(text), n), nil
	}
	var out []byte
	for i := range n {
		out = append(out, strings.ReplaceAll(text, "%d", strconv.Itoa(i+1))...)
	}
	return out, nil
}
