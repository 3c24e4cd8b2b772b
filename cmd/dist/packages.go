package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// entry is a file of a package for npm.
type entry struct {
	name string
	data []byte
	mode int64
}

// Where npm calls things otherwise than Go does.
var (
	npmOS   = map[string]string{"windows": "win32"}
	npmArch = map[string]string{"amd64": "x64"}
)

func word(words map[string]string, name string) string {
	if w := words[name]; w != "" {
		return w
	}
	return name
}

// npm packs the client, and a package for each platform that holds its binary.
func (d *folder) npm(list []platform, version string) error {
	for _, p := range list {
		if err := d.platformPackage(p, version); err != nil {
			return err
		}
	}
	return d.clientPackage(version)
}

// platformPackage packs a binary. npm installs it where os and cpu are those.
func (d *folder) platformPackage(p platform, version string) error {
	binary, err := os.ReadFile(d.join(p.file()))
	if err != nil {
		return err
	}
	host := word(npmOS, p.os) + "-" + word(npmArch, p.arch)
	manifest, err := json.MarshalIndent(map[string]any{
		"name":        "@polylink-dev/polylink-" + host,
		"version":     version,
		"description": "The binary of polylink for " + host,
		"license":     "Apache-2.0",
		"repository":  map[string]string{"type": "git", "url": "git+https://github.com/polylink-dev/polylink.git"},
		"os":          []string{word(npmOS, p.os)},
		"cpu":         []string{word(npmArch, p.arch)},
		"files":       []string{"bin", "LICENSE", "NOTICE", "THIRD_PARTY_LICENSES"},
	}, "", "  ")
	if err != nil {
		return err
	}
	entries := []entry{{"package.json", append(manifest, '\n'), 0o644}, {"bin/polylink" + p.ending(), binary, 0o755}}
	for _, name := range []string{"LICENSE", "NOTICE", "THIRD_PARTY_LICENSES"} {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		entries = append(entries, entry{name, data, 0o644})
	}
	return d.pack("npm/polylink-dev-polylink-"+host+"-"+version+".tgz", entries)
}

// clientPackage packs clients/node, with the version that it is released as.
func (d *folder) clientPackage(version string) error {
	var entries []entry
	root := os.DirFS("clients/node")
	err := fs.WalkDir(root, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() && path != "node_modules" {
			return err
		}
		if e.IsDir() {
			return fs.SkipDir
		}
		data, err := fs.ReadFile(root, path)
		if err != nil {
			return err
		}
		mode := int64(0o644)
		if strings.HasPrefix(path, "bin/") {
			mode = 0o755
		}
		if path == "package.json" {
			if data, err = released(data, version); err != nil {
				return err
			}
		}
		entries = append(entries, entry{path, data, mode})
		return nil
	})
	if err != nil {
		return err
	}
	return d.pack("npm/polylink-dev-polylink-"+version+".tgz", entries)
}

// released gives the manifest a version, and the packages of platforms the same.
func released(manifest []byte, version string) ([]byte, error) {
	own, err := versionOf(manifest)
	if err != nil {
		return nil, err
	}
	return bytes.ReplaceAll(manifest, []byte(`"`+own+`"`), []byte(`"`+version+`"`)), nil
}

// clientVersion reads the version of a package.
func clientVersion(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	return versionOf(data)
}

func versionOf(manifest []byte) (string, error) {
	var m struct {
		Version string `json:"version"`
	}
	if err := json.Unmarshal(manifest, &m); err != nil || m.Version == "" {
		return "", fmt.Errorf("package.json has no version: %w", err)
	}
	return m.Version, nil
}

// epoch is the time of files in packages: npm's own, which every tool takes.
var epoch = time.Date(1985, 10, 26, 8, 15, 0, 0, time.UTC)

// pack writes a tarball as npm does: everything is in the folder package.
func (d *folder) pack(name string, entries []entry) error {
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: filepath.ToSlash("package/" + e.name), Mode: e.mode, Size: int64(len(e.data)), ModTime: epoch, Format: tar.FormatUSTAR}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(e.data); err != nil {
			return err
		}
	}
	if err := t.Close(); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return d.write(name, b.Bytes(), 0o644)
}
