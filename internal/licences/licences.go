// Package licences lists what other people's code is in the program, and under
// which terms.
//
// It stands outside the path: its test writes NOTICE and THIRD_PARTY_LICENSES
// at the root of the repository and compares them with what the program is
// built of. Collect asks the go command for the modules of a package on every
// platform that the program is built for, and reads their licences out of the
// module cache, without the network. It knows a licence by its text and refuses
// one that it does not know; whether a licence suits the project is decided by
// the list of those that it knows. Start with Collect.
package licences

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// golang stands for the standard library in the place of a module's path.
const golang = "Go"

// platforms are the operating systems that the program is built for.
var platforms = []string{"darwin", "linux", "windows"}

// Module is somebody else's module that is linked into the program.
type Module struct {
	Path, Version string
	Terms         []string // the licences' SPDX names, sorted
	Texts         []File   // what it says of its licence
	Notices       []File   // its NOTICE files
}

// File is a text out of a module.
type File struct {
	Name string // relative to the module, with slashes
	Text string
}

// linked is a package of the program, as the go command tells it.
type linked struct{ module, version, root, dir string }

// errNoModules is returned, wrapped, by Collect when the module cache lacks
// what the program is built of.
var errNoModules = errors.New("the module cache is incomplete")

// Collect finds the modules of a package, and Go itself, by path.
func Collect(dir, pkg string) ([]Module, error) {
	byPath := map[string]*Module{}
	seen := map[string]bool{}
	for _, platform := range platforms {
		packages, err := list(dir, pkg, platform)
		if err != nil {
			return nil, err
		}
		for _, p := range packages {
			m := byPath[p.module]
			if m == nil {
				m = &Module{Path: p.module, Version: p.version}
				byPath[p.module] = m
			}
			if err := m.read(p.root, p.dir, seen); err != nil {
				return nil, err
			}
		}
	}
	var modules []Module
	for _, m := range byPath {
		if m.Path == golang && len(m.Texts) == 0 {
			return nil, fmt.Errorf("%w: this copy of Go came without its LICENSE", errNoModules)
		}
		if err := m.settle(); err != nil {
			return nil, err
		}
		modules = append(modules, *m)
	}
	slices.SortFunc(modules, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	return modules, nil
}

// list asks the go command for the packages that a package is built of, but for
// those of its own module. Those of the standard library have Go for a module.
func list(dir, pkg, platform string) ([]linked, error) {
	const format = "{{if .Standard}}" + golang + "||{{.Root}}|{{.Root}}{{else}}{{with .Module}}{{if not .Main}}{{.Path}}|{{.Version}}|{{.Dir}}{{end}}{{end}}|{{.Dir}}{{end}}"
	cmd := exec.Command("go", "list", "-deps", "-f", format, pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS="+platform, "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	switch {
	case strings.Contains(errs.String(), "GOPROXY=off"):
		return nil, fmt.Errorf("%w: %s", errNoModules, errs.String())
	case err != nil:
		return nil, fmt.Errorf("list the packages of %s: %w: %s", pkg, err, errs.String())
	}
	var packages []linked
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "|")
		if len(f) == 4 {
			packages = append(packages, linked{f[0], f[1], f[2], f[3]})
		}
	}
	return packages, nil
}

var (
	licence = regexp.MustCompile(`(?i)^(licen[cs]e|copying|patents)([.-].*)?$`)
	notice  = regexp.MustCompile(`(?i)^notice(\..*)?$`)
)

// read takes up the licences of a package: those in its folder and above it, as
// far as the module's.
func (m *Module) read(root, dir string, seen map[string]bool) error {
	for ; !seen[dir]; dir = filepath.Dir(dir) {
		seen[dir] = true
		entries, err := os.ReadDir(dir)
		if err != nil {
			return fmt.Errorf("look for licences of %s: %w", m.Path, err)
		}
		for _, e := range entries {
			isLicence, isNotice := licence.MatchString(e.Name()), notice.MatchString(e.Name())
			if !e.Type().IsRegular() || !isLicence && !isNotice {
				continue
			}
			text, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				return fmt.Errorf("read a licence of %s: %w", m.Path, err)
			}
			name, err := filepath.Rel(root, filepath.Join(dir, e.Name()))
			if err != nil {
				return fmt.Errorf("name a licence of %s: %w", m.Path, err)
			}
			f := File{filepath.ToSlash(name), tidy(string(text))}
			if isLicence {
				m.Texts = append(m.Texts, f)
			} else {
				m.Notices = append(m.Notices, f)
			}
		}
		if dir == root {
			return nil
		}
	}
	return nil
}

// tidy takes the white space off the ends of lines and of the text.
func tidy(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(strings.ReplaceAll(text, "\t", "    "))) {
		b.WriteString(strings.TrimRight(line, " \r\n") + "\n")
	}
	return b.String()
}

// settle sorts what was found and names the licences.
func (m *Module) settle() error {
	byName := func(a, b File) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(m.Texts, byName)
	slices.SortFunc(m.Notices, byName)
	for _, f := range m.Texts {
		if strings.HasPrefix(strings.ToLower(f.Name), "patents") {
			continue // it adds to the licence beside it
		}
		found := Terms(f.Text)
		if len(found) == 0 {
			return fmt.Errorf("%s: %s is no licence that is known; if it suits the project, add it to the known ones", m.Path, f.Name)
		}
		m.Terms = append(m.Terms, found...)
	}
	slices.Sort(m.Terms)
	m.Terms = slices.Compact(m.Terms)
	if len(m.Terms) == 0 {
		return fmt.Errorf("%s has no licence", m.Path)
	}
	return nil
}

// known are the licences that suit the project: words that only their texts
// have, by SPDX name.
var known = []struct {
	name string
	has  []string
	less string // which a text of another licence has
}{
	{"Apache-2.0", []string{"Apache License", "Version 2.0"}, "Mozilla Public License"},
	{"BSD-2-Clause", []string{"Redistribution and use in source and binary forms"}, "Neither the name"},
	{"BSD-3-Clause", []string{"Redistribution and use in source and binary forms", "Neither the name"}, ""},
	{"MIT", []string{"Permission is hereby granted, free of charge", "THE SOFTWARE IS PROVIDED"}, ""},
	{"MPL-2.0", []string{"Mozilla Public License", "ersion 2.0"}, ""},
}

// Terms tells which of the known licences a text has.
func Terms(text string) []string {
	words := strings.Join(strings.Fields(text), " ")
	var found []string
	for _, k := range known {
		all := !slices.ContainsFunc(k.has, func(w string) bool { return !strings.Contains(words, w) })
		if all && (k.less == "" || !strings.Contains(words, k.less)) {
			found = append(found, k.name)
		}
	}
	return found
}
