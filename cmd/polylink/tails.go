package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/routes"
)

// longestEvent is how long a line of a stream may be.
const longestEvent = 4 << 20

func (a *app) tailCommand() *cobra.Command {
	var sandbox, status string
	cmd := &cobra.Command{
		Use:   "tail",
		Short: "Follow the requests of a running polylink",
		Long: "Follow the requests of a running polylink, one line each as serve logs them: coloured on a terminal, JSON elsewhere.\n" +
			"Those of every sandbox are told, or of the one that is named.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !journal.Status(status).Valid() {
				return usage("--status: %q is no status, write one such as 409 or a class such as 4xx", status)
			}
			c, err := a.config()
			if err != nil {
				return err
			}
			q := url.Values{}
			if sandbox == "" {
				q.Set("all", "true")
			}
			if status != "" {
				q.Set("status", status)
			}
			return a.tail(cmd.Context(), &c, newRemote(&c, sandbox), q)
		},
	}
	a.remoteFlags(cmd, &sandbox, "`name` of the one sandbox to follow (all)")
	cmd.Flags().StringVar(&status, "status", "", "only answers with this `status` or class, such as 409 or 4xx")
	return cmd
}

// tail logs requests until a signal ends it, which is no failure.
func (a *app) tail(ctx context.Context, c *config.Config, r *remote, q url.Values) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	resp, err := r.get(ctx, "/requests/stream?"+q.Encode())
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return r.away(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := success(resp); err != nil {
		return err
	}
	fmt.Fprintf(a.err, "following %s\n", r.addr)
	told := *c
	told.Log.Level = slog.LevelInfo
	log, _ := newLogger(&told, a.out, a.screen, a.env)
	err = readEvents(resp, func(event, data string) error { return logEvent(ctx, log.Handler(), event, data) })
	switch {
	case ctx.Err() != nil:
		return nil
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%s has ended the stream", r.addr)
	}
	return err
}

// readEvents reads server-sent events until the stream ends, with io.EOF, or
// do returns an error.
func readEvents(resp *http.Response, do func(event, data string) error) error {
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, longestEvent)
	event, data := "", ""
	for lines.Scan() {
		line := lines.Text()
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "" && data != "":
			if err := do(event, data); err != nil {
				return err
			}
			event, data = "", ""
		case name == "event":
			event = value
		case name == "data":
			data += value
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return io.EOF
}

// logEvent logs a request as serve does, or that some were left out.
func logEvent(ctx context.Context, log slog.Handler, event, data string) error {
	if event == "missed" {
		var missed struct {
			Missed int64 `json:"missed"`
		}
		if err := json.Unmarshal([]byte(data), &missed); err != nil {
			return err
		}
		rec := slog.NewRecord(time.Now(), slog.LevelWarn, "requests were left out, they came too fast", 0)
		rec.Add("requests", missed.Missed)
		return log.Handle(ctx, rec)
	}
	var e journal.Shown
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		return fmt.Errorf("the stream is not understood: %w", err)
	}
	rec := slog.NewRecord(time.Now(), slog.LevelInfo, routes.RequestMessage, 0)
	operation := e.Operation
	if operation == "" {
		operation = "none"
	}
	rec.Add("method", e.Request.Method, "path", e.Request.Path, "operation", operation, "status", e.Response.Status, "why", e.Rule.Code,
		"sandbox", e.Sandbox, "ms", e.DurationMS, "entry", e.N)
	for _, more := range []struct{ name, value string }{
		{"dialect", e.Dialect}, {"rule", e.Rule.Place()}, {"fault", e.Fault}, {"aborted", e.Aborted}, {"trace_id", e.TraceID},
	} {
		if more.value != "" {
			rec.Add(more.name, more.value)
		}
	}
	return log.Handle(ctx, rec)
}
