package signing

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

// tmpl reads a template that must be right.
func tmpl(t *testing.T, text string, names []string) Template {
	t.Helper()
	out, err := ParseTemplate(text, names)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// scheme is a signature as a mapping file would say it.
type scheme struct {
	algorithm, secret, text, encoding, each, join, member string
	headers                                               [][2]string
}

func (s scheme) build(t *testing.T) *Signature {
	t.Helper()
	out := &Signature{Algorithm: s.algorithm, Secret: s.secret, Text: tmpl(t, s.text, SignedNames), Encoding: s.encoding,
		Each: tmpl(t, s.each, EachNames), Join: s.join, Member: s.member}
	for _, h := range s.headers {
		out.Headers = append(out.Headers, Header{h[0], tmpl(t, h[1], HeaderNames)})
	}
	if err := out.Check(); err != nil {
		t.Fatal(err)
	}
	return out
}

const (
	bodyText = `{"id":"evt_7","type":"link.paid","data":{"order":"A-1","code":"200","gross":"10.50"},"key":""}`
	hookURL  = "https://shop.example/hook?x=1"
)

var (
	signedAt = time.Date(2026, 3, 4, 5, 6, 7, 890_000_000, time.UTC)
	seconds  = "1772600767"
)

// sum is the independent way to the same signature.
func sum(h func() hash.Hash, key, text string) []byte {
	mac := hmac.New(h, []byte(key))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// schemes are the ways in which providers sign, with what must come out.
func schemes() map[string]struct {
	scheme  scheme
	secrets []string
	want    map[string]string
} {
	hexed := func(h func() hash.Hash, key, text string) string { return hex.EncodeToString(sum(h, key, text)) }
	based := func(h func() hash.Hash, key, text string) string {
		return base64.StdEncoding.EncodeToString(sum(h, key, text))
	}
	key := "0123456789abcdef"
	plain := sha512.Sum512([]byte("A-1" + "200" + "10.50" + key))
	return map[string]struct {
		scheme  scheme
		secrets []string
		want    map[string]string
	}{
		"katu9: hex of the raw body": {
			scheme{algorithm: HMACSHA256, text: "{body}", headers: [][2]string{{"X-Katu9-Signature", "{signatures}"}}},
			[]string{key}, map[string]string{"X-Katu9-Signature": hexed(sha256.New, key, bodyText)}},
		"leanrails: v1= inside the signed text, two headers": {
			scheme{algorithm: HMACSHA256, text: "v1={timestamp}.{body}", headers: [][2]string{
				{"Fluveo-Signature", "t={timestamp},v1={signatures}"}, {"X-Signature", "t={timestamp},v1={signatures}"}, {"Webhook-Id", "{id}"}}},
			[]string{"whsec_literal"}, map[string]string{
				"Fluveo-Signature": "t=" + seconds + ",v1=" + hexed(sha256.New, "whsec_literal", "v1="+seconds+"."+bodyText),
				"X-Signature":      "t=" + seconds + ",v1=" + hexed(sha256.New, "whsec_literal", "v1="+seconds+"."+bodyText), "Webhook-Id": "evt_7"}},
		"kirimdev: several secrets, two header names": {
			scheme{algorithm: HMACSHA256, text: "{timestamp}.{body}", each: "v1={signature}", join: ",", headers: [][2]string{
				{"X-Kirim-Signature", "t={timestamp},{signatures}"}, {"X-Kirim-Signature-256", "t={timestamp},{signatures}"}}},
			[]string{"whsec_new", "whsec_old"}, map[string]string{
				"X-Kirim-Signature":     "t=" + seconds + ",v1=" + hexed(sha256.New, "whsec_new", seconds+"."+bodyText) + ",v1=" + hexed(sha256.New, "whsec_old", seconds+"."+bodyText),
				"X-Kirim-Signature-256": "t=" + seconds + ",v1=" + hexed(sha256.New, "whsec_new", seconds+"."+bodyText) + ",v1=" + hexed(sha256.New, "whsec_old", seconds+"."+bodyText)}},
		"stripe": {
			scheme{algorithm: HMACSHA256, text: "{timestamp}.{body}", headers: [][2]string{{"Stripe-Signature", "t={timestamp},v1={signatures}"}}},
			[]string{"whsec_s", "ignored"}, map[string]string{"Stripe-Signature": "t=" + seconds + ",v1=" + hexed(sha256.New, "whsec_s", seconds+"."+bodyText)}},
		"standard webhooks": {
			scheme{algorithm: HMACSHA256, secret: Whsec, text: "{id}.{timestamp}.{body}", encoding: Base64, each: "v1,{signature}", join: " ", headers: [][2]string{
				{"webhook-id", "{id}"}, {"webhook-timestamp", "{timestamp}"}, {"webhook-signature", "{signatures}"}}},
			[]string{"whsec_" + base64.StdEncoding.EncodeToString([]byte(key)), base64.RawURLEncoding.EncodeToString([]byte{0xfb, 0xff, 0xfe, 1})}, map[string]string{
				"Webhook-Id": "evt_7", "Webhook-Timestamp": seconds,
				"Webhook-Signature": "v1," + based(sha256.New, key, "evt_7."+seconds+"."+bodyText) + " v1," + based(sha256.New, "\xfb\xff\xfe\x01", "evt_7."+seconds+"."+bodyText)}},
		"ts=;h1=": {
			scheme{algorithm: HMACSHA256, text: "{timestamp}:{body}", headers: [][2]string{{"Paddle-Signature", "ts={timestamp};h1={signatures}"}}},
			[]string{key}, map[string]string{"Paddle-Signature": "ts=" + seconds + ";h1=" + hexed(sha256.New, key, seconds+":"+bodyText)}},
		"base64 of URL and body, hexadecimal secret": {
			scheme{algorithm: HMACSHA1, secret: Hex, text: "{url}{body}", encoding: Base64, headers: [][2]string{{"X-Sign", "{signatures}"}}},
			[]string{"00ff10"}, map[string]string{"X-Sign": based(sha1.New, "\x00\xff\x10", hookURL+bodyText)}},
		"sha-512, time in milliseconds and in words": {
			scheme{algorithm: HMACSHA512, text: "{timestamp_ms}{{{timestamp_rfc3339}}", headers: [][2]string{{"X-Sign", "{signatures}"}}},
			[]string{key}, map[string]string{"X-Sign": hexed(sha512.New, key, "1772600767890{2026-03-04T05:06:07Z}")}},
		"a hash of joined members, in a header": {
			scheme{algorithm: SHA512, text: "{body.data.order}{body.data.code}{body.data.gross}{secret}", headers: [][2]string{{"X-Key", "{signatures}"}}},
			[]string{key}, map[string]string{"X-Key": hex.EncodeToString(plain[:])}},
		"a constant token": {
			scheme{algorithm: Token, headers: [][2]string{{"X-Callback-Token", "{signatures}"}}},
			[]string{"tok_1"}, map[string]string{"X-Callback-Token": "tok_1"}},
	}
}

func TestSignFollowsItsScheme(t *testing.T) {
	t.Parallel()
	for name, c := range schemes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := c.scheme.build(t)
			m := Message{Secrets: c.secrets, Time: signedAt, ID: "evt_7", URL: hookURL, Body: []byte(bodyText)}
			got, err := s.Sign(m)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, first(got.Header)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if string(got.Body) != bodyText {
				t.Errorf("the body became %s", got.Body)
			}
			m.Wrong = true
			wrong, err := s.Sign(m)
			if err != nil {
				t.Fatal(err)
			}
			for h, v := range first(wrong.Header) {
				right := c.want[h]
				if strings.Contains(strings.ToLower(h), "id") || strings.Contains(h, "Timestamp") {
					continue
				}
				if v == right || len(v) != len(right) {
					t.Errorf("wrongly signed %s is %q, rightly %q", h, v, right)
				}
			}
			m.Secrets, m.Wrong = nil, false
			none, err := s.Sign(m)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range c.scheme.headers {
				if _, there := none.Header[http.CanonicalHeaderKey(h[0])]; there == strings.Contains(h[1], "signatures") {
					t.Errorf("without a secret there is %s: %v", h[0], there)
				}
			}
		})
	}
}

