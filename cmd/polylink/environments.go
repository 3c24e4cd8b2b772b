package main

import (
	_ "embed"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/ca"
	"github.com/polylink-dev/polylink/internal/files"
)

// preload moves Node's agents to the proxy.
//
//go:embed preload.cjs
var preload []byte

const preloadFile = "node-preload.cjs"

func (a *app) envCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "env NAME",
		Short: "Print what a client of a dialect needs in its environment to come here by the provider's real host",
		Long: "Print export lines for a shell: eval \"$(polylink env NAME)\". They lead clients in all languages through the forward proxy\n" +
			"(polylink serve --forward-proxy) and have them trust the local CA: curl, Go, Python, Ruby, PHP, Java and Node, which also\n" +
			"gets a small file to load first, since it follows no proxy by itself. The client's own options stay as they are.",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := a.load()
			if err != nil {
				return err
			}
			d, err := f.dialect(args[0])
			if err != nil {
				return err
			}
			return a.printEnvironment(f.set, d)
		},
	}
	a.flag(cmd.Flags(), "addr", "`host:port` of the running process (127.0.0.1:12121)")
	return cmd
}

func (a *app) printEnvironment(set *dialect.Set, d *dialect.Dialect) error {
	c, err := a.read()
	if err != nil {
		return err
	}
	addr := reachable(c.Addr)
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "0" {
		return usage("%s is no address to call, name that of the running process with --addr", c.Addr)
	}
	authority, err := a.authority(set, false)
	if err != nil {
		return err
	}
	for _, h := range d.Hosts {
		if !authority.Covers(h) {
			return fmt.Errorf("the local CA does not count for %s; polylink ca --renew makes one that does", h)
		}
	}
	roots := authority.File()
	if c.Forward.Others == config.OthersTunnel {
		if roots, err = bundle(authority); err != nil {
			return err
		}
	}
	vars, err := environment(authority, roots, host, port)
	if err != nil {
		return err
	}
	for _, v := range vars {
		fmt.Fprintf(a.out, "export %s=%s\n", v.name, quoted(v.value))
	}
	return nil
}

type variable struct{ name, value string }

// systemRoots is where systems keep the certificates that everybody trusts.
var systemRoots = []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"}

const bundleFile = "ca-bundle.pem"

// bundle writes the local CA's certificate and the system's into one file: most
// clients trust what is in the file that they are pointed to and nothing else,
// and where other hosts are tunnelled they have certificates of their own.
func bundle(authority *ca.Authority) (string, error) {
	data := authority.PEM()
	for _, path := range systemRoots {
		if have, err := files.Read(path, 8<<20); err == nil {
			data = append(append(data, '\n'), have...)
			break
		}
	}
	path := filepath.Join(filepath.Dir(authority.File()), bundleFile)
	return path, files.Replace(path, data, 0o644)
}

// environment writes the files that clients are pointed to, and lists the
// variables that point there. roots is what they trust.
func environment(authority *ca.Authority, roots, host, port string) ([]variable, error) {
	store, err := authority.TrustStore()
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(authority.File())
	loaded := filepath.Join(dir, preloadFile)
	if err := files.Replace(loaded, preload, 0o644); err != nil {
		return nil, err
	}
	proxy := "http://" + net.JoinHostPort(host, port)
	var out []variable
	add := func(value string, names ...string) {
		for _, name := range names {
			out = append(out, variable{name, value})
		}
	}
	add(proxy, "HTTPS_PROXY", "https_proxy")
	add(direct(host), "NO_PROXY", "no_proxy")
	add(roots, "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
	add(authority.File(), "NODE_EXTRA_CA_CERTS") // beside its own
	add("--require="+nodeQuoted(loaded), "NODE_OPTIONS")
	add(strings.Join([]string{"-Dhttps.proxyHost=" + host, "-Dhttps.proxyPort=" + port, "-Dhttp.nonProxyHosts=localhost|127.*|[::1]",
		javaQuoted("-Djavax.net.ssl.trustStore=" + store), "-Djavax.net.ssl.trustStoreType=JKS"}, " "), "JAVA_TOOL_OPTIONS")
	return out, nil
}

// direct lists the hosts that no proxy is asked for: what runs on this machine
// and, where that is another, the one that the proxy runs on.
func direct(host string) string {
	list := []string{"localhost", "127.0.0.1", "::1"}
	if ip, err := netip.ParseAddr(host); err != nil && host != "localhost" || err == nil && !ip.IsLoopback() {
		list = append(list, host)
	}
	return strings.Join(list, ",")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./\[\]-]+$`)

// quoted is a text as one word of a shell.
func quoted(s string) string {
	if plainWord.MatchString(s) && !strings.ContainsAny(s, "[]") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// nodeQuoted is a path as NODE_OPTIONS takes it.
func nodeQuoted(path string) string {
	if plainWord.MatchString(path) {
		return path
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path) + `"`
}

// javaQuoted is an option as JAVA_TOOL_OPTIONS takes it.
func javaQuoted(option string) string {
	if plainWord.MatchString(option) {
		return option
	}
	return `"` + option + `"`
}
