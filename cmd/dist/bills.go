package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/licences"
)

// document is a bill of materials in the CycloneDX format, version 1.5.
type document struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Serial     string      `json:"serialNumber"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
	DependsOn  []depends   `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type     string    `json:"type"`
	Ref      string    `json:"bom-ref"`
	Name     string    `json:"name"`
	Version  string    `json:"version,omitempty"`
	Hashes   []hash    `json:"hashes,omitempty"`
	Licenses []licence `json:"licenses,omitempty"`
	Purl     string    `json:"purl,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type licence struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type depends struct {
	Ref string   `json:"ref"`
	On  []string `json:"dependsOn,omitempty"`
}

// bill writes the software bill of materials: what go version -m finds in the
// binaries, with the licences that NOTICE has. It has no time in it, and its
// serial number is a digest of what it says, so that it is the same every time.
func (d *folder) bill(list []platform, version string) error {
	terms := map[string][]string{}
	mods, err := licences.Collect(".", "./cmd/polylink")
	if err != nil {
		return err
	}
	for _, m := range mods {
		terms[m.Path] = m.Terms
	}
	all, golang, main := map[string]*debug.Module{}, "", ""
	for _, p := range list {
		info, err := buildinfo.ReadFile(d.join(p.file()))
		if err != nil {
			return err
		}
		golang, main = strings.TrimPrefix(info.GoVersion, "go"), info.Main.Path
		for _, m := range info.Deps {
			all[m.Path] = m
		}
	}
	doc := document{Format: "CycloneDX", Spec: "1.5", Version: 1}
	own := component{Type: "application", Ref: "pkg:golang/" + main + "@" + version, Name: main, Version: version, Licenses: named("Apache-2.0"), Purl: "pkg:golang/" + main + "@" + version}
	for _, p := range list {
		data, err := os.ReadFile(d.join(p.file()))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		doc.Components = append(doc.Components, component{Type: "file", Ref: p.file(), Name: p.file(), Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}}})
	}
	doc.Metadata.Component = own
	std := component{Type: "library", Ref: "pkg:golang/std@" + golang, Name: "std", Version: golang, Licenses: named("BSD-3-Clause"), Purl: "pkg:golang/std@" + golang}
	parts := []component{std}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		m := all[path]
		c := component{Type: "library", Name: m.Path, Version: m.Version, Licenses: named(terms[m.Path]...), Purl: "pkg:golang/" + m.Path + "@" + m.Version}
		c.Ref = c.Purl
		if sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:")); err == nil && len(sum) == sha256.Size {
			c.Hashes = []hash{{"SHA-256", hex.EncodeToString(sum)}}
		}
		parts = append(parts, c)
	}
	on := depends{Ref: own.Ref}
	for _, c := range parts {
		on.On = append(on.On, c.Ref)
		doc.DependsOn = append(doc.DependsOn, depends{Ref: c.Ref})
	}
	doc.Components, doc.DependsOn = append(doc.Components, parts...), append([]depends{on}, doc.DependsOn...)
	if err := doc.number(); err != nil {
		return err
	}
	text, err := doc.text()
	if err != nil {
		return err
	}
	return d.write("sbom.cdx.json", text, 0o644)
}

// number gives the document a serial number: a UUID of its digest.
func (d *document) number() error {
	text, err := d.text()
	if err != nil {
		return err
	}
	u := sha256.Sum256(text)
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80 // version 8: made in a way of our own
	d.Serial = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:16])
	return nil
}

func (d *document) text() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(d)
	return b.Bytes(), err
}

func named(ids ...string) []licence {
	var out []licence
	for _, id := range ids {
		var l licence
		l.License.ID = id
		out = append(out, l)
	}
	return out
}
