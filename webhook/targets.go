package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// Targets says which receivers may be called. The zero value allows every
// address but those that are nobody's receiver.
type Targets struct {
	hosts  []string // lower case; a leading dot stands for *.
	ranges []netip.Prefix
}

// ParseTargets reads a list of hosts, *.hosts, addresses and CIDR ranges. With
// an empty list everything is allowed. Its error names every entry that is none
// of these.
func ParseTargets(list []string) (*Targets, error) {
	t := &Targets{}
	var errs []error
	for i, entry := range list {
		text := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(entry), "."))
		if r, err := netip.ParsePrefix(text); err == nil {
			t.ranges = append(t.ranges, r.Masked())
			continue
		}
		if a, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
			a = a.Unmap()
			t.ranges = append(t.ranges, netip.PrefixFrom(a, a.BitLen()))
			continue
		}
		name, wild := strings.CutPrefix(text, "*.")
		if !hostName(name) {
			errs = append(errs, fmt.Errorf("entry %d, %q: write a host, *.host, an address or a CIDR range, without scheme and port", i+1, entry))
			continue
		}
		if wild {
			name = "." + name
		}
		t.hosts = append(t.hosts, name)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return t, nil
}

func hostName(s string) bool {
	return s != "" && len(s) <= 253 && strings.Trim(s, ".-") == s && strings.IndexFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_'
	}) < 0
}

// restricted tells whether there is a list to keep to.
func (t *Targets) restricted() bool { return t != nil && len(t.hosts)+len(t.ranges) > 0 }

// named tells whether a host is allowed by its name.
func (t *Targets) named(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, h := range t.hosts {
		if h == host || h[0] == '.' && strings.HasSuffix(host, h) {
			return true
		}
	}
	return false
}

// check judges an address that is about to be dialled for a host. It comes
// after the look-up of the name, so that no answer of DNS gets past it.
func (t *Targets) check(host, address string) error {
	text, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("the address %q cannot be read", address)
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return fmt.Errorf("the address %q cannot be read", address)
	}
	addr = plainAddress(addr)
	if what := never(addr); what != "" {
		return fmt.Errorf("%s is %s, which is never called", addr, what)
	}
	if !t.restricted() || t.named(host) {
		return nil
	}
	for _, r := range t.ranges {
		if r.Contains(addr) {
			return nil
		}
	}
	return fmt.Errorf("%s (%s) is not in the list of targets that webhooks may call", host, addr)
}

// translated are IPv6 addresses that a gateway turns into the IPv4 address at
// their end.
var translated = netip.MustParsePrefix("64:ff9b::/96")

// plainAddress is the address that packets will go to, without a zone.
func plainAddress(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if translated.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return a
}

// metadata is where clouds keep credentials for their machines, beside the
// link-local address.
var metadata = netip.MustParseAddr("fd00:ec2::254")

// never says why an address can be nobody's receiver, or "".
func never(a netip.Addr) string {
	switch {
	case a.IsUnspecified():
		return "no address"
	case a.IsLinkLocalUnicast() || a == metadata:
		return "a link-local address"
	case a.IsMulticast() || a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "not a single machine's address"
	}
	return ""
}
