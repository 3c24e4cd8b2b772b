package main

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/internal/files"
	"github.com/polylink-dev/polylink/internal/yml"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE|FOLDER…]",
		Short: "Compile mapping files and report every mistake with its line and column",
		Long: "Compile the mapping files or folders given; or else all that serve would use, with their fixtures and with the\n" +
			"overrides of the configuration. Every mistake is reported at once as file:line:column: what, and what to write\n" +
			"instead. Exit code 3 when there are any.",
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
	fmt.Fprintf(a.out, "%s: ok\n", strings.Join(f.names(), ", "))
	return nil
}

// checkFiles checks mapping files by themselves, and folders of them as a set.
func (a *app) checkFiles(names []string) error {
	var errs []error
	for _, name := range names {
		errs = append(errs, checkPath(name))
	}
	if err := join(errs); err != nil {
		return invalid(err)
	}
	fmt.Fprintf(a.out, "%s: ok\n", strings.Join(names, ", "))
	return nil
}

func checkPath(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return yml.Diagnostics{yml.Unreadable(name, err)}
	}
	if info.IsDir() {
		dir := openDir(name)
		if worlds, _ := fs.Glob(dir.fs, "*/world.yaml"); len(worlds) > 0 {
			if own, _ := fs.Glob(dir.fs, "*.yaml"); len(own) == 0 {
				return dir.place(fmt.Errorf("there are fixtures and no mappings; check it with polylink check --fixtures %s", name))
			}
		}
		if _, err := compile.Compile(dir.fs, nil); err != nil {
			return dir.place(err)
		}
		return nil
	}
	data, err := files.Read(name, yml.MaxSize)
	if err != nil {
		return yml.Diagnostics{yml.Unreadable(name, err)}
	}
	_, err = compile.File(name, data)
	return err
}
