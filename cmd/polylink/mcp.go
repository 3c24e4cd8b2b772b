package main

import (
	"context"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/internal/hosts"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/mcp"
)

func (a *app) mcpCommand() *cobra.Command {
	var base, listen string
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Offer polylink's control operations to agents as tools (Model Context Protocol)",
		Long: "Offer polylink's control operations to agents as tools of the Model Context Protocol: over standard input and output,\n" +
			"or with --http as streamable HTTP at /mcp. They act on the polylink that runs at --addr, or at --url; where none answers\n" +
			"at --addr, one is started there and ends with this process.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.mcp(cmd.Context(), cmd.InOrStdin(), base, listen)
		},
	}
	a.flag(cmd.Flags(), "addr", "`host:port` of the running process, or of the one to start (127.0.0.1:12121)")
	cmd.Flags().StringVar(&base, "url", "", "`address` of a running polylink, such as http://127.0.0.1:12121; none is started")
	cmd.Flags().StringVar(&listen, "http", "", "loopback `host:port` to serve streamable HTTP on, in place of standard input and output; port 0 picks one and prints it")
	return cmd
}

// mcp offers the tools until the client goes or a signal comes.
func (a *app) mcp(ctx context.Context, in io.Reader, base, listen string) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if listen != "" && !mcp.Loopback(listen) {
		return usage("--http: %q is no loopback address with a port; write one such as 127.0.0.1:12130", listen)
	}
	c, err := a.config()
	if err != nil {
		return err
	}
	if base == "" {
		var end func() error
		if base, end, err = a.reach(ctx, &c); err != nil {
			return err
		}
		defer func() { _ = end() }()
	}
	remote, err := mcp.NewRemote(base, c.Admin.Token.Reveal())
	if err != nil {
		return usage("--url: %v", err)
	}
	log, _ := newLogger(&c, a.err, a.err, a.env)
	s := mcp.New(mcp.Options{Caller: remote, Check: checked, Translate: a.translateFor, Where: base, Version: version(), Log: log})
	if listen != "" {
		var token func(string) bool
		if c.Admin.Token.IsSet() {
			token = c.Admin.Token.Matches
		}
		err := s.Listen(ctx, listen, hosts.New(nil, c.Admin.Hosts), token, a.out)
		if errors.Is(err, syscall.EADDRINUSE) {
			err = &exitError{exitAddress, err}
		}
		return err
	}
	err = s.Run(ctx, &sdk.IOTransport{Reader: io.NopCloser(in), Writer: unclosed{a.out}})
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// unclosed is standard output, which is not ours to close.
type unclosed struct{ io.Writer }

// Close does nothing.
func (unclosed) Close() error { return nil }

// reach returns the address of the polylink that runs where the configuration
// says, and starts one there where none does.
func (a *app) reach(ctx context.Context, c *config.Config) (base string, end func() error, err error) {
	base = "http://" + reachable(c.Addr)
	switch there, err := mcp.Runs(ctx, base); {
	case there:
		return base, func() error { return nil }, nil
	case err != nil:
		return "", nil, err
	}
	inside := *a
	inside.out = &output{to: a.err} // standard output is the client's
	serving, stop := context.WithCancel(ctx)
	p, err := inside.start(serving)
	if err != nil {
		stop()
		return "", nil, err
	}
	done := make(chan error, 1)
	go func() { done <- p.run(serving, nil) }()
	return "http://" + reachable(p.listeners[0].ln.Addr().String()), func() error {
		stop()
		return <-done
	}, nil
}

// checked compiles a mapping file.
func checked(name string, text []byte) mcp.Checked {
	out := mcp.Checked{Diagnostics: []string{}, Warnings: []string{}}
	d, err := compile.File(name, text)
	if found, ok := errors.AsType[yml.Diagnostics](err); ok {
		out.Diagnostics = errorLines(found)
	} else if err != nil {
		out.Diagnostics = []string{err.Error()}
	} else {
		out.Warnings = errorLines(d.Warnings)
	}
	out.OK = err == nil
	return out
}

func errorLines(found yml.Diagnostics) []string {
	out := make([]string, len(found))
	for i, d := range found {
		out[i] = d.Error()
	}
	return out
}

// translateFor says a document in another dialect. A document that cannot be
// said is an answer that tells why.
func (a *app) translateFor(d mcp.Document) (mcp.Translated, error) {
	out := mcp.Translated{Losses: []string{}}
	got, err := a.translated(wanted{d.From, d.To, d.Kind, d.Operation}, d.Text)
	if err != nil && len(got.Refused) == 0 {
		return out, errors.New(strings.ReplaceAll(err.Error(), "--", ""))
	}
	out.Document, out.Refused = string(got.Document), got.Refused
	for _, l := range got.Losses {
		out.Losses = append(out.Losses, strings.Join([]string{string(l.Kind), l.Field, l.Path, l.Why}, "  "))
	}
	return out, nil
}
