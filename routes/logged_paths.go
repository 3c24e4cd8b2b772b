package routes

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/secrets"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
)

// loggedPaths tells what of a path may be in the log. People put keys and
// tokens into paths by mistake, and the log does not ask the store for them as
// the journal does: so what is shown is words, ids and what names a record that
// was found, and of the rest the length.
type loggedPaths struct {
	words   map[string]bool // that are in the paths of operations
	secrets map[string]bool // of the fixtures
	forms   []*ids.Spec     // of records' ids
	shapes  *journal.Secrets

	seen [512]atomic.Pointer[shownPath] // of late
	seed maphash.Seed
}

// shownPath is a path without what has the look of a secret.
type shownPath struct{ path, shown string }

// hide takes what has the look of a secret out of a path; those that come again
// and again are looked at once.
func (p *loggedPaths) hide(path string) string {
	at := &p.seen[maphash.String(p.seed, path)%uint64(len(p.seen))]
	if s := at.Load(); s != nil && s.path == path {
		return s.shown
	}
	shown := p.shapes.Text(path)
	if len(path) <= 200 {
		at.Store(&shownPath{strings.Clone(path), strings.Clone(shown)})
	}
	return shown
}

func newLoggedPaths(set *dialect.Set, fixtures *seed.Fixtures) *loggedPaths {
	p := &loggedPaths{seed: maphash.MakeSeed(), words: map[string]bool{}, secrets: map[string]bool{}}
	var of journal.SecretsOf
	kinds := append(document.SecretKinds(), record.Credentials.Kind)
	for _, d := range set.Dialects {
		p.words[d.Name] = true
		for _, op := range d.Operations {
			for word := range strings.SplitSeq(op.Path, "/") {
				p.words[word] = true
			}
		}
		for _, res := range d.Resources {
			if spec := res.ID(); spec != nil {
				p.forms = append(p.forms, spec)
			}
		}
		of.Names = append(of.Names, secrets.Names(d)...)
		for _, form := range d.Auth.Keys {
			of.Likes = append(of.Likes, form.Like)
		}
		for _, kind := range kinds {
			for _, rec := range fixtures.Records(d.Name, kind) {
				for _, secret := range document.Secrets(rec) {
					p.secrets[secret] = true
				}
				if kind == record.Credentials.Kind {
					p.secrets[rec.ID()] = true
				}
			}
		}
	}
	p.shapes = journal.NewSecrets(of)
	return p
}

// show writes an entry's path; found are the ids of the records that it named.
func (p *loggedPaths) show(e *journal.Entry, found []string) string {
	segments := strings.Split(e.Path, "/")
	shown := strings.Split(e.OwnHidden(p.hide(e.Path)), "/")
	if len(shown) != len(segments) {
		return fmt.Sprintf("<%d bytes>", len(e.Path)) // what is hidden has slashes in it
	}
	for i, segment := range segments {
		if shown[i] == segment && !p.harmless(segment) && !slices.Contains(found, segment) && !(i == 1 && segment == "~"+e.Sandbox) {
			shown[i] = fmt.Sprintf("<%d bytes>", len(segment))
		}
	}
	return strings.Join(shown, "/")
}

// harmless tells whether a segment is a word of a path, an id or at least no
// key.
func (p *loggedPaths) harmless(segment string) bool {
	if p.words[segment] {
		return true
	}
	return !p.secrets[segment] && (plainWord(segment) || slices.ContainsFunc(p.forms, func(s *ids.Spec) bool { return s.Match(segment) }))
}

// plainWord takes what a person would type: small letters, with few digits, or
// a number.
func plainWord(s string) bool {
	digits := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			digits++
		case c >= 'a' && c <= 'z' || c == '-' || c == '_' || c == '.':
		default:
			return false
		}
	}
	return len(s) <= 24 && digits <= 2 || len(s) <= 12 && digits == len(s)
}
