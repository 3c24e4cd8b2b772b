package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"unicode"

	"github.com/polylink-dev/polylink/routes"
)

// screenHandler logs for eyes: a request is one line, coloured by how it went,
// and everything else is as slog has it.
type screenHandler struct {
	slog.Handler
	to     io.Writer
	colour bool
}

// Handle writes a record in one write, so that lines never mix.
func (h *screenHandler) Handle(ctx context.Context, r slog.Record) error {
	if r.Message != routes.RequestMessage {
		return h.Handler.Handle(ctx, r)
	}
	members := map[string]string{}
	var status int64
	r.Attrs(func(a slog.Attr) bool {
		members[a.Key] = visible(a.Value.String())
		if a.Key == "status" {
			status = a.Value.Int64()
		}
		return true
	})
	_, err := io.WriteString(h.to, h.line(members, status))
	return err
}

// line writes method, path → operation, status, why, sandbox and ms; for a
// refusal, also where the rule stands.
func (h *screenHandler) line(m map[string]string, status int64) string {
	why := m["why"]
	for _, more := range []string{"fault", "aborted"} {
		if m[more] != "" {
			why += ", " + more + " " + m[more]
		}
	}
	line := fmt.Sprintf("%-6s %s → %s  %s  %s  %s  %sms", m["method"], m["path"], m["operation"],
		h.paint(colourOf(status), m["status"]), why, m["sandbox"], m["ms"])
	if status >= 400 && m["rule"] != "" {
		line += "  " + h.paint(grey, m["rule"])
	}
	return line + "\n"
}

// Colours of a terminal.
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
	grey   = "90"
)

func colourOf(status int64) string {
	switch {
	case status >= 500 || status == 0:
		return red
	case status >= 400:
		return yellow
	case status >= 300:
		return cyan
	}
	return green
}

func (h *screenHandler) paint(colour, text string) string {
	if !h.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// visible keeps whoever sends a request from writing to the terminal of whoever
// reads the log.
func visible(s string) string {
	const most = 300
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