func first(h http.Header) map[string]string {
	out := map[string]string{}
	for name := range h {
		out[name] = h.Get(name)
	}
	return out
}

func TestSignaturesWithinTheBody(t *testing.T) {
	t.Parallel()
	s := scheme{algorithm: SHA512, text: "{body.data.order}{body.data.code}{secret}", member: "key"}.build(t)
	want := sha512.Sum512([]byte("A-1200sec"))
	m := Message{Secrets: []string{"sec"}, Body: []byte(bodyText)}
	got, err := s.Sign(m)
	if err != nil {
		t.Fatal(err)
	}
	if key := gjson.GetBytes(got.Body, "key").String(); key != hex.EncodeToString(want[:]) {
		t.Errorf("key = %s", key)
	}
	if string(m.Body) != bodyText {
		t.Error("the message's own body has changed")
	}
	m.Cut = true
	half, err := s.Sign(m)
	if err != nil || gjson.ValidBytes(half.Body) || len(half.Body) != len(got.Body)/2 {
		t.Errorf("cut to %d of %d bytes, %v", len(half.Body), len(got.Body), err)
	}
	m.Body, m.Cut = []byte("[1]"), false
	if _, err := s.Sign(m); err == nil {
		t.Error("a list took a member")
	}
}

func TestACutBodyIsRightlySigned(t *testing.T) {
	t.Parallel()
	s := scheme{algorithm: HMACSHA256, text: "{body}", headers: [][2]string{{"X-S", "{signatures}"}}}.build(t)
	got, err := s.Sign(Message{Secrets: []string{"k"}, Body: []byte(bodyText), Cut: true})
	if err != nil {
		t.Fatal(err)
	}
	want := bodyText[:len(bodyText)/2]
	if string(got.Body) != want || got.Header.Get("X-S") != hex.EncodeToString(sum(sha256.New, "k", want)) {
		t.Errorf("%s with %s", got.Body, got.Header.Get("X-S"))
	}
}

