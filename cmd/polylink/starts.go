package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
)

// The files that a dialect begins with; NAME stands for its name.
var (
	//go:embed start/dialect.yaml
	startDialect string
	//go:embed start/world.yaml
	startWorld string
)

var dialectName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

// newCommand writes the files that a dialect of one's own begins with.
func (a *app) newCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Write the files that a dialect of your own begins with",
		Args:  cobra.ExactArgs(1),
		RunE:  func(_ *cobra.Command, args []string) error { return a.begin(args[0]) },
	}
	a.flag(cmd.Flags(), "mappings", "`folder` of mapping files (mappings)")
	a.flag(cmd.Flags(), "fixtures", "`folder` of fixtures (fixtures)")
	return cmd
}

// begin writes two files and leaves those alone that are there.
func (a *app) begin(name string) error {
	if !dialectName.MatchString(name) {
		return usage("%q is no name for a dialect: it is made of 1 to 40 of a-z, 0-9 and -", name)
	}
	c, err := a.config()
	if err != nil {
		return err
	}
	folder := func(set, dflt string) string {
		if set == "" {
			return dflt
		}
		return set
	}
	mapping := filepath.Join(folder(c.Mappings, "mappings"), name+".yaml")
	world := filepath.Join(folder(c.Fixtures, "fixtures"), name, "world.yaml")
	for _, file := range []string{mapping, world} {
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already, and nothing was written", file)
		}
	}
	fill := func(text string) []byte { return []byte(strings.ReplaceAll(text, "NAME", name)) }
	if err := writeFiles([]newFile{{mapping, fill(startDialect)}, {world, fill(startWorld)}}); err != nil {
		return fmt.Errorf("%w; nothing was written", err)
	}
	fmt.Fprintf(a.out, "%s\n%s\n\nNow: polylink check %s\nThen: polylink serve --mappings %s --fixtures %s\n",
		mapping, world, mapping, filepath.Dir(mapping), filepath.Dir(filepath.Dir(world)))
	return nil
}
