package signing

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// FuzzDelivery signs bodies in every scheme. Nobody else's
// signature is taken, whatever the body, and nothing that comes from outside is
// more than refused.
func FuzzDelivery(f *testing.F) {
	for _, body := range []string{bodyText, "", "{}", `{"id":1,"id":2}`, "\xff\x00", `{"signature":"x"}`, "[", `"\ud800"`} {
		f.Add([]byte(body), "a secret", "t=1,v1=00")
	}
	all := schemes()
	f.Fuzz(func(t *testing.T, body []byte, secret, header string) {
		for name, c := range all {
			style := &Style{Signature: c.scheme.build(t)}
			m := Message{Secrets: []string{secret}, Time: signedAt, ID: "evt_1", Event: "link.created", Delivery: "dlv_1", Attempt: 1, URL: hookURL, Body: body}
			hostile := Received{URL: hookURL, Header: map[string][]string{}, Body: body}
			for _, h := range style.Signature.Headers {
				hostile.Header.Set(h.Name, header)
			}
			if _, err := style.Verify(hostile, []string{"another secret"}, signedAt, time.Minute); err == nil && !strings.Contains(header, "another secret") {
				t.Fatalf("%s: %q is taken for a signature", name, header)
			}
			req, err := style.Request(m)
			if err != nil {
				continue // the secret is none, or the body has no members to sign
			}
			in := Received{URL: hookURL, Header: req.Header, Body: req.Body}
			if _, err := style.Verify(in, []string{secret}, signedAt, time.Minute); err != nil && !errors.Is(err, ErrSignature) {
				t.Fatalf("%s: %v", name, err)
			}
			if strings.TrimRight(secret, "\x00") == "another secret" { // HMAC takes both for one key
				continue
			}
			if _, err := style.Verify(in, []string{"another secret"}, signedAt, time.Minute); !errors.Is(err, ErrSignature) {
				t.Fatalf("%s: signed with %q and taken for another secret: %v", name, secret, err)
			}
		}
	})
}
