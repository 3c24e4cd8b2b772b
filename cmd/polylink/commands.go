package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"polylink/config"
	"polylink/dialect"
	"polylink/internal/yml"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE…]",
		Short: "Compile mapping files and report every fault with its line and column",
		Long: "Compile the mapping files given, or all that serve would use together with their fixtures, and report every\n" +
			"fault at once as file:line:column: what, and what to write instead. Exit code 3 when there are any.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.checkAll()
			}
			return a.checkFiles(args)
		},
	}
}

func (a *app) checkAll() error {
	c, err := a.config()
	if err != nil {
		return err
	}
	f, err := load(&c)
	if err != nil {
		return invalid(err)
	}
	fmt.Fprintf(a.out, "%d dialects are in order\n", len(f.set.Dialects))
	return nil
}

func (a *app) checkFiles(names []string) error {
	var faults yml.Faults
	for _, name := range names {
		list := []string{name}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			list, _ = filepath.Glob(filepath.Join(name, "*.yaml"))
			if len(list) == 0 {
				return &exitError{exitInvalid, fmt.Errorf("%s: there are no *.yaml files in it", name)}
			}
		}
		for _, file := range list {
			data, err := os.ReadFile(file)
			if err != nil {
				return &exitError{exitInvalid, err}
			}
			if _, err := dialect.CompileFile(file, data); err != nil {
				fs, ok := errors.AsType[yml.Faults](err)
				if !ok {
					return invalid(err)
				}
				faults = append(faults, fs...)
			}
		}
	}
	if err := faults.Err(); err != nil {
		return invalid(err)
	}
	fmt.Fprintf(a.out, "%s: in order\n", strings.Join(names, ", "))
	return nil
}

func (a *app) dialectsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dialects [NAME]",
		Short: "List the dialects, or one dialect's operations and choices",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			f, err := load(&c)
			if err != nil {
				return invalid(err)
			}
			if len(args) == 0 {
				t := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
				for _, d := range f.set.Dialects {
					fmt.Fprintf(t, "%s\t%s\t%d operations\t%s\n", d.Name, d.Title, len(d.Operations), strings.Join(d.Hosts, ", "))
				}
				return t.Flush()
			}
			d := f.set.Dialect(args[0])
			if d == nil {
				var names []string
				for _, d := range f.set.Dialects {
					names = append(names, d.Name)
				}
				return &exitError{exitUsage, fmt.Errorf("no dialect %q%s", args[0], yml.DidYouMean(args[0], names))}
			}
			return describe(a.out, d, f.fixtures)
		},
	}
}

// describe prints what a dialect serves and which of its rules are ours.
func describe(w io.Writer, d *dialect.Dialect, f *dialect.Fixtures) error {
	fmt.Fprintf(w, "%s: %s\n\nOperations\n", d.Name, d.Title)
	t := tabwriter.NewWriter(w, 2, 4, 2, ' ', 0)
	for _, op := range d.Operations {
		fmt.Fprintf(t, "  %s\t%s %s\t%d\n", op.Name, op.Method, op.Path, op.Status)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nCredentials\n")
	for _, c := range f.Records(d.Name, "credential") {
		note := ""
		if c.ID() == f.Main(d.Name) {
			note = "  (unlisted ones act as this)"
		}
		fmt.Fprintf(w, "  %s%s\n", c.ID(), note)
	}
	fmt.Fprintf(w, "\nSample links\n")
	for _, c := range f.Records(d.Name, "link") {
		fmt.Fprintf(w, "  %s\n", c.ID())
	}
	fmt.Fprintf(w, "\nChoices: what the provider's documents do not say\n")
	for _, c := range d.Choices {
		is := ""
		if c.Is != "" {
			is = " = " + c.Is
		}
		fmt.Fprintf(w, "  %s%s (%s:%d)\n      %s\n", c.Path, is, c.File, c.Line, c.Why)
	}
	return nil
}

func (a *app) routesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "routes",
		Short: "List every method and path that is served",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.config()
			if err != nil {
				return err
			}
			f, err := load(&c)
			if err != nil {
				return invalid(err)
			}
			t := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
			for _, d := range f.set.Dialects {
				for _, op := range d.Operations {
					fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", d.Name, op.Method, op.Path, op.Name)
				}
			}
			return t.Flush()
		},
	}
}

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
			if err := healthy(cmdContext(cmd), reachable(c.Addr)); err != nil {
				return &exitError{exitVerify, err}
			}
			fmt.Fprintln(a.out, "healthy")
			return nil
		},
	}
	cmd.Flags().Var(&setting{a: a, key: "addr"}, "addr", "address of the running process")
	return cmd
}

// reachable turns an address to listen on into one to call.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

func healthy(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/__admin/health", nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: &http.Transport{Proxy: nil}}).Do(req)
	if err != nil {
		return fmt.Errorf("nothing healthy answers at %s: %w", addr, err)
	}
	defer func() { _ = resp.Body.Close() }()
	var body struct {
		Status string `json:"status"`
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(&body); err != nil || body.Status != "healthy" {
		return fmt.Errorf("%s answers %s and is not healthy", addr, resp.Status)
	}
	return nil
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(a.out, "polylink", version())
			return nil
		},
	}
}

// newLogger logs text to a terminal and JSON elsewhere, unless the
// configuration says otherwise.
func newLogger(c *config.Config, w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: c.Log.Level}
	text := c.Log.Format == "text"
	if c.Log.Format == "auto" {
		if f, ok := w.(*os.File); ok {
			info, err := f.Stat()
			text = err == nil && info.Mode()&os.ModeCharDevice != 0
		}
	}
	if text {
		return slog.New(slog.NewTextHandler(w, opts))
	}
	return slog.New(slog.NewJSONHandler(w, opts))
}
