// Package export shows entries of the journal in the forms of other tools: an
// HTTP Archive, and a line for a shell.
//
// The control API calls it with entries that are rendered already, so what the
// journal hides stays hidden; it reads no sandbox and serves nothing. An
// archive has all that HAR 1.2 asks for and says -1 where the journal does not
// know. A curl line can be run again as it is once the variables are set that
// stand in it for secrets. Which entries are shown, and to whom, is left to
// the caller. Start with Archive in har.go and Curl in curl.go.
package export

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/journal"
)

// HAR is entries of the journal as an HTTP Archive 1.2, which browsers and
// other tools open.
type HAR struct {
	Log HARLog `json:"log"`
}

// HARLog is what an archive holds.
type HARLog struct {
	Version string     `json:"version" enum:"1.2"`
	Creator HARCreator `json:"creator"`
	Entries []HAREntry `json:"entries" doc:"oldest first"`
}

// HARCreator is who wrote an archive.
type HARCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// HAREntry is one exchange. Members with _ in front are ours.
type HAREntry struct {
	Started   time.Time   `json:"startedDateTime" doc:"by the sandbox's clock"`
	Time      float64     `json:"time" doc:"in milliseconds"`
	Request   HARRequest  `json:"request"`
	Response  HARResponse `json:"response"`
	Cache     HARCache    `json:"cache"`
	Timings   HARTimings  `json:"timings"`
	N         int64       `json:"_n" doc:"number of the entry in the journal"`
	Sandbox   string      `json:"_sandbox"`
	Dialect   string      `json:"_dialect,omitempty"`
	Operation string      `json:"_operation,omitempty"`
}

// HARCache is what a cache did, which is nothing.
type HARCache struct{}

// HARRequest is what was asked.
type HARRequest struct {
	Method      string       `json:"method"`
	URL         string       `json:"url"`
	HTTPVersion string       `json:"httpVersion"`
	Cookies     []HARPair    `json:"cookies" doc:"none: they are among the headers"`
	Headers     []HARPair    `json:"headers"`
	Query       []HARPair    `json:"queryString"`
	PostData    *HARPostData `json:"postData,omitempty"`
	HeadersSize int64        `json:"headersSize" doc:"-1: not known"`
	BodySize    int64        `json:"bodySize"`
}

// HARPostData is the body of a request.
type HARPostData struct {
	Mime string `json:"mimeType"`
	Text string `json:"text"`
}

// HARResponse is what was answered.
type HARResponse struct {
	Status      int        `json:"status" doc:"0 when there was no answer"`
	StatusText  string     `json:"statusText"`
	HTTPVersion string     `json:"httpVersion"`
	Cookies     []HARPair  `json:"cookies" doc:"none: they are among the headers"`
	Headers     []HARPair  `json:"headers"`
	Content     HARContent `json:"content"`
	RedirectURL string     `json:"redirectURL"`
	HeadersSize int64      `json:"headersSize" doc:"-1: not known"`
	BodySize    int64      `json:"bodySize"`
}

// HARContent is the body of an answer.
type HARContent struct {
	Size int64  `json:"size"`
	Mime string `json:"mimeType"`
	Text string `json:"text"`
}

// HARTimings is where the time of an exchange went.
type HARTimings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

// HARPair is a header or a parameter.
type HARPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

const harVersion = "HTTP/1.1" // what the journal does not keep

// Archive is entries as an HTTP Archive of a version of this program. They come
// newest first and are listed oldest first.
func Archive(list []journal.Shown, version string) HAR {
	out := HAR{HARLog{Version: "1.2", Creator: HARCreator{"polylink", version}, Entries: []HAREntry{}}}
	for _, e := range slices.Backward(list) {
		out.Log.Entries = append(out.Log.Entries, harEntry(e))
	}
	return out
}

func harEntry(e journal.Shown) HAREntry {
	out := HAREntry{
		Started: e.At, Time: e.DurationMS, Timings: HARTimings{Wait: e.DurationMS}, N: e.N, Sandbox: e.Sandbox, Dialect: e.Dialect, Operation: e.Operation,
		Request: HARRequest{Method: e.Request.Method, URL: addressOf(e.Request), HTTPVersion: harVersion, Cookies: []HARPair{}, Headers: harPairs(e.Request.Headers),
			Query: harQuery(e.Request.Query), HeadersSize: -1, BodySize: e.Request.BodySize},
		Response: HARResponse{Status: e.Response.Status, StatusText: http.StatusText(e.Response.Status), HTTPVersion: harVersion, Cookies: []HARPair{},
			Headers: harPairs(e.Response.Headers), HeadersSize: -1, BodySize: e.Response.BodySize, RedirectURL: first(e.Response.Headers, "Location"),
			Content: HARContent{Size: e.Response.BodySize, Mime: first(e.Response.Headers, "Content-Type"), Text: e.Response.Body}},
	}
	if e.Request.BodySize > 0 || e.Request.Body != "" {
		out.Request.PostData = &HARPostData{Mime: first(e.Request.Headers, "Content-Type"), Text: e.Request.Body}
	}
	return out
}

// addressOf is what a request was sent to.
func addressOf(r journal.ShownRequest) string {
	u := url.URL{Scheme: r.Scheme, Host: r.Host, Path: r.Path, RawQuery: r.Query}
	return u.String()
}

// harPairs lists headers by name.
func harPairs(h map[string][]string) []HARPair {
	out := []HARPair{}
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			out = append(out, HARPair{name, value})
		}
	}
	return out
}

// harQuery lists the parameters of a query in their order.
func harQuery(query string) []HARPair {
	out := []HARPair{}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		out = append(out, HARPair{unescaped(name), unescaped(value)})
	}
	return out
}

// unescaped is a text of a query, as it is where it cannot be read.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return strings.ToValidUTF8(plain, "\uFFFD")
	}
	return s
}

// first returns the first value of a header.
func first(h map[string][]string, name string) string {
	for have, values := range h {
		if strings.EqualFold(have, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}
