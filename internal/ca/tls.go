package ca

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Named is a connection that knows which host its client asked for.
type Named interface{ AskedFor() string }

// TLS is a server's configuration with certificates of the authority: for the
// name that the client asks for in its hello, or else for the host that it
// asked a proxy for, or the address that it called. issues tells which names
// there are certificates for, beside localhost and names under it.
func (a *Authority) TLS(issues func(host string) bool) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			host := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
			if named, ok := hello.Conn.(Named); ok && host == "" {
				host = named.AskedFor()
			}
			if host == "" {
				host, _, _ = net.SplitHostPort(hello.Conn.LocalAddr().String())
				addr, err := netip.ParseAddr(host)
				if err == nil {
					host = addr.Unmap().WithZone("").String()
				}
			}
			if _, err := netip.ParseAddr(host); err != nil && host != "localhost" && !strings.HasSuffix(host, ".localhost") && !issues(host) {
				return nil, fmt.Errorf("there is no certificate for %q: it is no host of a dialect", host)
			}
			return a.Certificate(host)
		},
	}
}
