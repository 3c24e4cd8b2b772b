package journal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/journal"
)

// TestSecretsAreHidden renders one entry per case.
func TestSecretsAreHidden(t *testing.T) {
	t.Parallel()
	s := journal.NewSecrets(journal.SecretsOf{
		Texts: []string{"sk_test_main", `q"uo\te`, "abc"}, Words: []string{"tok-1234_X"}, Likes: []string{"kdv_live_*", "*"}, Names: []string{"Pin_Code"},
		Headers: []string{"Idempotency-Key"},
	})
	for in, want := range map[string]string{
		`plain`:                                   `plain`,
		`a sk_test_main b`:                        `a <secret> b`,
		`xsk_test_mainy`:                          `x<secret>y`,
		`{"k":"q\"uo\\te"}`:                       `{"k":"<secret>"}`,
		`c2tfdGVzdF9tYWluOg==`:                    `<secret>Og==`,
		`abc`:                                     `abc`,
		`see tok-1234_X.`:                         `see <secret>.`,
		`tok-1234_Xtra`:                           `tok-1234_Xtra`,
		`/onboard/tok-1234_X?x`:                   `/onboard/<secret>?x`,
		`kdv_live_anything-else`:                  `<secret>`,
		`{"password":"p"}`:                        `{"password":"<secret>"}`,
		`{"pass\u0077ord" : "p","a":1}`:           `{"pass\u0077ord" : "<secret>","a":1}`,
		`{"pin_code":1234,"a":"b"}`:               `{"pin_code":"<secret>","a":"b"}`,
		`{"secret":{"a":"}","b":[1]},"c":2}`:      `{"secret":"<secret>","c":2}`,
		`{"secret":["x"`:                          `{"secret":"<secret>"`,
		`{"secret":"never ends`:                   `{"secret":"<secret>"`,
		`{"secret":null,"token":""}`:              `{"secret":null,"token":""}`,
		`{"a.token":"x","secrets":"y"}`:           `{"a.token":"<secret>","secrets":"<secret>"}`,
		`{"a":"secret","b":"c"}`:                  `{"a":"secret","b":"c"}`,
		`{"secret":`:                              `{"secret":`,
		`"`:                                       `"`,
		`{"pass":"p","pin":12,"ping":"p"}`:        `{"pass":"<secret>","pin":"<secret>","ping":"p"}`,
		`{"note":"Password: hunter, ok"}`:         `{"note":"Password: <secret>, ok"}`,
		`{"note":"password = hunter"}`:            `{"note":"password = <secret>"}`,
		`{"note":"token: must be a text"}`:        `{"note":"token: must be a text"}`,
		`{"note":"my token: Zx9 is"}`:             `{"note":"my token: <secret> is"}`,
		`{"note":"a Bearer tok12345 b"}`:          `{"note":"a Bearer <secret> b"}`,
		`{"note":"the Basic subscription"}`:       `{"note":"the Basic subscription"}`,
		`{"in":"\"{\\\"secret\\\":\\\"p\\\"}\""}`: `{"in":"\"{\\\"secret\\\":\\\"<secret>\\\"}\""}`,
		`{"a":"\`:                                 `{"a":"\`,
	} {
		e := &journal.Entry{Body: []byte(in), BodySize: int64(len(in)), Answer: []byte(in), AnswerSize: int64(len(in))}
		got := e.Render(s)
		if got.Request.Body != want || got.Response.Body != want {
			t.Errorf("%s is shown as %s and %s, want %s", in, got.Request.Body, got.Response.Body, want)
		}
	}
	for in, want := range map[string]string{
		"a=b&c=d": "a=b&c=d", "api_key=x&a=1": "api_key=<secret>&a=1", "b%5Btoken%5D=x": "b%5Btoken%5D=<secret>", "a=sk%5Ftest%5Fmain": "a=<secret>",
		"a=%zz&token=%zz": "a=%zz&token=<secret>", "token=&token": "token=&token", "": "",
	} {
		e := &journal.Entry{Query: in, Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(in), BodySize: int64(len(in))}
		if got := e.Render(s); got.Request.Query != want || got.Request.Body != want {
			t.Errorf("%s is shown as %s and %s, want %s", in, got.Request.Query, got.Request.Body, want)
		}
	}
	e := &journal.Entry{Header: http.Header{"authorization": {"Bearer x"}, "X-Own": {"y"}, "X-Api-Key": {"z"}, "Idempotency-Key": {"k-1"}, "Referer": {"http://a/sk_test_mai"}, "Location": {"http://a/sk_test_main"},
		"Content-Type": {"text/plain"}, "Content-Signature": {"s=1"}, "X-Polylink-Token": {"t"}, "Access-Control-Allow-Credentials": {"true"}},
		SecretHeaders: []string{"x-own"}, Secrets: []string{"k-1234"}, Path: "/k-1234/x"}
	got := e.Render(s).Request
	for name, want := range map[string]string{"authorization": "<redacted 8 bytes>", "X-Own": "<redacted 1 bytes>", "X-Api-Key": "<redacted 1 bytes>", "Idempotency-Key": "k-1",
		"Referer": "<redacted 20 bytes>", "Location": "http://a/<secret>",
		"Content-Type": "text/plain", "Content-Signature": "<redacted 3 bytes>", "X-Polylink-Token": "<redacted 1 bytes>", "Access-Control-Allow-Credentials": "true"} {
		if got.Headers[name][0] != want {
			t.Errorf("%s is shown as %s", name, got.Headers[name])
		}
	}
	if got.Path != "/<secret>/x" {
		t.Errorf("the path is shown as %s", got.Path)
	}
}

// FuzzRedaction looks that a secret behind a name of secrets never comes
// through, whatever is around it.
func FuzzRedaction(f *testing.F) {
	for _, s := range []string{`{"a":1,`, `{"x":"\"`, `[{"b":{}},`, `"`, `\`, `{"secret":{"a":`, "\xff"} {
		f.Add(s, s)
	}
	s := journal.NewSecrets(journal.SecretsOf{Texts: []string{"kdv-credential"}})
	f.Fuzz(func(t *testing.T, before, after string) {
		body := before + "kdv-credential" + after
		e := &journal.Entry{Body: []byte(body), BodySize: int64(len(body)), Query: body, Path: body}
		got := e.Render(s).Request
		for _, text := range []string{got.Body, got.Query, got.Path} {
			if strings.Contains(text, "kdv-credential") {
				t.Errorf("%q shows the credential", text)
			}
		}
	})
}

// shown is how a body of a type comes out of the journal, at a level.
func shown(level journal.Redact, kind, body string) string {
	s := journal.NewSecrets(journal.SecretsOf{Level: level, IDs: []ids.Spec{{Prefix: "cs_test_", Alphabet: base62, Length: 58}}})
	e := &journal.Entry{Body: []byte(body), BodySize: int64(len(body)), Header: http.Header{"Content-Type": {kind}}}
	return e.Render(s).Request.Body
}

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// TestWhatLooksLikeASecretIsHidden has no credential that anybody knows: names
// and looks alone decide.
func TestWhatLooksLikeASecretIsHidden(t *testing.T) {
	t.Parallel()
	const hex, b64 = "9f86d081884c7d659a2feaa0c55ad015", "Zm9vL2Jhcitiv7Q9xQ2M0pR1sT4uV6wX8yZ0aB2c"
	for in, want := range map[string]string{
		`{"webhook_secret":"a","signingSecret":"b","apiToken":"c","APIKey":"d"}`: `{"webhook_secret":"<secret>","signingSecret":"<secret>","apiToken":"<secret>","APIKey":"<secret>"}`,
		`{"metadata[api_token]":"a","card.cvc":123,"has_secret":true}`:           `{"metadata[api_token]":"<secret>","card.cvc":"<secret>","has_secret":true}`,
		`{"s":"whsec_aGVsbG8","n":"an sk_live_51Abc."}`:                          `{"s":"<secret>","n":"an <secret>."}`,
		`{"u":"https://user:pa:ss@example.com/?a=1"}`:                            `{"u":"https://user:<secret>@example.com/?a=1"}`,
		`{"u":"https://t0ken@example.com/","m":"mailto:a@b.example"}`:            `{"u":"https://<secret>@example.com/","m":"mailto:a@b.example"}`,
		`{"u":"https:\/\/user:pass@example.com"}`:                                `{"u":"https://user:<secret>@example.com"}`,
		`{"u":"https://a.example/?key=k&auth=b&signature=c&b=d#x"}`:              `{"u":"https://a.example/?key=<secret>&auth=<secret>&signature=<secret>&b=d#x"}`,
		`{"u":"/x?next=https%3A%2F%2Fa.example%2F%3Ftoken%3Dt1"}`:                `{"u":"<secret>"}`,
		`{"p":"{\"password\":\"p\"}"}`:                                           `{"p":"{\"password\":\"<secret>\"}"}`,
		`{password: "p", 'secret' = "s"}`:                                        `{password: "<secret>", 'secret' = "s"}`,
		`{"a":"` + hex + `","b":"x_` + hex + `"}`:                                `{"a":"<secret>","b":"<secret>"}`,
		`{"a":"` + b64 + `==","b":"say ` + b64 + `"}`:                            `{"a":"<secret>","b":"say <secret>"}`,
		`{"a":"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln"}`:                      `{"a":"<secret>"}`,
		`["` + hex + `",1]`: `["<secret>",1]`,
		`"` + hex + `"`:     `"<secret>"`,
		// What stays: ids, UUIDs with a prefix too, words, numbers and names of things.
		`{"id":"550e8400-e29b-41d4-a716-446655440000","t":"tax_550e8400-e29b-41d4-a716-446655440000"}`: ``,
		`{"id":"cs_test_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1V2w3X4y5Z6a7B8c9"}`:                  ``,
		`{"retry":"node-retry-550e8400-e29b-41d4-a716-446655440000"}`:                                  ``,
		`{"url":"https://api.example/v1/payment_links/plink_0PolylinkTShirt000000000/line_items"}`:     ``,
		`{"key":"size","lookup_key":"gold","author":"Ann","signed":true,"number":1234567890123456789}`: ``,
		`{"type":"application/x-www-form-urlencoded","at":"2026-01-02T03:04:05.678Z"}`:                 ``,
		`{"zeros":"00000000000000000000000000000000","path":"paymentMethodConfigurationDetails"}`:      ``,
		`{"slug":"blue-widget-2000-extra-large-edition-pro-max"}`:                                      ``,
	} {
		if want == "" {
			want = in
		}
		if got := shown(journal.Standard, "application/json", in); got != want {
			t.Errorf("%s\nis shown as %s\nwant        %s", in, got, want)
		}
	}
	for in, want := range map[string][2]string{
		"password=p1 and user=u":                                       {"text/plain", "password=<secret> and user=u"},
		"user: u\nPassword: p1\nnote: x":                               {"text/plain", "user: u\nPassword: <secret>\nnote: x"},
		"<a><password x='1'>p1</password>b</a>":                        {"application/xml", "<a><password x='1'><secret></password>b</a>"},
		"--x\r\nname=\"file\"\r\n\r\np1":                               {"multipart/form-data; boundary=x", "<redacted 22 bytes>"},
		"a[b][secret][]=p1&c=https%3A%2F%2Fu%3Ap1%40h%2F&d=e&key=size": {"application/x-www-form-urlencoded", "a[b][secret][]=<secret>&c=<secret>&d=e&key=size"},
	} {
		if got := shown(journal.Standard, want[0], in); got != want[1] {
			t.Errorf("%q\nis shown as %q\nwant        %q", in, got, want[1])
		}
	}
}

func TestLevelsOfRedaction(t *testing.T) {
	t.Parallel()
	const body, form = `{"name":"Mug","price":3,"on":true,"password":"p"}`, "name=Mug&password=p"
	for level, want := range map[journal.Redact][2]string{
		journal.Strict:   {`{"name":"<redacted 3 bytes>","price":3,"on":true,"password":"<secret>"}`, "name=<redacted 3 bytes>&password=<redacted 1 bytes>"},
		journal.Standard: {`{"name":"Mug","price":3,"on":true,"password":"<secret>"}`, "name=Mug&password=<secret>"},
		"":               {`{"name":"Mug","price":3,"on":true,"password":"<secret>"}`, "name=Mug&password=<secret>"},
		journal.Off:      {body, form},
	} {
		if got := shown(level, "application/json", body); got != want[0] {
			t.Errorf("%s shows %s", level, got)
		}
		if got := shown(level, "application/x-www-form-urlencoded", form); got != want[1] {
			t.Errorf("%s shows %s", level, got)
		}
	}
	e := &journal.Entry{Header: http.Header{"X-Own": {"o"}, "X-Other": {"p"}, "Accept": {"*/*"}}, Query: "password=p", Path: "/sk_live_123456", Secrets: []string{"o-secret"}}
	for level, want := range map[journal.Redact]string{
		journal.Strict:   "<redacted 1 bytes> <redacted 1 bytes> */* password=<redacted 1 bytes> /<secret>",
		journal.Standard: "o <redacted 1 bytes> */* password=<secret> /<secret>",
		journal.Off:      "o p */* password=p /sk_live_123456",
	} {
		got := e.Render(journal.NewSecrets(journal.SecretsOf{Level: level, Headers: []string{"x-own"}})).Request
		line := strings.Join([]string{got.Headers["X-Own"][0], got.Headers["X-Other"][0], got.Headers["Accept"][0], got.Query, got.Path}, " ")
		if line != want {
			t.Errorf("%s shows %s", level, line)
		}
	}
}

func TestStoredTextsStayButForKeysAndPasswords(t *testing.T) {
	t.Parallel()
	s := journal.NewSecrets(journal.SecretsOf{Likes: []string{"acme_live_*"}})
	for in, want := range map[string]string{
		`{"description":"password=abc, 9f86d081884c7d659a2feaa0c55ad015","secret_hint":"x"}`: ``,
		`{"a":"whsec_abcd\"def","b":["https://u:p@h/x","acme_live_1"]}`:                      `{"a":"<secret>\"def","b":["https://u:<secret>@h/x","<secret>"]}`,
		`{"success_url":"https://a.example/?token=abc&key=1"}`:                               `{"success_url":"https://a.example/?token=<secret>&key=1"}`,
		`{}`: ``, `{"a":1}`: ``,
	} {
		if want == "" {
			want = in
		}
		if got := string(s.Stored([]byte(in))); got != want {
			t.Errorf("%s is shown as %s", in, got)
		}
	}
	if got := s.Address("https://u:p@h/x?token=abc&a=1"); got != "https://u:<secret>@h/x?token=<secret>&a=1" {
		t.Errorf("an address is shown as %s", got)
	}
}
