package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// platform is what a binary runs on.
type platform struct{ os, arch string }

// parse reads os/arch.
func parse(text string) (platform, error) {
	if !slices.Contains(strings.Fields(everywhere), text) {
		return platform{}, fmt.Errorf("there is no platform %q; write some of %s", text, everywhere)
	}
	goos, arch, _ := strings.Cut(text, "/")
	return platform{goos, arch}, nil
}

// file is how the binary is called.
func (p platform) file() string { return "polylink-" + p.os + "-" + p.arch + p.ending() }

func (p platform) ending() string {
	if p.os == "windows" {
		return ".exe"
	}
	return ""
}

// folder is where a release is made.
type folder struct{ path string }

// sums is the file that lists all others; a folder that has it is one of ours.
const sums = "SHA256SUMS"

// open empties a folder of an earlier run, or makes one.
func open(path string) (*folder, error) {
	entries, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	ours := len(entries) == 0 || slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == sums })
	if !ours {
		return nil, fmt.Errorf("%s has files in it, and no %s; name a folder that is empty", path, sums)
	}
	if err := os.RemoveAll(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	// What is broken off leaves a folder that the next run takes for one of ours.
	return &folder{path}, os.WriteFile(filepath.Join(path, sums), nil, 0o644)
}

func (d *folder) join(name string) string { return filepath.Join(d.path, filepath.FromSlash(name)) }

// write writes a file, with the folders that it is in.
func (d *folder) write(name string, data []byte, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(d.join(name)), 0o755); err != nil {
		return err
	}
	return os.WriteFile(d.join(name), data, mode)
}

// binaries builds a static binary for every platform.
func (d *folder) binaries(list []platform) error {
	for _, p := range list {
		if err := build(p, d.join(p.file())); err != nil {
			return err
		}
	}
	return nil
}

// build builds one binary. Paths, symbols and the build id are left out, which
// are all that could differ between two machines.
func build(p platform, to string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w -buildid=", "-o", to, "./cmd/polylink")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.os, "GOARCH="+p.arch, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=-mod=readonly")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build for %s/%s: %w\n%s", p.os, p.arch, err, out)
	}
	return nil
}

// manuals has the program write its manual page and what shells complete.
func (d *folder) manuals() error {
	temp, err := os.MkdirTemp("", "polylink-dist")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	here := platform{runtime.GOOS, runtime.GOARCH}
	program := filepath.Join(temp, here.file())
	if err := build(here, program); err != nil {
		return err
	}
	for name, args := range map[string][]string{
		"polylink.1":                {"man"},
		"completions/polylink.bash": {"completion", "bash"},
		"completions/_polylink":     {"completion", "zsh"},
		"completions/polylink.fish": {"completion", "fish"},
	} {
		var errs bytes.Buffer
		cmd := exec.Command(program, args...)
		cmd.Stderr = &errs
		text, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("polylink %s: %w\n%s", strings.Join(args, " "), err, &errs)
		}
		if err := d.write(name, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// checksums lists every file with its SHA-256, as sha256sum -c reads it.
func (d *folder) checksums() error {
	var b strings.Builder
	err := filepath.WalkDir(d.path, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(d.path, path)
		if err != nil || name == sums {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(data), filepath.ToSlash(name))
		return nil
	})
	if err != nil {
		return err
	}
	return d.write(sums, []byte(b.String()), 0o644)
}
