package licences

import (
	"fmt"
	"slices"
	"strings"
)

// rule stands between the parts of a document.
var rule = strings.Repeat("-", 80) + "\n"

// Notice is the NOTICE file: what the program contains, where the source of
// its MPL-2.0 modules is, and the notices that its Apache modules ask to keep.
func Notice(modules []Module) string {
	var b strings.Builder
	b.WriteString(`polylink
Copyright 2026 The polylink authors

Licensed under the Apache License, Version 2.0; see LICENSE. The program is
linked with the modules below. The full texts of their licences are in
THIRD_PARTY_LICENSES. Both files are generated (make docs).

`)
	width := 0
	for _, m := range modules {
		width = max(width, len(m.name()))
	}
	for _, m := range modules {
		fmt.Fprintf(&b, "%-*s  %s\n", width, m.name(), strings.Join(m.Terms, " AND "))
	}
	b.WriteString("\nThe source code of the modules under the Mozilla Public License 2.0 is used\nunchanged and is at:\n\n")
	for _, m := range modules {
		if slices.Contains(m.Terms, "MPL-2.0") {
			fmt.Fprintf(&b, "https://%s, version %s\n", m.Path, m.Version)
		}
	}
	for _, m := range modules {
		for _, f := range m.Notices {
			fmt.Fprintf(&b, "\n%sThe %s of %s:\n\n%s", rule, f.Name, m.Path, f.Text)
		}
	}
	return b.String()
}

// name is a module's path and version; Go itself has none.
func (m Module) name() string { return strings.TrimSpace(m.Path + " " + m.Version) }

// Texts is the file THIRD_PARTY_LICENSES: each text once, below the modules
// that it is of.
func Texts(modules []Module) string {
	var order []string
	of := map[string][]string{}
	for _, m := range modules {
		for _, f := range m.Texts {
			if of[f.Text] == nil {
				order = append(order, f.Text)
			}
			of[f.Text] = append(of[f.Text], m.name()+": "+f.Name)
		}
	}
	var b strings.Builder
	b.WriteString("The licences of the modules that polylink is linked with. NOTICE lists them.\n")
	for _, text := range order {
		fmt.Fprintf(&b, "\n%s%s\n\n%s", rule, strings.Join(of[text], "\n"), text)
	}
	return b.String()
}
