package signing

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// The algorithms of signatures.
const (
	HMACSHA1   = "hmac-sha1"
	HMACSHA256 = "hmac-sha256"
	HMACSHA512 = "hmac-sha512"
	SHA512     = "sha512" // of the signed text alone, which then holds {secret}
	Token      = "token"  // the secret itself
)

// The ways in which a secret's text becomes a key.
const (
	Raw    = "raw"    // the text's bytes
	Hex    = "hex"    // hexadecimal digits
	Base64 = "base64" // standard or URL alphabet, padding or none
	Whsec  = "whsec"  // base64 behind whsec_
)

// Algorithms, SecretForms and Encodings list what a Signature may say.
var (
	Algorithms  = []string{HMACSHA1, HMACSHA256, HMACSHA512, SHA512, Token}
	SecretForms = []string{Raw, Hex, Base64, Whsec}
	Encodings   = []string{Hex, Base64}
)

const whsecPrefix = "whsec_"

var hashes = map[string]func() hash.Hash{HMACSHA1: sha1.New, HMACSHA256: sha256.New, HMACSHA512: sha512.New}

// Signature says how a provider signs: algorithm × secret × text × encoding ×
// place.
type Signature struct {
	Algorithm string   // one of Algorithms
	Secret    string   // one of SecretForms; "" is Raw
	Text      Template // what is signed, over SignedNames
	Encoding  string   // one of Encodings; "" is Hex
	Each      Template // one secret's signature, over EachNames; empty is the signature alone
	Join      string   // between the signatures of several secrets; "" lets the first alone sign
	Headers   []Header // where {signatures} and what belongs to them go
	Member    string   // the member at the top of the body that holds the signature, or ""
}

// Header is a header and its value.
type Header struct {
	Name  string
	Value Template // over HeaderNames
}

// Check says all that is wrong with a signature, one error each.
func (s *Signature) Check() error {
	var errs []error
	among := func(what, have string, list []string) {
		if !slices.Contains(list, have) {
			errs = append(errs, fmt.Errorf("%s %q is unknown; write one of %s", what, have, strings.Join(list, ", ")))
		}
	}
	among("algorithm", s.Algorithm, Algorithms)
	among("secret", s.form(), SecretForms)
	among("encoding", s.encoding(), Encodings)
	switch {
	case s.Algorithm == Token && len(s.Text.parts) > 0:
		errs = append(errs, errors.New("a token signs no text; leave the text out"))
	case s.Algorithm == SHA512 && !s.Text.has("secret"):
		errs = append(errs, errors.New("a plain hash proves nothing without {secret} in its text"))
	case s.Algorithm != Token && len(s.Text.parts) == 0:
		errs = append(errs, errors.New("say which text is signed, such as {body}"))
	}
	if s.Member != "" && (!plainName(s.Member) || s.Member[0] < 'A') {
		errs = append(errs, fmt.Errorf("member %q is no plain name at the top of the body", s.Member))
	}
	if s.Member != "" && s.Text.has("body") {
		errs = append(errs, errors.New("a signature within the body cannot be of the whole body; sign {body.PATH} members"))
	}
	placed := s.Member != ""
	for _, h := range s.Headers {
		placed = placed || h.Value.has("signatures")
		if err := checkHeader(h.Name); err != nil {
			errs = append(errs, err)
		}
	}
	if !placed {
		errs = append(errs, errors.New("the signature goes nowhere; put {signatures} into a header, or name a member"))
	}
	return errors.Join(errs...)
}

func (s *Signature) form() string {
	if s.Secret == "" {
		return Raw
	}
	return s.Secret
}

func (s *Signature) encoding() string {
	if s.Encoding == "" {
		return Hex
	}
	return s.Encoding
}

// CheckSecret tells whether a secret can be used. Its error does not show it.
func (s *Signature) CheckSecret(secret string) error {
	_, err := s.key(secret)
	return err
}

// key decodes a secret.
func (s *Signature) key(secret string) ([]byte, error) {
	switch s.form() {
	case Hex:
		key, err := hex.DecodeString(secret)
		if err != nil || len(key) == 0 {
			return nil, errors.New("the secret must be hexadecimal digits")
		}
		return key, nil
	case Base64, Whsec:
		text := secret
		if s.form() == Whsec {
			text = strings.TrimPrefix(text, whsecPrefix)
		}
		key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "="))
		if err != nil || len(key) == 0 {
			return nil, errors.New("the secret must be base64, behind " + whsecPrefix + " where the provider writes it so")
		}
		return key, nil
	}
	if secret == "" {
		return nil, errors.New("the secret is empty")
	}
	return []byte(secret), nil
}

