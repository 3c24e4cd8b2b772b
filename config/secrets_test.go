package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/internal/yml"
)

const password = "hunter2-do-not-show"

func TestASecretShowsNowhere(t *testing.T) {
	t.Parallel()
	c := Default()
	c.Admin.Token = NewSecret(password)
	kept := struct{ inner Secret }{c.Admin.Token} // unexported: fmt does not ask it for its String
	shown := map[string]string{"Error": fmt.Errorf("with %v", c.Admin.Token).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10s"} {
		shown["Secret "+verb] = fmt.Sprintf(verb, c.Admin.Token)
		shown["*Secret "+verb] = fmt.Sprintf(verb, &c.Admin.Token)
		shown["Config "+verb] = fmt.Sprintf(verb, c)
		shown["unexported "+verb] = fmt.Sprintf(verb, kept)
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	shown["JSON"] = string(text)
	if text, err = yml.Encode(c.Admin); err != nil {
		t.Fatal(err)
	}
	shown["YAML"] = string(text)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", c.Admin.Token, "config", c)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", c.Admin.Token, "config", c)
	shown["slog"] = log.String()
	for how, s := range shown {
		// %x and %X of a string would be its bytes in hexadecimal.
		if strings.Contains(s, "hunter2") || strings.Contains(strings.ToLower(s), fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("%s shows it: %s", how, s)
		}
		if !strings.HasPrefix(how, "unexported") && !strings.Contains(strings.ReplaceAll(s, `\u003c`, "<"), "<secret") {
			t.Errorf("%s does not say that there is a secret: %s", how, s)
		}
	}
}

func TestAnEmptySecretIsNone(t *testing.T) {
	t.Parallel()
	s := NewSecret("")
	if s.IsSet() || s.String() != "" || s.Matches("") || !s.Equal(Secret{}) {
		t.Errorf("an empty secret is %v", s)
	}
	if s = NewSecret("x"); !s.IsSet() || !s.Matches("x") || s.Matches("y") || s.Matches("") || s.Reveal() != "x" {
		t.Error("a secret does not know itself")
	}
}

func TestNoErrorTextLeaksASecret(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		env  vars
	}{
		"a blank in it":       {"admin: {token: '" + password + " x'}", nil},
		"no such variable":    {"admin: {token: '" + password + "${NONE}'}", nil},
		"never closed":        {"admin: {token: 'a${" + password + "'}", nil},
		"a bad name":          {"admin: {token: '${" + password + "}'}", nil},
		"a list":              {"admin: {token: [" + password + "]}", nil},
		"a section":           {"admin: {token: {x: " + password + "}}", nil},
		"beside a mistake":    {"admin: {token: " + password + ", enabled: perhaps}", nil},
		"under a wrong key":   {"admin: {tokn: " + password + "}", nil},
		"as the section":      {"admin: " + password, nil},
		"a dotted key":        {"admin.token: " + password, nil},
		"as an anchor's text": {"admin: {token: &a " + password + "}", nil},
		"twice":               {"admin:\n  token: " + password + "\n  token: " + password, nil},
		"broken YAML":         {"admin: {token: \"" + password + "}", nil},
		"from a variable":     {"admin: {token: '${T}'}", vars{"T": password + "\n"}},
		"from the outside":    {"", vars{"POLYLINK_ADMIN_TOKEN": password + "\x00"}},
		"after a tab":         {"admin:\n\ttoken: " + password, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(t, c.text, c.env)
			if err == nil {
				t.Fatal("no diagnostic came")
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("it leaks: %s", err)
			}
		})
	}
}
