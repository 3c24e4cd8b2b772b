package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/mappings"
)

// files is what mapping and fixture files make together.
type files struct {
	set      *dialect.Set
	fixtures *dialect.Fixtures
	mappings folder // where the set comes from
}

// folder is a folder of files: the user's, or a built-in one.
type folder struct {
	fs  fs.FS
	dir string // as the user wrote it
}

// openFolder opens the folder that a key of the configuration names.
func openFolder(key, dir string, builtIn fs.FS) (folder, error) {
	if dir == "" {
		return folder{builtIn, key}, nil
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("it is a file")
	}
	if err != nil {
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			err = pe.Err
		}
		return folder{}, fmt.Errorf("%s: %s is no folder (%w), write the path of one or leave it out for the built-in files", key, dir, err)
	}
	return folder{os.DirFS(dir), dir}, nil
}

// overridden marks the names of files that are not in the folder: an override
// of the configuration may be to blame, and its file is named as it is.
const overridden = "\x00"

// path names a file of the folder as the user would.
func (f folder) path(name string) string {
	if other, ok := strings.CutPrefix(name, overridden); ok {
		return other
	}
	return strings.TrimSuffix(f.dir, "/") + "/" + name
}

// place gives the faults of an error paths that the user knows.
func (f folder) place(err error) error {
	if err == nil {
		return nil
	}
	faults, ok := errors.AsType[yml.Faults](err)
	if !ok {
		return fmt.Errorf("%s: %w", f.dir, err)
	}
	placed := slices.Clone(faults)
	for i := range placed {
		placed[i].File = f.path(placed[i].File)
	}
	placed.Sort()
	return placed.Err()
}

// load compiles the mappings and the fixtures that the configuration names.
// Its errors are of exitInvalid.
func load(c *config.Config) (files, error) {
	f, err := compile(c)
	if err != nil {
		return f, invalid(err)
	}
	var faults config.Faults
	for _, name := range slices.Sorted(maps.Keys(c.Listen)) {
		if f.set.Dialect(name) == nil {
			at := c.ListenAt[name]
			faults = append(faults, config.Fault{File: at.File, Line: at.Line, Col: at.Col, Key: "listen." + name, Msg: "there is no such dialect" + f.meant(name)})
		}
	}
	if len(faults) > 0 {
		return f, invalid(faults)
	}
	return f, nil
}

func compile(c *config.Config) (files, error) {
	var f files
	maps, err := openFolder("mappings", c.Mappings, mappings.FS)
	if err != nil {
		return f, err
	}
	fix, err := openFolder("fixtures", c.Fixtures, fixtures.FS)
	if err != nil {
		return f, err
	}
	overrides := make([]dialect.Override, len(c.Dialects))
	for i, o := range c.Dialects {
		overrides[i] = dialect.Override{Dialect: o.Dialect, Path: o.Path, File: overridden + o.File, Node: o.Node}
	}
	set, err := dialect.CompileSome(maps.fs, overrides)
	if set == nil {
		return f, maps.place(err)
	}
	loaded, fixErr := dialect.LoadFixtures(fix.fs, set)
	errs := []error{maps.place(err), fix.place(fixErr)}
	if c.Fixtures != "" || c.Mappings == "" {
		errs = append(errs, fix.place(dialect.Strays(fix.fs, set)))
	}
	if err := join(errs); err != nil {
		return f, err
	}
	return files{set, loaded, maps}, nil
}

// join makes one error of several; faults are in order.
func join(errs []error) error {
	var faults yml.Faults
	var other []error
	for _, err := range errs {
		if list, ok := errors.AsType[yml.Faults](err); ok {
			faults = append(faults, list...)
		} else if err != nil {
			other = append(other, err)
		}
	}
	faults.Sort()
	return errors.Join(append(other, faults.Err())...)
}

// load compiles what the configuration names, for commands that need no more
// of the configuration.
func (a *app) load() (files, error) {
	c, err := a.config()
	if err != nil {
		return files{}, err
	}
	return load(&c)
}

// names lists the dialects.
func (f files) names() []string {
	var names []string
	for _, d := range f.set.Dialects {
		names = append(names, d.Name)
	}
	return names
}

// meant ends a message about a dialect that is not there.
func (f files) meant(name string) string {
	if hint := yml.DidYouMean(name, f.names()); hint != "" {
		return hint
	}
	return ", write one of " + strings.Join(f.names(), ", ")
}
