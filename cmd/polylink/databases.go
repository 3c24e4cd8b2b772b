package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/snapshot"
	"github.com/polylink-dev/polylink/store/filestore"
)

// dbCommand is about the file of store: file:PATH.
func (a *app) dbCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "db",
		Short: "Check, compact, export and import a file of store: file:PATH",
		Long: "Look after a file of store: file:PATH, the one of the configuration where none is named. No other process may have it\n" +
			"open. An export is one JSON document, {\"polylink\":1,\"sandboxes\":[…]}, whose members are those of GET /__admin/snapshot.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	add := func(use, short string, run func(ctx context.Context, path string) error) {
		cmd.AddCommand(&cobra.Command{Use: use + " [FILE]", Short: short, Args: cobra.MaximumNArgs(1),
			RunE: failing(func(cmd *cobra.Command, args []string) error {
				path, err := a.databasePath(args)
				if err != nil {
					return err
				}
				return run(cmd.Context(), path)
			})})
	}
	add("check", "Look the whole file through and change nothing; exit code 4 where it is broken", a.checkDatabase)
	add("compact", "Write the file anew, without the room of what is gone", a.compactDatabase)
	add("export", "Write all sandboxes to standard output", a.exportDatabase)
	add("import", "Put the sandboxes that standard input has into the file, all or none; those of the same names go", a.importDatabase)
	return cmd
}

// databasePath is the file that is meant.
func (a *app) databasePath(args []string) (string, error) {
	if len(args) == 1 {
		return strings.TrimPrefix(args[0], "file:"), nil
	}
	c, err := a.config()
	if err != nil {
		return "", err
	}
	if path := c.StoreFile(); path != "" {
		return path, nil
	}
	return "", usage("name a file: the configuration has no store: file:PATH")
}

func (a *app) checkDatabase(_ context.Context, path string) error {
	s, err := filestore.Check(path)
	if errors.Is(err, fs.ErrNotExist) || err != nil && errors.Is(err, filestore.ErrInUse) {
		return err
	}
	if err != nil {
		return &exitError{exitVerify, err}
	}
	fmt.Fprintf(a.out, "%s: ok, format %d, %d sandboxes, %d rows, %s\n", path, s.Format, s.Sandboxes, s.Rows, kib(s.Bytes))
	return nil
}

// kib is a size as it is shown.
func kib(n int64) string { return fmt.Sprintf("%d KiB", (n+1023)/1024) }

func (a *app) compactDatabase(_ context.Context, path string) error {
	before, after, err := filestore.Compact(path)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "%s: %s, and was %s\n", path, kib(after), kib(before))
	return nil
}

// opened are the sandboxes of a file, without anything that serves them.
func (a *app) opened(path string) (*filestore.File, *sandbox.Sandboxes, snapshot.Format, error) {
	var format snapshot.Format
	c, f, err := a.everything()
	if err != nil {
		return nil, nil, format, err
	}
	file, err := filestore.Open(path, filestore.Options{Interval: time.Second})
	if err != nil {
		return nil, nil, format, err
	}
	all, err := sandbox.New(sandbox.Options{Keeper: file, Rows: routes.Rows(f.set, f.fixtures, c.Shared()), Max: math.MaxInt,
		Scenarios: func() *faults.Scenarios { return f.scenarios }})
	if err != nil {
		return nil, nil, format, errors.Join(err, file.Close())
	}
	return file, all, snapshot.Format{Set: f.set, Scenarios: f.scenarios, Example: "what polylink db export wrote"}, nil
}

// everything is the configuration and all that serve would use.
func (a *app) everything() (config.Config, loaded, error) {
	c, err := a.config()
	if err != nil {
		return c, loaded{}, err
	}
	f, err := load(&c)
	return c, f, err
}

func (a *app) exportDatabase(ctx context.Context, path string) error {
	if _, err := filestore.Check(path); err != nil { // Open would make it
		return err
	}
	file, all, format, err := a.opened(path)
	if err != nil {
		return err
	}
	list := all.All()
	for _, sb := range list { // as whoever looks at a sandbox finds it
		if err := settle(ctx, format.Set, sb); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	return errors.Join(format.Dump(ctx, bufio.NewWriterSize(a.out, 64<<10), list), file.Close())
}

// settle writes what has fallen due in a sandbox by its clock.
func settle(ctx context.Context, set *dialect.Set, sb *sandbox.Sandbox) error {
	l := &ledger.Ledger{Set: set, Random: ids.Random()}
	return l.Settle(ctx, sb.DB, sb.Clock.Now().Truncate(time.Millisecond))
}

func (a *app) importDatabase(ctx context.Context, path string) error {
	var names []string
	err := filestore.Replace(path, func(work string) error {
		file, all, format, err := a.opened(work)
		if err != nil {
			return err
		}
		names, err = format.Load(ctx, os.Stdin, all)
		return errors.Join(err, file.Close())
	})
	if err != nil {
		return fmt.Errorf("%w\nnothing was imported", err)
	}
	fmt.Fprintf(a.out, "%s: %d sandboxes were imported: %s\n", path, len(names), strings.Join(names, ", "))
	return nil
}
