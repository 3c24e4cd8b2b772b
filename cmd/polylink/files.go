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
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/faults/scenario"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/internal/files"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/scenarios"
)

// loaded is what mapping and fixture files make together.
type loaded struct {
	set      *dialect.Set
	fixtures *seed.Fixtures
	mappings folder // where the set comes from

	scenarios *faults.Scenarios
}

// folder is a folder of files: the user's, or a built-in one.
type folder struct {
	fs  fs.FS
	dir string // as the user wrote it
}

// openFolder opens the folder that a key of the configuration names, at a
// place in the file or, where that is zero, by a flag or a variable.
func openFolder(key, dir string, at config.Place, builtIn fs.FS) (folder, error) {
	if dir == "" {
		return folder{builtIn, key}, nil
	}
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = errors.New("it is a file")
	}
	if err != nil {
		if at.File == "" {
			at = config.Place{File: dir, Line: 1, Col: 1}
		}
		return folder{}, config.Diagnostics{{File: at.File, Line: at.Line, Col: at.Col, Key: key,
			Msg: fmt.Sprintf("%s is no folder (%v), write the path of one or leave it out for the built-in files", dir, reason(err))}}
	}
	return openDir(dir), nil
}

// openDir opens a folder of the user's.
func openDir(dir string) folder { return folder{files.Dir(dir, yml.MaxSize), dir} }

// reason is what the system says, without the name of the file.
func reason(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// path names a file of the folder as the user would. An override of the
// configuration may be to blame, and its file is named as it is.
func (f folder) path(name string) string {
	if other, ok := strings.CutPrefix(name, dialect.Elsewhere); ok {
		return other
	}
	return strings.TrimSuffix(f.dir, "/") + "/" + name
}

// place gives the diagnostics of an error paths that the user knows. An error
// without a place is one of the file that could not be read, or else of the
// whole folder.
func (f folder) place(err error) error {
	if err == nil {
		return nil
	}
	found, ok := errors.AsType[yml.Diagnostics](err)
	if pe, unread := errors.AsType[*fs.PathError](err); !ok && unread {
		return yml.Diagnostics{yml.Unreadable(f.path(pe.Path), pe)}
	} else if !ok {
		return yml.Diagnostics{{File: f.dir, Line: 1, Col: 1, Msg: err.Error()}}
	}
	placed := slices.Clone(found)
	for i := range placed {
		placed[i].File = f.path(placed[i].File)
	}
	placed.Sort()
	return placed.Err()
}

// warnings are those of dialects, with paths that the user knows.
func (f folder) warnings(dialects ...*dialect.Dialect) yml.Diagnostics {
	var found yml.Diagnostics
	for _, d := range dialects {
		for _, w := range d.Warnings {
			w.File = f.path(w.File)
			found = append(found, w)
		}
	}
	found.Sort()
	return found
}

// load compiles the mappings and the fixtures that the configuration names.
// Its errors are of exitInvalid.
func load(c *config.Config) (loaded, error) {
	f, err := compileAll(c)
	if err != nil {
		return f, invalid(err)
	}
	var wrong config.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(c.Listen)) {
		if f.set.Dialect(name) == nil {
			at := c.ListenAt[name]
			wrong = append(wrong, config.Diagnostic{File: at.File, Line: at.Line, Col: at.Col, Key: "listen." + name, Msg: "there is no such dialect" + f.meant(name)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.CORS.Dialects)) {
		if f.set.Dialect(name) == nil {
			at := c.CORS.At[name]
			wrong = append(wrong, config.Diagnostic{File: at.File, Line: at.Line, Col: at.Col, Key: "dialects." + name + ".cors", Msg: "there is no such dialect" + f.meant(name)})
		}
	}
	wrong = append(wrong, f.upstreams(c)...)
	if wrong = append(wrong, webhooksOf(c, f.set)...); len(wrong) > 0 {
		return f, invalid(wrong)
	}
	return f, nil
}

func compileAll(c *config.Config) (loaded, error) {
	var f loaded
	maps, err := openFolder("mappings", c.Mappings, c.MappingsAt, mappings.FS)
	if err != nil {
		return f, err
	}
	fix, err := openFolder("fixtures", c.Fixtures, c.FixturesAt, fixtures.FS)
	if err != nil {
		return f, err
	}
	overrides := make([]compile.Override, len(c.Dialects))
	for i, o := range c.Dialects {
		overrides[i] = compile.Override{Dialect: o.Dialect, Path: o.Path, File: dialect.Elsewhere + o.File, Node: o.Node}
	}
	set, err := compile.Some(maps.fs, overrides)
	if set == nil {
		return f, maps.place(err)
	}
	worlds, fixErr := seed.Load(fix.fs, set)
	errs := []error{maps.place(err), fix.place(fixErr)}
	if c.Fixtures != "" || c.Mappings == "" {
		errs = append(errs, fix.place(seed.Strays(fix.fs, set)))
	}
	own, err := scenariosOf(c, set)
	errs = append(errs, err)
	if err := join(errs); err != nil {
		return f, err
	}
	shipped, err := scenario.Shipped(scenarios.FS, set)
	if err != nil {
		return f, folder{scenarios.FS, "scenarios"}.place(err)
	}
	return loaded{set, worlds, maps, faults.NewScenarios(shipped, own)}, nil
}

// scenariosOf compiles the scenarios of the user's own.
func scenariosOf(c *config.Config, set *dialect.Set) ([]*faults.Scenario, error) {
	if c.Scenarios == "" {
		return nil, nil
	}
	dir, err := openFolder("scenarios", c.Scenarios, c.ScenariosAt, nil)
	if err != nil {
		return nil, err
	}
	list, err := scenario.Compile(dir.fs, set)
	return list, dir.place(err)
}

// join makes one error of several; diagnostics are in order.
func join(errs []error) error {
	var found yml.Diagnostics
	var other []error
	for _, err := range errs {
		if list, ok := errors.AsType[yml.Diagnostics](err); ok {
			found = append(found, list...)
		} else if err != nil {
			other = append(other, err)
		}
	}
	found.Sort()
	return errors.Join(append(other, found.Err())...)
}

// load compiles what the configuration names, for commands that need no more
// of the configuration.
func (a *app) load() (loaded, error) {
	c, err := a.config()
	if err != nil {
		return loaded{}, err
	}
	return load(&c)
}

// names lists the dialects.
func (f loaded) names() []string { return f.set.Names() }

// dialect returns the dialect of a name, or says which there are.
func (f loaded) dialect(name string) (*dialect.Dialect, error) {
	d := f.set.Dialect(name)
	if d == nil {
		return nil, usage("there is no dialect %q%s", name, f.meant(name))
	}
	return d, nil
}

// meant ends a message about a dialect that is not there.
func (f loaded) meant(name string) string {
	if hint := yml.DidYouMean(name, f.names()); hint != "" {
		return hint
	}
	return ", write one of " + strings.Join(f.names(), ", ")
}
