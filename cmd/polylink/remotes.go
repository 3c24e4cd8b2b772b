package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/config"
)

// mostAnswer is how much of an answer of the control API is read.
const mostAnswer = 16 << 20

// remote is a running polylink, whose control API is asked.
type remote struct {
	addr      string
	token     config.Secret
	sandbox   string // "" for the default one
	transport http.RoundTripper
}

func newRemote(c *config.Config, sandbox string) *remote {
	// No proxy and no redirects: nothing but that process is asked.
	return &remote{reachable(c.Addr), c.Admin.Token, sandbox, &http.Transport{Proxy: nil, DisableKeepAlives: true}}
}

// get asks for a path below /__admin.
func (r *remote) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.addr+"/__admin"+path, nil)
	if err != nil {
		return nil, err
	}
	if r.token.IsSet() {
		req.Header.Set("Authorization", "Bearer "+r.token.Reveal())
	}
	if r.sandbox != "" {
		req.Header.Set("X-Polylink-Sandbox", r.sandbox)
	}
	return r.transport.RoundTrip(req)
}

// away says that nobody could be asked.
func (r *remote) away(err error) error {
	return fmt.Errorf("nothing answers at %s: %w; start polylink serve, or name its address with --addr", r.addr, err)
}

// success returns what a refusal says, nil for a success.
func success(resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	var problem struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
	}
	err := json.NewDecoder(io.LimitReader(resp.Body, mostAnswer)).Decode(&problem)
	if err != nil || problem.Title == "" {
		return fmt.Errorf("the control API is not there: it answers %s", resp.Status)
	}
	return fmt.Errorf("%s: %s", problem.Title, problem.Detail)
}

// read asks for a path and reads the JSON that comes.
func (r *remote) read(ctx context.Context, path string, into any) error {
	resp, err := r.get(ctx, path)
	if err != nil {
		return r.away(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := success(resp); err != nil {
		return err
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, mostAnswer)).Decode(into); err != nil {
		return fmt.Errorf("the answer of %s is not understood: %w", r.addr, err)
	}
	return nil
}

// remoteFlags adds the flags of a command that asks a running polylink.
func (a *app) remoteFlags(cmd *cobra.Command, sandbox *string, about string) {
	a.flag(cmd.Flags(), "addr", "`host:port` of the running process (127.0.0.1:12121)")
	cmd.Flags().StringVar(sandbox, "sandbox", "", about)
}
