// Package doctest reads the project's Markdown, so that tests can run what it
// says.
//
// It stands outside the path: only tests import it. Read splits a document
// into code blocks and table rows and remembers the headings above each; Curl
// turns a command line into the request it sends. It knows as much of Markdown
// and of the shell as the documents use and refuses what it does not know.
// What an example means is the caller's. Start with Read.
package doctest

import (
	"fmt"
	"strings"
)

// Doc is a document.
type Doc struct {
	Blocks []Block
	Rows   []Row
}

// Block is a fenced piece of code.
type Block struct {
	Line     int
	Lang     string   // yaml, sh, json, text
	Note     string   // the HTML comment on the line above
	Text     string   // with a line end
	Headings []string // above it, the widest first
}

// Row is a row of a table.
type Row struct {
	Line     int
	Columns  []string // of the table's head
	Cells    []string
	Headings []string
}

// Word returns the code in a cell, "" when it is not code and nothing else.
func (r Row) Word(i int) string {
	if i >= len(r.Cells) {
		return ""
	}
	s := r.Cells[i]
	if len(s) < 3 || s[0] != '`' || s[len(s)-1] != '`' || strings.Count(s, "`") != 2 {
		return ""
	}
	return s[1 : len(s)-1]
}

// Read splits a document.
func Read(text string) (*Doc, error) {
	d, p := &Doc{}, reader{}
	for line := range strings.Lines(text) {
		p.n++
		if err := p.line(d, strings.TrimSuffix(line, "\n")); err != nil {
			return nil, fmt.Errorf("line %d: %w", p.n, err)
		}
	}
	if p.block != nil {
		return nil, fmt.Errorf("line %d: the block that begins here has no end", p.block.Line)
	}
	return d, nil
}

type reader struct {
	n        int
	headings []string
	levels   []int
	note     string
	block    *Block
	columns  []string
}

func (p *reader) line(d *Doc, line string) error {
	if p.block != nil {
		if line != "```" {
			p.block.Text += line + "\n"
			return nil
		}
		d.Blocks = append(d.Blocks, *p.block)
		p.block = nil
		return nil
	}
	note := p.note
	p.note = ""
	lang, fence := strings.CutPrefix(line, "```")
	switch {
	case fence:
		p.block = &Block{Line: p.n, Lang: lang, Note: note, Headings: p.above()}
	case strings.HasPrefix(line, "<!--") && strings.HasSuffix(line, "-->"):
		p.note = strings.TrimSpace(line[4 : len(line)-3])
	case strings.HasPrefix(line, "#"):
		p.heading(line)
	case strings.HasPrefix(line, "|"):
		return p.row(d, line)
	}
	if !strings.HasPrefix(line, "|") {
		p.columns = nil
	}
	return nil
}

func (p *reader) above() []string { return append([]string{}, p.headings...) }

func (p *reader) heading(line string) {
	level := len(line) - len(strings.TrimLeft(line, "#"))
	for len(p.levels) > 0 && p.levels[len(p.levels)-1] >= level {
		p.levels, p.headings = p.levels[:len(p.levels)-1], p.headings[:len(p.headings)-1]
	}
	p.levels, p.headings = append(p.levels, level), append(p.headings, strings.TrimSpace(line[level:]))
}

// row reads a line of a table: the first is its head, the second its rule.
func (p *reader) row(d *Doc, line string) error {
	if !strings.HasSuffix(line, "|") || len(line) < 2 {
		return fmt.Errorf("a row of a table ends in |")
	}
	cells := strings.Split(line[1:len(line)-1], " | ")
	for i := range cells {
		cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), `\|`, "|")
	}
	switch {
	case p.columns == nil:
		p.columns = cells
		return nil
	case strings.Trim(line, "|-: ") == "":
		return nil
	case len(cells) != len(p.columns):
		return fmt.Errorf("the row has %d cells and its table %d columns", len(cells), len(p.columns))
	}
	d.Rows = append(d.Rows, Row{Line: p.n, Columns: p.columns, Cells: cells, Headings: p.above()})
	return nil
}
