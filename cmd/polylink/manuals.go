package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manCommand prints the manual page, which releases bring with them.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man",
		Short:  "Print the manual page",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := io.WriteString(a.out, manual(cmd.Root()))
			return err
		},
	}
}

// exitTexts says what the exit codes mean.
var exitTexts = []string{exitOK: "success", exitFailure: "failure while running", exitUsage: "usage", exitInvalid: "invalid configuration or mapping file", exitVerify: "a verification failed", exitAddress: "address in use"}

// manual writes the page in the language of man, from what --help knows.
func manual(root *cobra.Command) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line(`.TH POLYLINK 1 "" "polylink" "polylink"`)
	line(".SH NAME\npolylink \\- %s", roff(strings.ToLower(root.Short[:1])+root.Short[1:]))
	line(".SH SYNOPSIS\n.B polylink\n[\\fIcommand\\fR] [\\fIflags\\fR]")
	line(".SH DESCRIPTION\n%s", roff(root.Long))
	line(".SH COMMANDS")
	commands(&b, root)
	line(".SS polylink completion bash|zsh|fish|powershell\nPrint a script that completes the command line in a shell.")
	line(".SH FLAGS OF ALL COMMANDS")
	flags(&b, root.PersistentFlags())
	line(".SH ENVIRONMENT\nEvery setting has a variable: POLYLINK_ADDR sets addr, POLYLINK_ADMIN_TOKEN sets admin.token. A flag wins over a variable, and that over the file.")
	line(".SH FILES\n.TP\nconfig.yaml\nThe configuration, where the current folder has one. The file of the same name in the source has every setting with its default.")
	line(".SH EXIT STATUS")
	for code, text := range exitTexts {
		line(".TP\n%d\n%s", code, roff(text))
	}
	return b.String()
}

// commands writes what the commands below one do, and those below them.
func commands(b *strings.Builder, above *cobra.Command) {
	for _, c := range above.Commands() {
		if !c.IsAvailableCommand() || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		text := c.Long
		if text == "" {
			text = c.Short + "."
		}
		fmt.Fprintf(b, ".SS %s\n%s\n", roff(c.UseLine()), roff(text))
		flags(b, c.LocalNonPersistentFlags())
		commands(b, c)
	}
}

// flags writes a list of flags.
func flags(b *strings.Builder, set *pflag.FlagSet) {
	set.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" || f.Name == "version" {
			return
		}
		kind, usage := pflag.UnquoteUsage(f)
		if kind != "" {
			kind = " \\fI" + roff(kind) + "\\fR"
		}
		fmt.Fprintf(b, ".TP\n\\fB\\-\\-%s\\fR%s\n%s\n", roff(f.Name), kind, roff(usage))
	})
}

// roff spells a text so that man takes none of it for a command of its own.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, ".") || strings.HasPrefix(l, "'") {
			lines[i] = `\&` + l
		}
	}
	return strings.Join(lines, "\n")
}