func TestSecretsAreReadAsTheSchemeSays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form, secret, want string // want is part of the error, "" for none
	}{
		"raw": {Raw, "whsec_x", ""}, "raw, empty": {Raw, "", "empty"}, "none said": {"", "x", ""},
		"hex": {Hex, "00FF", ""}, "hex, odd": {Hex, "topsecret1", "hexadecimal"}, "hex, empty": {Hex, "", "hexadecimal"},
		"base64": {Base64, "YWI=", ""}, "base64, URL's": {Base64, "-_8", ""}, "base64, other": {Base64, "top secret!", "base64"},
		"whsec": {Whsec, "whsec_YWI=", ""}, "whsec, bare": {Whsec, "YWI", ""}, "whsec, empty": {Whsec, "whsec_", "base64"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := (&Signature{Secret: c.form}).CheckSecret(c.secret)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || c.secret != "" && c.secret != "whsec_" && strings.Contains(err.Error(), c.secret)):
				t.Errorf("%v, want one with %q and without the secret", err, c.want)
			}
		})
	}
}

func TestTemplatesAndStylesSayWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ text, want string }{
		"open":            {"{body", "no closing one"},
		"unknown":         {"{bdy}", "{timestamp}"},
		"a bad path":      {"{body.a..b}", "between its dots"},
		"a path's magic":  {"{body.#.x}", "between its dots"},
		"a pipe":          {"{body.a|b}", "between its dots"},
		"signature early": {"{signature}", "{body.PATH}"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := ParseTemplate(c.text, SignedNames); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want one with %q", err, c.want)
			}
		})
	}
	if _, err := ParseTemplate("{body.x}", HeaderNames); err == nil || strings.Contains(err.Error(), "PATH") {
		t.Errorf("a header took a member: %v", err)
	}
	for name, c := range map[string]struct {
		style Style
		want  []string
	}{
		"signature": {Style{Signature: &Signature{Algorithm: "md5", Secret: "rot13", Encoding: "octal"}}, []string{`algorithm "md5"`, `secret "rot13"`, `encoding "octal"`, "which text", "goes nowhere"}},
		"token":     {Style{Signature: &Signature{Algorithm: Token, Text: tmpl(t, "x", nil), Member: "key"}}, []string{"signs no text"}},
		"hash":      {Style{Signature: &Signature{Algorithm: SHA512, Text: tmpl(t, "{body}", SignedNames), Member: "key"}}, []string{"{secret}", "whole body"}},
		"member":    {Style{Signature: &Signature{Algorithm: Token, Member: "a.b"}}, []string{"no plain name"}},
		"headers":   {Style{Headers: []Header{{Name: "Content-Length"}, {Name: "a b"}, {Name: "X-S", Value: tmpl(t, "{signatures}", HeaderNames)}}}, []string{"set by itself", "no name", "headers of the signature"}},
		"bounds":    {Style{Timeout: time.Hour, Schedule: make([]time.Duration, 51), ContentType: "a\nb"}, []string{"timeout", "50 attempts", "content type"}},
		"delays":    {Style{Schedule: []time.Duration{-1}}, []string{"delays"}},
		"rules":     {Style{Rules: []Rule{{1, 0, Stop}, {200, 200, "maybe"}}}, []string{"no statuses", `verdict "maybe"`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.style.Check()
			if err == nil {
				t.Fatal("nothing is wrong")
			}
			if got := strings.Split(err.Error(), "\n"); len(got) != len(c.want) {
				t.Errorf("%d faults, want %d:\n%v", len(got), len(c.want), err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v does not say %q", err, want)
				}
			}
		})
	}
}

