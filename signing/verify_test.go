package signing

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestWhatIsSignedIsVerified(t *testing.T) {
	t.Parallel()
	for name, c := range schemes() {
		if strings.Contains(c.scheme.text, "timestamp") && !strings.Contains(fmt.Sprint(c.scheme.headers), "{timestamp") {
			continue // the receiver is never told what was signed
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			style := &Style{Signature: c.scheme.build(t), Headers: []Header{{"X-Kind", tmpl(t, "{event}", HeaderNames)}}}
			secret := c.secrets[0]
			m := Message{Secrets: []string{secret}, Time: signedAt, ID: "evt_1", Event: "link.created", Delivery: "dlv_1", Attempt: 2, URL: hookURL, Body: []byte(bodyText)}
			for _, wrong := range []bool{false, true} {
				m.Wrong = wrong
				req, err := style.Request(m)
				if err != nil {
					t.Fatal(err)
				}
				in := Received{URL: hookURL, Header: req.Header, Body: req.Body}
				told, err := style.Verify(in, []string{secret}, signedAt.Add(time.Minute), 5*time.Minute)
				if wrong != errors.Is(err, ErrSignature) {
					t.Errorf("signed wrongly %t: %v", wrong, err)
				}
				if !wrong && told.Event != "link.created" {
					t.Errorf("the event is %q", told.Event)
				}
				if wrong {
					continue
				}
				if _, err := style.Verify(in, nil, signedAt, 0); !errors.Is(err, ErrSignature) {
					t.Errorf("without a secret: %v", err)
				}
				if !told.Time.IsZero() {
					if _, err := style.Verify(in, []string{secret}, signedAt.Add(6*time.Minute), 5*time.Minute); !errors.Is(err, ErrSignature) {
						t.Errorf("an old one: %v", err)
					}
				}
			}
		})
	}
}

func TestVerifyTakesAnySecretThatSigned(t *testing.T) {
	t.Parallel()
	style := &Style{Signature: &Signature{Algorithm: HMACSHA256, Text: tmpl(t, "{timestamp}.{body}", SignedNames), Each: tmpl(t, "v1={signature}", EachNames), Join: ",",
		Headers: []Header{{"X-Sig", tmpl(t, "t={timestamp},{signatures}", HeaderNames)}}}}
	req, err := style.Request(Message{Secrets: []string{"new", "old"}, Time: signedAt, Body: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	in := Received{Header: req.Header, Body: req.Body}
	for _, secrets := range [][]string{{"new"}, {"old"}, {"other", "old"}} {
		if _, err := style.Verify(in, secrets, signedAt, time.Minute); err != nil {
			t.Errorf("%v: %v", secrets, err)
		}
	}
	for name, h := range map[string]string{"none": "", "another form": "v1=abc", "no signature": "t=1,"} {
		in.Header = http.Header{"X-Sig": {h}}
		if _, err := style.Verify(in, []string{"new"}, signedAt, 0); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (&Style{}).Verify(in, nil, signedAt, time.Minute); err != nil {
		t.Errorf("a style that signs nothing: %v", err)
	}
}
