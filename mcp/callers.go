package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/admin"
)

// Bounds of one call to a server elsewhere.
const (
	mostAnswer = 16 << 20
	longest    = 70 * time.Second // which is more than any operation waits
)

// Remote asks the control API of a server elsewhere.
type Remote struct {
	base   string
	token  string
	client *http.Client
}

// NewRemote makes one of the server's address, such as http://127.0.0.1:12121,
// which may have the prefix of a sandbox, and of its token, "" for none.
func NewRemote(base, token string) (*Remote, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, errors.New("the address of a server is written as http://127.0.0.1:12121")
	}
	// No proxy and no redirects: nothing but that server is asked.
	t := &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute}
	return &Remote{strings.TrimSuffix(base, "/"), token, &http.Client{Transport: t, Timeout: longest,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// Call does an operation.
func (r *Remote) Call(ctx context.Context, o admin.Operation, name string, input []byte) (json.RawMessage, error) {
	req, err := o.Request(input)
	if err != nil {
		return nil, err
	}
	if req.URL, err = url.Parse(r.base + req.URL.String()); err != nil {
		return nil, err
	}
	req.Host = req.URL.Host
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if name != "" {
		req.Header.Set("X-Polylink-Sandbox", name)
	}
	resp, err := r.client.Do(req.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("nothing answers at %s: %w; start polylink serve there", r.base, errors.Unwrap(err))
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("the answer of %s broke off: %w", r.base, err)
	case len(body) > mostAnswer:
		return nil, fmt.Errorf("the answer of %s is larger than %d bytes", r.base, mostAnswer)
	case resp.StatusCode == http.StatusNoContent:
		return json.RawMessage("{}"), nil
	case resp.StatusCode >= 300:
		return nil, refusal(r.base, resp.Status, body)
	case json.Valid(body):
		return body, nil
	}
	return json.Marshal(strings.TrimSuffix(string(body), "\n")) // metrics, and lines for a shell
}

// refusal is what a problem document says.
func refusal(base, status string, body []byte) error {
	var p struct{ Title, Detail string }
	if json.Unmarshal(body, &p) != nil || p.Title == "" {
		return fmt.Errorf("the control API is not at %s: it answers %s", base, status)
	}
	return errors.New(p.Title + ": " + p.Detail)
}
