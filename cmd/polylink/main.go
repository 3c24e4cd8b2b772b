// Command polylink serves the link APIs of several providers from one process.
//
// It is the top of the house: flags, configuration, wiring and signals, and
// the only place that reaches for the real clock, the network and the process.
// Everything else is handed what it needs. Start with newRoot, then serve.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"polylink/config"
	"polylink/internal/yml"
)

// Exit codes that scripts can rely on.
const (
	exitOK       = 0
	exitFailure  = 1 // while running
	exitUsage    = 2
	exitInvalid  = 3 // configuration or mapping
	exitVerify   = 4 // a verification failed
	exitAddress  = 5 // address in use
	versionKnown = "(devel)"
)

// exitError carries an exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, os.LookupEnv)) }

// run executes one command line and returns its exit code.
func run(args []string, stdout, stderr io.Writer, env func(string) (string, bool)) int {
	root := newRoot(&app{out: stdout, err: stderr, env: env})
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	if err == nil {
		return exitOK
	}
	code := exitUsage
	if e, ok := errors.AsType[*exitError](err); ok {
		code = e.code
	}
	fmt.Fprintln(stderr, err)
	if code == exitUsage {
		fmt.Fprintln(stderr, "Run polylink --help for the commands and their flags.")
	}
	return code
}

// app is what the commands share.
type app struct {
	out, err io.Writer
	env      func(string) (string, bool)
	file     string            // --config
	flags    map[string]string // configuration keys set by flags
}

// newRoot builds the command line.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "polylink",
		Short:         "Mock server and compatibility proxy for the link APIs of payment and onboarding providers",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return a.serve(cmd) },
	}
	a.flags = map[string]string{}
	f := root.PersistentFlags()
	f.StringVar(&a.file, "config", "", "configuration file (config.yaml where it exists)")
	a.flag(root, "mappings", "mappings", "folder of dialect files to use instead of the built-in ones")
	a.flag(root, "fixtures", "fixtures", "folder of fixtures to use instead of the built-in ones")
	a.flag(root, "log-level", "log.level", "debug, info, warn or error")
	serve := a.serveCommand()
	root.AddCommand(serve, a.checkCommand(), a.dialectsCommand(), a.routesCommand(), a.healthcheckCommand(), a.versionCommand())
	// polylink alone serves, so it takes the flags of serve.
	root.Flags().AddFlagSet(serve.Flags())
	return root
}

// flag binds a flag to a configuration key.
func (a *app) flag(cmd *cobra.Command, name, key, usage string) {
	cmd.PersistentFlags().Var(&setting{a: a, key: key}, name, usage)
}

// setting is a flag that overrides a configuration key.
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

// config loads the configuration: flags over environment over file.
func (a *app) config() (config.Config, error) {
	c, err := config.Load(a.file, a.env)
	if err != nil {
		return c, invalid(err)
	}
	for key, value := range a.flags {
		if err := c.Set(key, value); err != nil {
			return c, &exitError{exitUsage, err}
		}
	}
	if err := c.Validate(); err != nil {
		return c, invalid(err)
	}
	return c, nil
}

// invalid marks an error of configuration or mapping files.
func invalid(err error) error {
	if _, ok := errors.AsType[yml.Faults](err); ok {
		return &exitError{exitInvalid, err}
	}
	return &exitError{exitInvalid, err}
}

// version is the module's version, or the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != versionKnown {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(12, len(s.Value))]
		}
	}
	return "devel"
}
