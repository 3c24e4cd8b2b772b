package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/config"
)

// patience is how long is waited for what should come at once: an answer to
// healthcheck, the end of a reload.
const patience = 5 * time.Second

func (a *app) healthcheckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running polylink whether it is healthy; exit code 4 when it is not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			if err := healthy(cmd.Context(), &c); err != nil {
				return &exitError{exitVerify, err}
			}
			fmt.Fprintln(a.out, "healthy")
			return nil
		},
	}
	a.flag(cmd.Flags(), "addr", "`host:port` of the running process (127.0.0.1:12121)")
	return cmd
}

// reachable turns an address to listen on into one to call.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // all addresses are those of IPv4, too
	}
	return net.JoinHostPort(host, port)
}

// healthy asks the control API, with its token where one is configured.
func healthy(ctx context.Context, c *config.Config) error {
	r := newRemote(c, "")
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	resp, err := r.get(ctx, "/health")
	if err != nil {
		return fmt.Errorf("nothing healthy answers at %s: %w", r.addr, err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode == http.StatusNotFound && resp.Header.Get("X-Polylink-Admin") == "off" {
		return nil // it answers, which is all that can be asked of it
	}
	var body struct {
		Status string `json:"status"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(&body); err != nil || resp.StatusCode != http.StatusOK || body.Status != "healthy" {
		return fmt.Errorf("%s answers %s and is not healthy", r.addr, resp.Status)
	}
	return nil
}
