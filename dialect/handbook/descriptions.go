package handbook

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"unicode/utf8"
)

// Description is what there is to know about a dialect before the first
// request, made of its file and its fixtures and of nothing else.
type Description struct {
	Name, Title, File string
	Sections          []Section
}

// Section is a table of facts, or a list of command lines.
type Section struct {
	Title   string
	Note    string // a sentence above it, in Markdown
	Columns []Column
	Rows    [][]string
	Lines   []Line
}

// Column is a column of a table.
type Column struct {
	Name string
	Kind Format
}

// Format is how a column is written.
type Format uint8

// The formats.
const (
	Prose  Format = iota
	Code          // names and values, as they are on the wire
	Source        // file:line in a mapping file
)

// Line is a command line and what it shows.
type Line struct{ Title, Text string }

// Section returns a section by its title, or nil.
func (d *Description) Section(title string) *Section {
	for i := range d.Sections {
		if d.Sections[i].Title == title {
			return &d.Sections[i]
		}
	}
	return nil
}

// Markdown writes the description as a document; links to mapping files are
// relative to docs/dialects.
func (d *Description) Markdown(w io.Writer) error {
	p := &printer{w: w}
	p.print("# %s\n\n%s. Made of [mappings/%s](../../mappings/%s) and its fixtures by `make docs`: change those and not this page.\n",
		d.Title, "What polylink imitates under the name `"+d.Name+"`", d.File, d.File)
	for i := range d.Sections {
		s := &d.Sections[i]
		p.print("\n## %s\n", s.Title)
		if s.Note != "" {
			p.print("\n%s\n", s.Note)
		}
		if len(s.Rows) > 0 {
			p.markdownTable(s)
		}
		for _, l := range s.Lines {
			p.print("\n%s:\n\n```sh\n%s\n```\n", l.Title, l.Text)
		}
	}
	return p.err
}

// Text writes the description for a terminal.
func (d *Description) Text(w io.Writer) error {
	p := &printer{w: w}
	p.print("%s: %s (%s)\n", d.Name, d.Title, d.File)
	for i := range d.Sections {
		s := &d.Sections[i]
		p.print("\n%s\n", s.Title)
		if s.Note != "" {
			p.print("  %s\n", strings.NewReplacer("`", "", "**", "").Replace(s.Note))
		}
		t := tabwriter.NewWriter(p, 2, 4, 2, ' ', 0)
		for _, row := range s.Rows {
			fmt.Fprintf(t, "  %s\n", strings.TrimRight(strings.Join(row, gap(row)), "\t"))
		}
		if err := t.Flush(); err != nil {
			return err
		}
		for _, l := range s.Lines {
			p.print("  %s\n    %s\n", l.Title, l.Text)
		}
	}
	return p.err
}

// widest is how many characters a cell may have to be lined up with others: one
// long value must not push all others out of sight.
const widest = 72

// gap is what stands between the cells of a row.
func gap(row []string) string {
	for _, cell := range row[:len(row)-1] {
		if utf8.RuneCountInString(cell) > widest {
			return "  "
		}
	}
	return "\t"
}

// printer writes until something goes wrong.
type printer struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (p *printer) Write(b []byte) (int, error) {
	if p.err == nil {
		_, p.err = p.w.Write(b)
	}
	return len(b), p.err
}

func (p *printer) print(format string, args ...any) { fmt.Fprintf(p, format, args...) }

func (p *printer) markdownTable(s *Section) {
	p.print("\n|")
	for _, c := range s.Columns {
		p.print(" %s |", c.Name)
	}
	p.print("\n|%s\n", strings.Repeat("---|", len(s.Columns)))
	for _, row := range s.Rows {
		p.print("|")
		for i, cell := range row {
			p.print(" %s |", s.Columns[i].Kind.markdown(cell))
		}
		p.print("\n")
	}
}

// markdown writes a cell of a table.
func (f Format) markdown(cell string) string {
	cell = strings.ReplaceAll(strings.ReplaceAll(cell, "\n", " "), "|", `\|`)
	switch {
	case cell == "":
		return ""
	case f == Code:
		return "`" + strings.ReplaceAll(cell, "`", "'") + "`"
	case f == Source:
		file, line, _ := strings.Cut(cell, ":")
		return "[" + line + "](../../mappings/" + file + "#L" + line + ")"
	}
	return strings.NewReplacer("<", "&lt;", "*", `\*`, "_", `\_`).Replace(cell)
}
