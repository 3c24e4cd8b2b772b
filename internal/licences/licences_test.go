package licences

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../.."

// TestDocsOfLicences keeps NOTICE and THIRD_PARTY_LICENSES.
func TestDocsOfLicences(t *testing.T) {
	t.Parallel()
	touch(t)
	modules, err := Collect(root, "./cmd/polylink")
	switch {
	case errors.Is(err, errNoModules) && os.Getenv("CI") != "true":
		t.Skip("SKIPPED: ", err)
	case err != nil:
		t.Fatal(err)
	}
	if n := len(modules); n < 10 || !slices.ContainsFunc(modules, func(m Module) bool { return m.Path == "Go" }) {
		t.Fatalf("found %d modules and not Go itself, or too few", n)
	}
	for name, want := range map[string]string{"NOTICE": Notice(modules), "THIRD_PARTY_LICENSES": Texts(modules)} {
		file := filepath.Join(root, name)
		if os.Getenv("POLYLINK_DOCS") == "write" {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("%v; make docs", err)
		}
		if diff := cmp.Diff(string(have), want); diff != "" {
			t.Errorf("%s is not what the program is built of any more; make docs (-is +should be)\n%s", name, diff)
		}
	}
}

// touch opens every source file. The go command remembers the files that a
// test opens, so that a new import is not answered with an old result.
func touch(t *testing.T) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != root:
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go" && d.Name() != "go.mod":
			return nil
		}
		n++
		_, err = os.Stat(name)
		return err
	})
	if err != nil || n < 100 {
		t.Fatalf("touched %d source files: %v", n, err)
	}
}

func TestTermsAreKnownByTheirTexts(t *testing.T) {
	t.Parallel()
	const bsd = "Redistribution and use in source\n  and binary forms, with or without"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"Apache":       {"Apache License\n   Version 2.0, January 2004", []string{"Apache-2.0"}},
		"two clauses":  {bsd, []string{"BSD-2-Clause"}},
		"three":        {bsd + " Neither the name of", []string{"BSD-3-Clause"}},
		"MIT":          {"Permission is hereby granted, free of charge, to any\n THE SOFTWARE IS PROVIDED", []string{"MIT"}},
		"Mozilla":      {"Mozilla Public License Version 2.0", []string{"MPL-2.0"}},
		"two licences": {"Permission is hereby granted, free of charge THE SOFTWARE IS PROVIDED; Apache License, Version 2.0", []string{"Apache-2.0", "MIT"}},
		"another":      {"GNU GENERAL PUBLIC LICENSE Version 3", nil},
	} {
		if diff := cmp.Diff(c.want, Terms(c.text)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestAModuleWithoutAKnownLicenceIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		texts []File
		want  string
	}{
		"none":    {nil, "example.com/a has no licence"},
		"patents": {[]File{{"PATENTS", "A grant."}}, "example.com/a has no licence"},
		"unknown": {[]File{{"LICENSE", "Ask first."}}, "example.com/a: LICENSE is no licence that is known"},
	} {
		m := Module{Path: "example.com/a", Texts: c.texts}
		if err := m.settle(); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// TestLicencesOfPackagesWithinAModuleCount finds a licence that counts for a
// part of a module, and the module's own, each once.
func TestLicencesOfPackagesWithinAModuleCount(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"LICENSE.txt": "Mozilla Public License, version 2.0  \r\n", "NOTICE": "By them.\n", "a/licenses.go": "package a\n",
		"a/b/COPYING": "Permission is hereby granted, free of charge\nTHE SOFTWARE IS PROVIDED\n", "c/LICENSE": "Not linked.\n",
	} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m, seen := Module{Path: "example.com/a", Version: "v1.0.0"}, map[string]bool{}
	for _, p := range []string{"a/b", "a", "a/b"} {
		if err := m.read(dir, filepath.Join(dir, filepath.FromSlash(p)), seen); err != nil {
			t.Fatal(err)
		}
	}
	if err := m.settle(); err != nil {
		t.Fatal(err)
	}
	want := Module{
		Path: "example.com/a", Version: "v1.0.0", Terms: []string{"MIT", "MPL-2.0"}, Notices: []File{{"NOTICE", "By them.\n"}},
		Texts: []File{{"LICENSE.txt", "Mozilla Public License, version 2.0\n"}, {"a/b/COPYING", "Permission is hereby granted, free of charge\nTHE SOFTWARE IS PROVIDED\n"}},
	}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
