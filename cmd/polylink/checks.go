package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/faults/scenario"
	"github.com/polylink-dev/polylink/internal/files"
	"github.com/polylink-dev/polylink/internal/yml"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE|FOLDER…]",
		Short: "Compile mapping files and report every mistake with its line and column",
		Long: "Compile the mapping files, scenarios or folders given; or else all that serve would use, with its fixtures and scenarios\n" +
			"and with the overrides of the configuration. Every mistake is reported at once as file:line:column: what, and what to write\n" +
			"instead. Exit code 3 when there are any. What works for most requests is a warning on standard error, as\n" +
			"file:line:column: warning: what; it changes no exit code.",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.checkAll()
			}
			return a.checkFiles(args)
		},
	}
}

// checkAll checks what serve would use.
func (a *app) checkAll() error {
	c, err := a.config()
	if err != nil {
		return err
	}
	f, err := load(&c)
	if err != nil {
		return err
	}
	a.warn(f.mappings.warnings(f.set.Dialects...))
	fmt.Fprintf(a.out, "%s: ok\n", strings.Join(f.names(), ", "))
	return nil
}

// warn prints warnings, one a line.
func (a *app) warn(found yml.Diagnostics) {
	for _, w := range found {
		fmt.Fprintln(a.err, w.Error())
	}
}

// checkFiles checks mapping files by themselves, and folders of them as a set.
func (a *app) checkFiles(names []string) error {
	var errs []error
	var warned yml.Diagnostics
	for _, name := range names {
		found, err := a.checkPath(name)
		warned, errs = append(warned, found...), append(errs, err)
	}
	if err := join(errs); err != nil {
		return invalid(err)
	}
	a.warn(warned)
	fmt.Fprintf(a.out, "%s: ok\n", strings.Join(names, ", "))
	return nil
}

// checkPath checks a file or a folder, and returns what to warn of.
func (a *app) checkPath(name string) (warned yml.Diagnostics, err error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, yml.Diagnostics{yml.Unreadable(name, err)}
	}
	if info.IsDir() {
		dir := openDir(name)
		if worlds, _ := fs.Glob(dir.fs, "*/world.yaml"); len(worlds) > 0 {
			if own, _ := fs.Glob(dir.fs, "*.yaml"); len(own) == 0 {
				return nil, dir.place(fmt.Errorf("there are fixtures and no mappings; check it with polylink check --fixtures %s", name))
			}
		}
		if holdsScenarios(dir.fs) {
			set, err := a.dialects()
			if err == nil {
				_, err = scenario.Compile(dir.fs, set)
				err = dir.place(err)
			}
			return nil, err
		}
		set, err := compile.Compile(dir.fs, nil)
		if err != nil {
			return nil, dir.place(err)
		}
		return dir.warnings(set.Dialects...), nil
	}
	data, err := files.Read(name, yml.MaxSize)
	if err != nil {
		return nil, yml.Diagnostics{yml.Unreadable(name, err)}
	}
	if scenario.Is(name, data) {
		set, err := a.dialects()
		if err == nil {
			_, found := scenario.File(name, data, set)
			err = found.Err()
		}
		return nil, err
	}
	d, err := compile.File(name, data)
	if err != nil {
		return nil, err
	}
	return d.Warnings, worldBeside(name, d)
}

// worldBeside checks the fixtures of a dialect that lie where serve would look for
// them: my/fixtures/NAME/world.yaml beside my/mappings/NAME.yaml.
func worldBeside(name string, d *dialect.Dialect) error {
	dir := filepath.Join(filepath.Dir(filepath.Dir(name)), "fixtures")
	if filepath.Base(filepath.Dir(name)) != "mappings" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(dir, d.Name, "world.yaml")); err != nil {
		return nil // a dialect needs none
	}
	at := openDir(dir)
	_, err := seed.Load(at.fs, dialect.NewSet([]*dialect.Dialect{d}, []string{d.Name}))
	return at.place(err)
}

// holdsScenarios tells whether a folder has scenarios in it, and no mapping
// file.
func holdsScenarios(fsys fs.FS) bool {
	names, _ := fs.Glob(fsys, "*.yaml")
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err == nil && !scenario.Is(name, data) {
			return false
		}
	}
	return len(names) > 0
}

// dialects are those that scenarios are held to: what serve would use.
func (a *app) dialects() (*dialect.Set, error) {
	f, err := a.load()
	return f.set, err
}
