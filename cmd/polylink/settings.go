package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/polylink-dev/polylink/config"
)

// app is what the commands share.
type app struct {
	out, err io.Writer
	screen   io.Writer // where out leads to
	env      func(string) (string, bool)
	environ  []string          // all of it, NAME=value
	file     string            // --config
	flags    map[string]string // configuration keys set by flags
	unknown  []string          // variables that look like settings and are none
	ports    bool              // every dialect has a port of its own
	untilEOF bool              // standard input ends the server
}

// flagKeys are the keys of the configuration that have a flag.
var flagKeys = map[string]string{
	"addr":       "addr",
	"mappings":   "mappings",
	"fixtures":   "fixtures",
	"scenarios":  "scenarios",
	"no-admin":   "admin.enabled",
	"quiet":      "log.requests",
	"log-level":  "log.level",
	"log-format": "log.format",
	"store":      "store",

	"forward-proxy": "forward_proxy.enabled",
}

// flag adds the flag of a configuration key to a set of flags.
func (a *app) flag(to *pflag.FlagSet, name, usage string) {
	to.Var(&setting{a, flagKeys[name]}, name, usage)
}

// setting is a flag that overrides a configuration key. What it may hold is
// the configuration's to judge.
type setting struct {
	a   *app
	key string
}

func (s *setting) String() string {
	if s.a == nil {
		return ""
	}
	return s.a.flags[s.key]
}

func (s *setting) Set(v string) error {
	s.a.flags[s.key] = v
	return nil
}

func (s *setting) Type() string { return "string" }

// off adds a flag that switches a configuration key off.
func (a *app) off(to *pflag.FlagSet, name, usage string) { a.toggle(to, name, usage, "off", "on") }

// on adds a flag that switches a configuration key on.
func (a *app) on(to *pflag.FlagSet, name, usage string) { a.toggle(to, name, usage, "on", "off") }

func (a *app) toggle(to *pflag.FlagSet, name, usage, yes, no string) {
	to.BoolFunc(name, usage, func(value string) error {
		given, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("write --%s alone, or with true or false", name)
		}
		a.flags[flagKeys[name]] = map[bool]string{true: yes, false: no}[given]
		return nil
	})
}

// configFile is the file that is read, whether it is there or not.
func (a *app) configFile() string {
	if a.file == "" {
		return config.DefaultFile
	}
	return a.file
}

// config loads the configuration for a command that answers and ends. It warns
// of variables that look like settings.
func (a *app) config() (config.Config, error) {
	c, err := a.read()
	for _, name := range a.unknown {
		fmt.Fprintf(a.err, "%s is ignored: %s\n", name, noSetting)
	}
	return c, err
}

// noSetting is said of a variable that looks like a setting.
const noSetting = "there is no such setting, config.yaml has them all"

// read loads the configuration: flags over environment over file. What is
// wrong with a flag is an error of usage.
func (a *app) read() (config.Config, error) {
	c, err := config.Load(a.file, a.env)
	mistakes, unknown := config.Variables(a.environ)
	if more, ok := errors.AsType[config.Diagnostics](err); ok {
		mistakes = append(more, mistakes...)
	} else if err != nil {
		return c, err
	}
	if err := mistakes.Err(); err != nil {
		return c, invalid(err)
	}
	a.unknown = unknown
	var wrong config.Diagnostics
	for _, key := range slices.Sorted(maps.Keys(a.flags)) {
		if err := c.Set(key, a.flags[key]); err != nil {
			d, ok := errors.AsType[config.Diagnostic](err)
			if !ok {
				return c, err
			}
			wrong = append(wrong, d)
		}
	}
	// A value that could not be set is as it was, so the rest can be judged too.
	if err := c.Validate(); err != nil {
		more, ok := errors.AsType[config.Diagnostics](err)
		if !ok {
			return c, err
		}
		wrong = append(wrong, more...)
	}
	if len(wrong) == 0 {
		return c, nil
	}
	usage := false
	for i, d := range wrong {
		wrong[i].Key = a.flagOf(d.Key)
		usage = usage || wrong[i].Key != d.Key
	}
	if !usage { // a setting that does not go with a flag
		return c, invalid(wrong)
	}
	return c, &exitError{exitUsage, wrong}
}

// flagOf names a key as its flag where one set it.
func (a *app) flagOf(key string) string {
	for name, k := range flagKeys {
		if _, set := a.flags[key]; k == key && set {
			return "--" + name
		}
	}
	return key
}