// Message is what is signed.
type Message struct {
	Secrets  []string  // the current one first; none signs nothing
	Time     time.Time // of the wall clock
	ID       string    // of the event
	Event    string    // its name
	Delivery string
	Attempt  int // from 1
	URL      string
	Body     []byte

	Wrong bool // sign wrongly, in the right form
	Cut   bool // send half of the body, rightly signed
}

// Signed is a message ready to be sent.
type Signed struct {
	Header http.Header
	Body   []byte
	secret []string // names of headers that hold a secret itself
}

// Sign signs a message. Headers that hold no signature are there without a
// secret, too. Errors do not show a secret.
func (s *Signature) Sign(m Message) (Signed, error) {
	v := m.values()
	out := Signed{Header: http.Header{}, Body: m.Body}
	if m.Cut && s.Member == "" {
		out.Body = half(m.Body)
		if s.Text.has("body") {
			v.body = out.Body
		}
	}
	var all []string
	for _, secret := range m.Secrets {
		one, err := s.one(secret, m.Wrong, v)
		if err != nil {
			return Signed{}, err
		}
		all = append(all, one)
		if s.Join == "" {
			break
		}
	}
	v.allSignature = strings.Join(all, s.Join)
	for _, h := range s.Headers {
		if h.Value.has("signatures") {
			if len(all) == 0 {
				continue
			}
			if s.Algorithm == Token {
				out.secret = append(out.secret, h.Name)
			}
		}
		out.Header.Set(h.Name, headerText(h.Value.text(v)))
	}
	if s.Member != "" {
		return s.within(out, m, all)
	}
	return out, nil
}

// within puts the signature into the body.
func (s *Signature) within(out Signed, m Message, all []string) (Signed, error) {
	if len(all) > 0 {
		if !gjson.ParseBytes(m.Body).IsObject() {
			return Signed{}, errors.New("the body is no object, so that its signature has no place")
		}
		body, err := sjson.SetBytes(m.Body, s.Member, all[0])
		if err != nil {
			return Signed{}, errors.New("the signature does not fit into the body")
		}
		out.Body = body
	}
	if m.Cut {
		out.Body = half(out.Body)
	}
	return out, nil
}

// one signs with one secret.
func (s *Signature) one(secret string, wrong bool, v *values) (string, error) {
	key, err := s.key(secret)
	if err != nil {
		return "", err
	}
	v.secret = key
	switch {
	case s.Algorithm == Token:
		v.signature = secret
		if wrong {
			v.signature = altered(secret)
		}
	default:
		var sum []byte
		if s.Algorithm == SHA512 {
			full := sha512.Sum512(s.Text.text(v))
			sum = full[:]
		} else {
			mac := hmac.New(hashes[s.Algorithm], key)
			mac.Write(s.Text.text(v))
			sum = mac.Sum(nil)
		}
		if wrong {
			sum[0] ^= 1
		}
		v.signature = s.encode(sum)
	}
	if len(s.Each.parts) == 0 {
		return v.signature, nil
	}
	return string(s.Each.text(v)), nil
}

func (s *Signature) encode(sum []byte) string {
	if s.encoding() == Base64 {
		return base64.StdEncoding.EncodeToString(sum)
	}
	return hex.EncodeToString(sum)
}

func (m *Message) values() *values {
	return &values{at: m.Time, id: m.ID, url: m.URL, event: m.Event, delivery: m.Delivery, attempt: m.Attempt, body: m.Body}
}

// altered is a token of the same length that is not the one it was made of.
func altered(token string) string {
	end := "x"
	if strings.HasSuffix(token, end) {
		end = "y"
	}
	return token[:len(token)-1] + end
}

// half is the first half of a body: with it no JSON text is whole.
func half(body []byte) []byte { return slices.Clone(body[:len(body)/2]) }

// headerText keeps a value to what a header may hold.
func headerText(b []byte) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f {
			return -1
		}
		return c
	}, string(b)))
}
