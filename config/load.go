package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/files"
	"github.com/polylink-dev/polylink/internal/yml"
)

// Load reads a file over the defaults and the environment over the file. With
// path "" it reads DefaultFile if that is there; a file that was named must be
// there. env is os.LookupEnv, or a test's; an empty variable counts as unset.
// Its error is a Diagnostics.
func Load(path string, env func(string) (string, bool)) (Config, error) {
	named := path != ""
	if !named {
		path = DefaultFile
	}
	data, err := files.Read(path, yml.MaxSize)
	if err != nil && (named || !errors.Is(err, fs.ErrNotExist)) {
		return Config{}, Diagnostics{diagnosticOf(yml.Unreadable(path, err))}
	}
	l := loader{c: Default(), file: path, env: env, places: map[string]place{}}
	root, diagnostics := yml.Parse(path, unbraced(data))
	braced(root)
	for _, f := range diagnostics {
		l.found = append(l.found, diagnosticOf(f))
	}
	if root != nil && !yml.IsNull(root) {
		l.section("", root)
	}
	l.environment()
	l.found = append(l.found, l.c.check(l.places)...)
	if err := l.found.Err(); err != nil {
		return Config{}, err
	}
	return l.c, nil
}

// loader walks the file's nodes and remembers where each key was set.
type loader struct {
	c      Config
	file   string
	env    func(string) (string, bool)
	places map[string]place
	found  Diagnostics
}

func (l *loader) add(n *yml.Node, key, format string, args ...any) {
	l.found = append(l.found, place{l.file, n, key}.diagnostic(format, args...))
}

// section reads a mapping of our own words.
func (l *loader) section(name string, n *yml.Node) {
	if yml.IsNull(n) {
		return // a section whose every line is commented out
	}
	known := words(name)
	if n.Kind != yml.Mapping {
		l.add(n, name, "a section was expected here, write its keys below it, indented: %s", alternatives(known))
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		key := k.Value
		if name != "" {
			key = name + "." + k.Value
		}
		switch {
		case !slices.Contains(known, k.Value):
			l.unknown(k, key, known)
		case key == keyListen:
			l.listen(v)
		case key == keyDialects:
			l.dialects(v)
		case key == keyUpstreams:
			l.upstreams(v)
		case key == keyEndpoints:
			l.endpoints(v)
		case find(key) != nil:
			l.scalar(find(key), v)
		default:
			l.section(key, v)
		}
	}
}

func (l *loader) unknown(k *yml.Node, key string, known []string) {
	if section, word, dotted := strings.Cut(k.Value, "."); dotted && find(k.Value) != nil {
		l.add(k, "", "key %q is written as a section, write %s: {%s: …}", key, section, word)
		return
	}
	hint := yml.DidYouMean(k.Value, known)
	if hint == "" {
		hint = ", write one of " + alternatives(known)
	}
	l.add(k, "", "unknown key %q%s", key, hint)
}

// scalar reads the value of one key.
func (l *loader) scalar(s *setting, v *yml.Node) {
	at := place{l.file, v, s.key}
	l.places[s.key] = at
	switch {
	case s.list && v.Kind == yml.Sequence:
		l.list(s, v)
		return
	case v.Kind != yml.Scalar:
		l.found = append(l.found, at.diagnostic("one value was expected here, not a list or a section"))
		return
	case yml.IsNull(v):
		l.found = append(l.found, at.diagnostic("there is no value, write one or remove the line"))
		return
	}
	value := v.Value
	if s.secret {
		var msgs []string
		if value, msgs = l.expand(value); len(msgs) > 0 {
			for _, m := range msgs {
				l.found = append(l.found, at.diagnostic("%s", m))
			}
			return
		}
	} else if strings.Contains(value, "${") {
		l.found = append(l.found, at.diagnostic("${…} is replaced in secrets only, set %s instead", EnvName(s.key)))
		return
	}
	if err := s.set(&l.c, value); err != nil {
		l.found = append(l.found, at.diagnostic("%s", err))
		return
	}
	if s.at != nil && value != "" {
		*s.at(&l.c) = Place{l.file, v.Line, v.Column}
	}
}

