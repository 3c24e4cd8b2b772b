// Command polylink serves the link APIs of several providers from one process.
//
// It is the top of the house: flags, configuration, wiring and signals, and
// the only place that reaches for the real clock, the network and the process.
// Everything else is handed what it needs. It promises the exit codes below,
// that a mistake in any file is told with its line and column, and that a faulty
// set of files never replaces a running one. Start with newRoot, then
// app.serve.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/polylink-dev/polylink/internal/yml"
)

// Exit codes that scripts can rely on.
const (
	exitOK      = 0
	exitFailure = 1 // while running
	exitUsage   = 2
	exitInvalid = 3 // configuration or mapping
	exitVerify  = 4 // a verification failed
	exitAddress = 5 // address in use
)

// exitError carries an exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// invalid marks an error of configuration or mapping files.
func invalid(err error) error { return &exitError{exitInvalid, err} }

// usage marks an error of the command line.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

func main() {
	ignoreFileLimit()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr, os.LookupEnv, os.Environ()))
}

// run executes one command line and returns its exit code.
func run(args []string, stdout, stderr io.Writer, env func(string) (string, bool), environ []string) int {
	out := &output{to: stdout}
	a := &app{out: out, err: stderr, screen: stdout, env: env, environ: environ, flags: map[string]string{}}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(stderr)
	err := root.Execute()
	if err == nil && out.err != nil {
		err = &exitError{exitFailure, out.err}
	}
	if err == nil {
		return exitOK
	}
	code := exitUsage // cobra's own errors are about the command line
	if e, ok := errors.AsType[*exitError](err); ok {
		code = e.code
	}
	fmt.Fprintln(stderr, err)
	if code == exitUsage {
		fmt.Fprintln(stderr, "Run polylink --help for the commands and their flags.")
	}
	return code
}

// newRoot builds the command line.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "polylink",
		Short:         "Mock server for the link APIs of payment and onboarding providers",
		Long:          "polylink answers in the link APIs of several providers, each of which is a mapping file.\nWithout a command it serves: on 127.0.0.1:12121, with the mapping files and fixtures that are built in.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
		Args:          noCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context()) },
	}
	root.SetVersionTemplate(versionLine() + "\n")
	root.SetFlagErrorFunc(wrongFlag)
	f := root.PersistentFlags()
	f.StringVar(&a.file, "config", "", "configuration `file` (config.yaml where there is one)")
	a.flag(f, "mappings", "`folder` of mapping files instead of the built-in ones")
	a.flag(f, "fixtures", "`folder` of fixtures instead of the built-in ones")
	a.flag(f, "scenarios", "`folder` of scenarios beside the built-in ones")
	a.flag(f, "log-level", "`level`: debug, info, warn or error (info)")
	a.flag(f, "log-format", "`format`: text, json, or auto for text on a terminal (auto)")
	serve := a.serveCommand()
	root.AddCommand(serve, a.checkCommand(), a.dialectsCommand(), a.routesCommand(), a.openapiCommand(), a.translateCommand(), a.matrixCommand(), a.schemaCommand(), a.newCommand(),
		a.explainCommand(), a.tailCommand(), a.mcpCommand(), a.healthcheckCommand(), a.versionCommand(), a.caCommand(), a.envCommand(), a.driftCommand(), a.dbCommand(), a.manCommand())
	// polylink alone serves, so it takes the flags of serve.
	root.Flags().AddFlagSet(serve.Flags())
	for _, cmd := range append(root.Commands(), root) {
		cmd.RunE = failing(cmd.RunE)
	}
	return root
}

// noCommand refuses a word where a command was expected, and names the one that
// was probably meant.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() || c.Name() == "help" {
			names = append(names, c.Name())
		}
	}
	return usage("unknown command %q for %q%s", args[0], cmd.CommandPath(), yml.DidYouMean(args[0], names))
}

// wrongFlag adds the flag that was probably meant to the error of one that
// there is not.
func wrongFlag(cmd *cobra.Command, err error) error {
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return err
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	name := unknown.GetSpecifiedName()
	if near := yml.Nearest(name, names); near != "" {
		return usage("unknown flag: --%s, did you mean --%s", name, near)
	}
	return err
}

// failing gives the errors that a command returns without an exit code that of
// a failure while running.
func failing(run func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := run(cmd, args)
		if _, coded := errors.AsType[*exitError](err); err == nil || coded {
			return err
		}
		return &exitError{exitFailure, err}
	}
}
