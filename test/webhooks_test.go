package test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/polylink-dev/polylink/polylinktest"
)

// mac is what a receiver computes by itself: nothing here is shared with the
// code that signs.
func mac(secret, text string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// stamped takes "t=…,v1=…[,v1=…]" apart.
func stamped(header string) (at string, signatures []string) {
	for _, part := range strings.Split(header, ",") {
		if name, value, _ := strings.Cut(part, "="); name == "t" {
			at = value
		} else if name == "v1" {
			signatures = append(signatures, value)
		}
	}
	return at, signatures
}

// recent tells whether a time is one that receivers take.
func recent(at string) bool {
	n, err := strconv.ParseInt(at, 10, 64)
	return err == nil && time.Since(time.Unix(n, 0)).Abs() < 5*time.Minute
}

// verifiers are those of the providers' documents, retyped.
var verifiers = map[string]struct {
	event, id string
	verify    func(h http.Header, body []byte, secret string) error
}{
	"katu9": {"payment_link.created", "497f6eca-6276-4993-bfeb-53cbbbba6f08", func(h http.Header, body []byte, secret string) error {
		var in struct{ Event string }
		switch err := json.Unmarshal(body, &in); {
		case h.Get("X-Katu9-Signature") != mac(secret, string(body)):
			return errors.New("X-Katu9-Signature")
		case err != nil || h.Get("X-Webhook-Event") != in.Event:
			return fmt.Errorf("X-Webhook-Event is %s, the body says %s", h.Get("X-Webhook-Event"), in.Event)
		}
		return nil
	}},
	"leanrails": {"checkout_link.updated", "cl_4de6fg8hi0jk", func(h http.Header, body []byte, secret string) error {
		at, signatures := stamped(h.Get("Fluveo-Signature"))
		var in struct{ ID string }
		switch err := json.Unmarshal(body, &in); {
		case !recent(at) || len(signatures) != 1 || signatures[0] != mac(secret, "v1="+at+"."+string(body)):
			return errors.New("Fluveo-Signature")
		case h.Get("X-Signature") != h.Get("Fluveo-Signature"):
			return errors.New("the two headers differ")
		case err != nil || h.Get("Webhook-Id") != in.ID || h.Get("User-Agent") != "Fluveo-Webhooks/1.0":
			return fmt.Errorf("Webhook-Id is %s, the body says %s", h.Get("Webhook-Id"), in.ID)
		}
		return nil
	}},
	"kirimdev": {"customer.setup_link.created", "csl_01HXYZABCDEFGHJKMNPQRSTVWX", func(h http.Header, body []byte, secret string) error {
		at, signatures := stamped(h.Get("X-Kirim-Signature"))
		switch {
		case !recent(at) || len(signatures) != 1 || signatures[0] != mac(secret, at+"."+string(body)):
			return errors.New("X-Kirim-Signature")
		case h.Get("X-Kirim-Signature-256") != h.Get("X-Kirim-Signature"):
			return errors.New("the two headers differ")
		case h.Get("X-Kirim-Event") != "customer.setup_link.created" || h.Get("X-Kirim-Attempt") != "1" || h.Get("X-Kirim-Source") != "kirim" ||
			!strings.HasPrefix(h.Get("X-Kirim-Event-Id"), "evt_") || !strings.HasPrefix(h.Get("X-Kirim-Delivery-Id"), "wbd_") || h.Get("User-Agent") != "Kirim-Webhook/1.0":
			return fmt.Errorf("the headers are %v", h)
		}
		return nil
	}},
	"devdraft": {"payment_link.paid", "550e8400-e29b-41d4-a716-446655440000", func(h http.Header, body []byte, secret string) error {
		if h.Get("X-Devdraft-Signature") != mac(secret, string(body)) {
			return errors.New("X-Devdraft-Signature")
		}
		return nil
	}},
	"stripe": {"payment_link.created", "plink_0PolylinkTShirt000000000", func(h http.Header, body []byte, secret string) error {
		at, signatures := stamped(h.Get("Stripe-Signature"))
		if !recent(at) || len(signatures) != 1 || signatures[0] != mac(secret, at+"."+string(body)) {
			return errors.New("Stripe-Signature")
		}
		return nil
	}},
}

func TestDeliveriesPassTheProvidersVerifiers(t *testing.T) {
	t.Parallel()
	s := polylinktest.New(t)
	for dialect, v := range verifiers {
		t.Run(dialect, func(t *testing.T) {
			t.Parallel()
			w := s.World(t)
			hooks := w.Webhooks(t, dialect)
			w.Trigger(dialect, v.event, v.id)
			got := hooks.Wait(1, 20*time.Second)[0]
			if err := v.verify(got.Header, got.Body, hooks.Secret); err != nil {
				t.Error(err)
			}
			altered := bytes.Replace(got.Body, []byte(v.id), []byte("other"), 1)
			if bytes.Equal(altered, got.Body) || v.verify(got.Header, altered, hooks.Secret) == nil {
				t.Error("an altered body is taken")
			}
			if v.verify(got.Header, got.Body, "another secret") == nil {
				t.Error("another secret is taken")
			}
		})
	}
}

// standard is a provider that signs as Standard Webhooks says.
const standard = `dialect: acme
auth: { scheme: none }
errors: { body: { error: $message }, classes: { invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 }, internal: { status: 500 } } }
resources: { link: { id: { prefix: lnk_, alphabet: base62, length: 12 }, start: { status: active }, fields: { id: { to: id, dir: out }, title: { to: title } } } }
operations: { link.create: { at: POST /links } }
events: { link.made: { on: link.created } }
webhooks:
  body: { type: $event.name, timestamp: $now, data: $item }
  id: { prefix: msg_, alphabet: base62, length: 24 }
  signature:
    algorithm: hmac-sha256
    secret: whsec
    text: "{id}.{timestamp}.{body}"
    encoding: base64
    each: "v1,{signature}"
    join: " "
    headers: { webhook-id: "{id}", webhook-timestamp: "{timestamp}", webhook-signature: "{signatures}" }
`

// delivered is a delivery of that provider, as its verifiers read it.
func delivered(t *testing.T) []byte {
	t.Helper()
	w := polylinktest.New(t, polylinktest.WithMappings(fstest.MapFS{"acme.yaml": {Data: []byte(standard)}}), polylinktest.WithFixtures(fstest.MapFS{})).World(t)
	hooks := w.Webhooks(t, "acme")
	res, err := http.Post(w.Dialect("acme")+"/links", "application/json", strings.NewReader(`{"title":"Tea – 2 €"}`))
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
	got := hooks.Wait(1, 20*time.Second)[0]
	key, err := base64.StdEncoding.DecodeString(hooks.Secret)
	if err != nil {
		t.Fatal(err)
	}
	in := map[string]any{"secret": "whsec_" + base64.StdEncoding.EncodeToString(key), "body": string(got.Body), "headers": map[string]string{}}
	for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
		in["headers"].(map[string]string)[name] = got.Header.Get(name)
	}
	out, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// verified runs a verifier on a delivery.
func verified(t *testing.T, dir, program string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(delivered(t))
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "ok verified") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestStandardWebhooksNode(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("npm"); err != nil {
		missing(t, "there is no npm", "")
	}
	dir := copied(t, "standardwebhooks-node")
	if out, err := run(t, dir, nil, "npm", "ci", "--no-audit", "--no-fund"); err != nil {
		missing(t, "npm ci failed", out)
	}
	verified(t, dir, "node", "main.mjs")
}

func TestStandardWebhooksGo(t *testing.T) {
	t.Parallel()
	dir := copied(t, "standardwebhooks-go")
	if out, err := run(t, dir, nil, "go", "mod", "download"); err != nil {
		missing(t, "go mod download failed", out)
	}
	program := filepath.Join(dir, "program")
	if out, err := run(t, dir, nil, "go", "build", "-o", program, "."); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	verified(t, dir, program)
}
