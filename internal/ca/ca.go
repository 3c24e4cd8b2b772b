// Package ca is a local certificate authority: it lets clients whose host is
// fixed speak https with this process.
//
// It stands beside the listeners. An Authority is two files in a folder of the
// user's: a certificate that clients are told to trust, and its key, which
// only the user may read. It promises certificates that Go, OpenSSL, Node, Java
// and browsers take: ECDSA P-256, names as alternative names alone. It limits
// itself: critical name constraints keep whoever steals the key to the hosts
// that the authority was made for, and to addresses of this machine and of
// private networks. It installs itself nowhere. Start with Open, then
// Authority.Certificate.
package ca

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/polylink-dev/polylink/internal/files"
)

// The files of an authority in its folder.
const (
	certFile = "ca.pem"
	keyFile  = "ca-key.pem"
)

const (
	life    = 365 * 24 * time.Hour // of an authority
	early   = time.Hour            // a certificate counts from before it was made: clocks differ
	maxFile = 64 << 10
)

// local are the networks that certificates may be for: those that nobody
// reaches over the internet.
var local = []string{"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"}

// Options are what an authority is opened with.
type Options struct {
	Dir    string           // folder of the files
	Hosts  []string         // names that certificates are for, beside localhost and names under it
	Now    func() time.Time // real time
	Random io.Reader
	Renew  bool // make a new one in place of the one that is there
}

// Authority issues certificates. It is safe for concurrent use.
type Authority struct {
	Made bool // by this Open; false where the files were there

	opts  Options
	cert  *x509.Certificate
	key   *ecdsa.PrivateKey
	roots *x509.CertPool

	mu     sync.Mutex
	leaf   *ecdsa.PrivateKey // of all certificates
	issued map[string]*tls.Certificate
}

// Open takes the authority of a folder, and makes one where there is none or
// where it has run out.
func Open(opts Options) (*Authority, error) {
	a := &Authority{opts: opts, issued: map[string]*tls.Certificate{}}
	if opts.Renew {
		for _, path := range []string{a.File(), a.keyFile()} {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
	}
	err := a.load()
	if err == nil && !opts.Now().Before(a.cert.NotAfter) {
		err = os.Remove(a.File())
		if err == nil {
			err = fs.ErrNotExist
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		if err := a.make(); err != nil {
			return nil, fmt.Errorf("make a local CA in %s: %w", opts.Dir, err)
		}
		a.Made = true
		err = a.load() // what somebody else made meanwhile counts as well
	}
	if err != nil {
		return nil, err
	}
	if a.leaf, err = ecdsa.GenerateKey(elliptic.P256(), opts.Random); err != nil {
		return nil, err
	}
	a.roots = x509.NewCertPool()
	a.roots.AddCert(a.cert)
	return a, nil
}

// File is the path of the certificate that clients are to trust.
func (a *Authority) File() string { return filepath.Join(a.opts.Dir, certFile) }

func (a *Authority) keyFile() string { return filepath.Join(a.opts.Dir, keyFile) }

// Expires is when it runs out.
func (a *Authority) Expires() time.Time { return a.cert.NotAfter }

// PEM is the certificate as its file has it.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Roots is a pool of this authority alone.
func (a *Authority) Roots() *x509.CertPool { return a.roots }

// again is what to do about files that are no authority.
const again = "; remove both files, and polylink ca makes new ones"

// load reads both files. Its errors never hold what is in the key's.
func (a *Authority) load() error {
	text, err := files.Read(a.File(), maxFile)
	if err != nil {
		return err
	}
	key, err := a.loadKey()
	if err != nil {
		return err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return fmt.Errorf("%s holds no certificate%s", a.File(), again)
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return fmt.Errorf("%s holds no certificate%s", a.File(), again)
	}
	if !key.PublicKey.Equal(cert.PublicKey) || !cert.IsCA {
		return fmt.Errorf("%s is not the key of %s%s", a.keyFile(), a.File(), again)
	}
	a.cert, a.key = cert, key
	return nil
}

func (a *Authority) loadKey() (*ecdsa.PrivateKey, error) {
	text, err := files.Read(a.keyFile(), maxFile)
	if err != nil {
		return nil, err
	}
	if block, _ := pem.Decode(text); block != nil {
		parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		if key, ok := parsed.(*ecdsa.PrivateKey); err == nil && ok {
			return key, nil
		}
	}
	return nil, fmt.Errorf("%s holds no key of an authority%s", a.keyFile(), again)
}

// make makes what is missing of an authority. Of several processes that do so
// at once the first one's key counts, and the certificates that they make of it
// are as good as each other.
func (a *Authority) make() error {
	if err := os.MkdirAll(a.opts.Dir, 0o700); err != nil {
		return err
	}
	if err := a.makeKey(); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	key, err := a.loadKey()
	if err != nil {
		return err
	}
	serial, err := a.serial()
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	digest, now := sha256.Sum256(public), a.opts.Now()
	template := &x509.Certificate{
		SerialNumber: serial,
		// What is of the key tells one authority from the next, which a trust store would mix up.
		Subject:   pkix.Name{Organization: []string{"polylink"}, CommonName: "polylink local CA " + hex.EncodeToString(digest[:4])},
		NotBefore: now.Add(-early), NotAfter: now.Add(life),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:     true, BasicConstraintsValid: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         append(slices.Clone(a.opts.Hosts), "localhost"),
	}
	for _, text := range local {
		_, network, err := net.ParseCIDR(text)
		if err != nil {
			return err
		}
		template.PermittedIPRanges = append(template.PermittedIPRanges, network)
	}
	der, err := x509.CreateCertificate(a.opts.Random, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	return files.Replace(a.File(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
}

func (a *Authority) makeKey() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), a.opts.Random)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return files.Create(a.keyFile(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}

// serial makes a number of 127 random bits, the first of them set.
func (a *Authority) serial() (*big.Int, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(a.opts.Random, b); err != nil {
		return nil, err
	}
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b), nil
}

// Covers tells whether certificates of the authority count for a name or an
// address.
func (a *Authority) Covers(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		ip := net.IP(addr.Unmap().AsSlice())
		return slices.ContainsFunc(a.cert.PermittedIPRanges, func(n *net.IPNet) bool { return n.Contains(ip) })
	}
	return slices.ContainsFunc(a.cert.PermittedDNSDomains, func(d string) bool {
		return host == d || strings.HasSuffix(host, "."+d)
	})
}

// Certificate returns a certificate for a name or an address. It is an error
// where the authority does not cover it.
func (a *Authority) Certificate(host string) (*tls.Certificate, error) {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if !a.Covers(host) {
		return nil, fmt.Errorf("the local CA has no certificate for %q", host)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.issued[host]; c != nil {
		return c, nil
	}
	c, err := a.issue(host)
	if err != nil {
		return nil, err
	}
	if len(a.issued) >= mostIssued {
		clear(a.issued)
	}
	a.issued[host] = c
	return c, nil
}

// mostIssued is how many certificates are kept: there are few hosts, and many
// names under localhost.
const mostIssued = 1000

func (a *Authority) issue(host string) (*tls.Certificate, error) {
	serial, err := a.serial()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		// Not the authority's subject, and not the host: that is an alternative name.
		Subject:   pkix.Name{Organization: []string{"polylink"}, CommonName: "polylink"},
		NotBefore: a.cert.NotBefore, NotAfter: a.cert.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(a.opts.Random, template, a.cert, a.leaf.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: a.leaf}, nil
}
