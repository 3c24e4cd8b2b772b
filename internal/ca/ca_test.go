package ca

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/internal/ids"
)

func options(dir string) Options {
	return Options{Dir: dir, Hosts: []string{"api.acme.example", "api.other.example"}, Now: time.Now, Random: ids.Random()}
}

func open(t *testing.T, opts Options) *Authority {
	t.Helper()
	a, err := Open(opts)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// leaf is the parsed certificate for a host, which the authority's roots must
// take for it.
func leaf(t *testing.T, a *Authority, host string) *x509.Certificate {
	t.Helper()
	c, err := a.Certificate(host)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parsed.Verify(x509.VerifyOptions{Roots: a.Roots(), DNSName: host}); err != nil {
		t.Errorf("%s: %v", host, err)
	}
	return parsed
}

func TestAnAuthorityIsKeptAndItsKeyIsItsUsers(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not", "yet")
	first := open(t, options(dir))
	again := open(t, options(dir))
	if !first.Made || again.Made || string(first.PEM()) != string(again.PEM()) {
		t.Errorf("made %v and then %v, want it made once", first.Made, again.Made)
	}
	info, err := os.Stat(filepath.Join(dir, keyFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v, %v", info.Mode(), err)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".*"))
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	renew := options(dir)
	renew.Renew = true
	if third := open(t, renew); string(third.PEM()) == string(first.PEM()) || third.cert.Subject.CommonName == first.cert.Subject.CommonName {
		t.Error("the new one is the old one")
	}
}

func TestAnAuthorityThatHasRunOutIsReplaced(t *testing.T) {
	t.Parallel()
	opts := options(t.TempDir())
	opts.Now = func() time.Time { return time.Now().Add(-2 * life) }
	old := open(t, opts)
	opts.Now = time.Now
	if a := open(t, opts); !a.Made || !a.Expires().After(old.Expires()) {
		t.Errorf("made %v, good until %v", a.Made, a.Expires())
	}
}

func TestSeveralProcessesMakeOneAuthority(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := Open(options(dir)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	leaf(t, open(t, options(dir)), "api.acme.example")
}

func TestCertificatesAreWhatEveryClientTakes(t *testing.T) {
	t.Parallel()
	a := open(t, options(t.TempDir()))
	for _, host := range []string{"api.acme.example", "localhost", "acme.localhost", "127.0.0.1", "::1", "10.1.2.3"} {
		c := leaf(t, a, host)
		if c.Subject.CommonName == host || c.Subject.String() == c.Issuer.String() || c.KeyUsage != x509.KeyUsageDigitalSignature || c.IsCA {
			t.Errorf("%s: subject %s, issuer %s, usage %b", host, c.Subject, c.Issuer, c.KeyUsage)
		}
	}
	for _, host := range []string{"api.stranger.example", "example", "acme.example", "8.8.8.8", "", "localhost.example"} {
		if _, err := a.Certificate(host); err == nil {
			t.Errorf("there is a certificate for %q", host)
		}
	}
	if first, _ := a.Certificate("LocalHost."); first != a.issued["localhost"] {
		t.Error("a certificate is made twice")
	}
}

// TestTheConstraintsHoldAgainstTheKeysThief signs for a foreign host with the
// authority's own key.
func TestTheConstraintsHoldAgainstTheKeysThief(t *testing.T) {
	t.Parallel()
	a := open(t, options(t.TempDir()))
	for _, host := range []string{"bank.example", "8.8.8.8"} {
		c, err := a.issue(host)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := x509.ParseCertificate(c.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		_, err = parsed.Verify(x509.VerifyOptions{Roots: a.Roots(), DNSName: host})
		if e, ok := errors.AsType[x509.CertificateInvalidError](err); !ok || e.Reason != x509.CANotAuthorizedForThisName {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestFilesThatAreNoAuthorityAreToldWithoutTheirContent(t *testing.T) {
	t.Parallel()
	other := t.TempDir()
	open(t, options(other))
	for name, spoil := range map[string]func(dir string) error{
		"no certificate": func(dir string) error { return os.WriteFile(filepath.Join(dir, certFile), []byte("s3cret"), 0o600) },
		"no key":         func(dir string) error { return os.WriteFile(filepath.Join(dir, keyFile), []byte("s3cret"), 0o600) },
		"another key": func(dir string) error {
			return os.Rename(filepath.Join(other, keyFile), filepath.Join(dir, keyFile))
		},
	} {
		dir := t.TempDir()
		open(t, options(dir))
		if err := spoil(dir); err != nil {
			t.Fatal(err)
		}
		_, err := Open(options(dir))
		if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), again) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// asked is a connection whose client asked a proxy for a host.
type asked struct{ net.Conn }

func (asked) AskedFor() string { return "api.acme.example" }
func (asked) LocalAddr() net.Addr {
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443}
}

// plain is a connection to an address.
type plain struct{ net.Conn }

func (plain) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

func TestTheHelloChoosesTheCertificate(t *testing.T) {
	t.Parallel()
	a := open(t, options(t.TempDir()))
	config := a.TLS(func(host string) bool { return host == "api.acme.example" })
	for name, c := range map[string]struct {
		hello tls.ClientHelloInfo
		want  string // "" is a refusal
	}{
		"a host":            {tls.ClientHelloInfo{ServerName: "API.acme.example", Conn: plain{}}, "api.acme.example"},
		"a name here":       {tls.ClientHelloInfo{ServerName: "acme.localhost", Conn: plain{}}, "acme.localhost"},
		"no name":           {tls.ClientHelloInfo{Conn: plain{}}, "127.0.0.1"},
		"asked of a proxy":  {tls.ClientHelloInfo{Conn: asked{}}, "api.acme.example"},
		"no longer served":  {tls.ClientHelloInfo{ServerName: "api.other.example", Conn: plain{}}, ""},
		"a stranger's host": {tls.ClientHelloInfo{ServerName: "bank.example", Conn: plain{}}, ""},
	} {
		got, err := config.GetCertificate(&c.hello)
		if (err != nil) != (c.want == "") || c.want != "" && got != a.issued[c.want] {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOtherProgramsTakeTheFiles asks OpenSSL and Java's keytool, where they
// are.
func TestOtherProgramsTakeTheFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := open(t, options(dir))
	store, err := a.TrustStore()
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, line := range [][]string{
		{"openssl", "verify", "-x509_strict", "-CAfile", a.File(), a.File()},
		{"keytool", "-list", "-keystore", store, "-storepass", StorePassword},
	} {
		if _, err := exec.LookPath(line[0]); err != nil {
			continue
		}
		ran++
		out, err := exec.Command(line[0], line[1:]...).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", strings.Join(line, " "), err, out)
		}
	}
	t.Logf("%d programs were asked", ran)
}