func TestVerdictsComeFromOneTable(t *testing.T) {
	t.Parallel()
	rules := func(v Verdict, list ...string) (out []Rule) {
		for _, s := range list {
			r, err := ParseRule(s, v)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, r)
		}
		return out
	}
	strict := &Style{Rules: append(append(rules(Again, "408", "429"), rules(Disable, "410")...), rules(Stop, "4xx")...)}
	for status, want := range map[int][2]Verdict{ // the strict style's, and one's without rules
		200: {Arrived, Arrived}, 204: {Arrived, Arrived}, 299: {Arrived, Arrived}, 302: {Again, Again}, 404: {Stop, Again}, 408: {Again, Again},
		410: {Disable, Again}, 429: {Again, Again}, 500: {Again, Again}, NoAnswer: {Again, Again}, 999: {Again, Again}, 101: {Again, Again},
	} {
		if got := [2]Verdict{strict.Verdict(status), (&Style{}).Verdict(status)}; got != want {
			t.Errorf("%d: %v, want %v", status, got, want)
		}
	}
	for _, bad := range []string{"", "x", "9xx", "600", "99", "4x", "40x"} {
		if _, err := ParseRule(bad, Stop); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if r, err := ParseRule("none", Stop); err != nil || r.From != NoAnswer || r.To != NoAnswer {
		t.Errorf("none is %v, %v", r, err)
	}
	for text, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0, "999999999999": maxRetryAfter,
		signedAt.Add(time.Minute).Format(http.TimeFormat): time.Minute - 890*time.Millisecond, signedAt.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {text}}, signedAt); got != want {
			t.Errorf("Retry-After: %s is %v, want %v", text, got, want)
		}
	}
}
