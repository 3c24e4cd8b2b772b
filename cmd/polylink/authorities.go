package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/ca"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/ids"
)

func (a *app) caCommand() *cobra.Command {
	renew := false
	cmd := &cobra.Command{
		Use:   "ca",
		Short: "Make a local CA for https, and print the path of its certificate",
		Long: "Make ca.pem and ca-key.pem in $XDG_CONFIG_HOME/polylink, unless they are there, and print the path of ca.pem, which clients\n" +
			"are to trust. Certificates of it count for the dialects' real hosts, localhost, and addresses of this machine and of private\n" +
			"networks; for no other. It is good for a year and is not installed anywhere. polylink env NAME prints what clients need.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			f, err := a.load()
			if err != nil {
				return err
			}
			authority, err := a.authority(f.set, renew)
			if err != nil {
				return err
			}
			if missing := uncovered(authority, f.set); len(missing) > 0 {
				fmt.Fprintf(a.err, "it does not count for %s; polylink ca --renew makes one that does\n", strings.Join(missing, ", "))
			}
			fmt.Fprintln(a.out, authority.File())
			return nil
		},
	}
	cmd.Flags().BoolVar(&renew, "renew", false, "make a new one in place of the one that is there; what trusts the old one has to be told")
	return cmd
}

// home is the folder of what outlives the process and belongs to the user.
func (a *app) home() (string, error) {
	if dir, _ := a.env("XDG_CONFIG_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "polylink"), nil
	}
	for _, name := range []string{"HOME", "USERPROFILE"} {
		if dir, _ := a.env(name); filepath.IsAbs(dir) {
			return filepath.Join(dir, ".config", "polylink"), nil
		}
	}
	return "", errors.New("there is no folder for the local CA: set XDG_CONFIG_HOME or HOME to one")
}

// authority opens the local CA, and makes it where there is none.
func (a *app) authority(set *dialect.Set, renew bool) (*ca.Authority, error) {
	dir, err := a.home()
	if err != nil {
		return nil, err
	}
	return ca.Open(ca.Options{Dir: dir, Hosts: hostsOf(set), Now: clock.Real, Random: ids.Random(), Renew: renew})
}

// hostsOf lists the real hosts of all dialects.
func hostsOf(set *dialect.Set) []string {
	var out []string
	for _, d := range set.Dialects {
		out = append(out, d.Hosts...)
	}
	return out
}

// uncovered lists the real hosts that an authority has no certificates for.
func uncovered(authority *ca.Authority, set *dialect.Set) []string {
	return slices.DeleteFunc(hostsOf(set), authority.Covers)
}

// trust opens the local CA where something is to speak https.
func (p *process) trust(c *config.Config, set *dialect.Set) error {
	if !c.Forward.Enabled && len(c.TLS) == 0 {
		return nil
	}
	var err error
	if p.authority, err = p.app.authority(set, false); err != nil {
		return err
	}
	p.log.Info("https by the local CA", "certificate", p.authority.File(), "made", p.authority.Made, "expires", p.authority.Expires())
	if missing := uncovered(p.authority, set); len(missing) > 0 {
		p.log.Warn("the local CA does not count for hosts of dialects; run polylink ca --renew", "hosts", missing)
	}
	if c.Forward.Enabled && c.Forward.Others == config.OthersTunnel && !config.Loopback(c.Addr) {
		p.log.Warn("others can reach the forward proxy, and it lets them through to any host", "addr", c.Addr)
	}
	return nil
}

// ours tells whether a host is one of the dialects' that are served now.
func (p *process) ours(host string) bool { return p.server.Set().ForHost(host) != nil }