var named = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// unbraced hides the braces of ${NAME} from YAML, for which they would begin a
// map inside of {…}. The places of everything stay.
func unbraced(data []byte) []byte {
	return named.ReplaceAll(data, []byte("$$\uE000${1}\uE001"))
}

// braced gives them back.
func braced(n *yml.Node) {
	if n == nil {
		return
	}
	if strings.Contains(n.Value, "\uE000") {
		n.Value = strings.NewReplacer("\uE000", "{", "\uE001", "}").Replace(n.Value)
	}
	for _, child := range n.Content {
		braced(child)
	}
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}?`)
var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand replaces each ${NAME} of a secret. Its messages never hold a text
// that could be part of one.
func (l *loader) expand(text string) (string, []string) {
	var msgs []string
	out := variable.ReplaceAllStringFunc(text, func(m string) string {
		name, closed := strings.CutSuffix(strings.TrimPrefix(m, "${"), "}")
		if !closed || !variableName.MatchString(name) {
			msgs = append(msgs, "${ does not begin the name of an environment variable, write ${NAME}")
			return ""
		}
		value, ok := l.env(name)
		if !ok {
			msgs = append(msgs, fmt.Sprintf("environment variable %s is not set, set it or write the value", name))
		}
		return value
	})
	return out, msgs
}

var (
	dialectName  = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)
	overridePath = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
)

// dialects reads the overrides; what they mean is the compiler's to judge.
func (l *loader) dialects(n *yml.Node) {
	l.eachDialect(n, keyDialects, func(key string, k, v *yml.Node) {
		switch {
		case yml.IsNull(v):
		case v.Kind != yml.Mapping:
			l.add(v, key, "a map was expected here, write path: value lines below it, such as auth.strict: true")
		default:
			l.overrides(k.Value, v)
		}
	})
}

// eachDialect reads a map whose keys are names of dialects.
func (l *loader) eachDialect(n *yml.Node, section string, do func(key string, k, v *yml.Node)) {
	if yml.IsNull(n) {
		return
	}
	if n.Kind != yml.Mapping {
		l.add(n, section, "a map was expected here, write the dialects' names below it, indented")
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if !dialectName.MatchString(k.Value) {
			l.add(k, "", "%q is no dialect's name, write one of a-z, 0-9, _ and -", k.Value)
			continue
		}
		do(section+"."+k.Value, k, v)
	}
}

func (l *loader) overrides(dialect string, n *yml.Node) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		key := keyDialects + "." + dialect + "." + k.Value
		switch {
		case !overridePath.MatchString(k.Value):
			l.add(k, "", "%q is no path into a dialect's file, write words with dots between them, such as auth.strict", k.Value)
		case yml.IsNull(v):
			l.add(v, key, "there is no value, write one or remove the line")
		case k.Value == "cors" || k.Value == keyOrigins:
			l.cors(dialect, corsKey(dialect), v)
		case v.Kind == yml.Mapping:
			path := k.Value
			if len(v.Content) > 0 {
				path += "." + v.Content[0].Value
			}
			l.add(k, key, "one value or a list was expected here, write the whole path with dots, such as %s: …", path)
		default:
			l.c.Dialects = append(l.c.Dialects, Override{dialect, k.Value, v, l.file, v.Line, v.Column})
		}
	}
}

// environment reads POLYLINK_* over what the file said.
func (l *loader) environment() {
	for _, key := range Keys() {
		name := EnvName(key)
		value, ok := l.env(name)
		if !ok || value == "" {
			continue
		}
		if key == keyListen { // it replaces the whole map
			maps.DeleteFunc(l.places, func(k string, _ place) bool { return strings.HasPrefix(k, keyListen) })
		}
		at := place{key: name}
		l.places[key] = at
		if err := l.c.set(key, value); err != nil {
			l.found = append(l.found, at.diagnostic("%s", err))
		}
	}
}
