package main

import (
	"io"
	"log/slog"
	"os"

	"github.com/polylink-dev/polylink/config"
)

// newLogger logs text to a terminal and JSON elsewhere, unless the
// configuration says otherwise; screen is where w leads to. A reload may move the level.
func newLogger(c *config.Config, w, screen io.Writer, env func(string) (string, bool)) (*slog.Logger, *slog.LevelVar) {
	level := new(slog.LevelVar)
	level.Set(c.Log.Level)
	opts := &slog.HandlerOptions{Level: level}
	switch {
	case null(w):
		return slog.New(slog.DiscardHandler), level // lines that nobody can read need not be written
	case c.Log.Format != "json" && terminal(screen):
		_, plain := env("NO_COLOR")
		return slog.New(&screenHandler{slog.NewTextHandler(w, opts), w, !plain}), level
	case c.Log.Format == "text":
		return slog.New(slog.NewTextHandler(w, opts)), level
	}
	return slog.New(slog.NewJSONHandler(w, opts)), level
}

// null tells whether what is written goes nowhere.
func null(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	there, err := f.Stat()
	if err != nil {
		return false
	}
	nowhere, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(there, nowhere)
}

func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
