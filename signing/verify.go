package signing

import (
	"crypto/subtle"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Received is a request that came in, as its receiver sees it.
type Received struct {
	URL    string // as the sender calls it
	Header http.Header
	Body   []byte
}

// Told is what the headers of a request say of its message, as far as the
// style writes it there.
type Told struct {
	ID, Event, Delivery string
	Attempt             int
	Time                time.Time // zero where it is not said
}

// ErrSignature says that a request was not signed with any of the secrets, or
// not within the time allowed.
var ErrSignature = errors.New("the signature is not right")

// Verify tells whether a request was made by the style with one of the secrets,
// and what its headers say. A message that says its time must not differ from
// now by more than the tolerance; 0 allows any. A style that signs nothing
// takes everything. Every refusal is an ErrSignature that says what is wrong.
func (s *Style) Verify(in Received, secrets []string, now time.Time, tolerance time.Duration) (Told, error) {
	got := map[string]string{}
	for _, h := range s.Headers {
		h.Value.read(in.Header.Get(h.Name), got)
	}
	if s.Signature == nil {
		told, _ := tell(got)
		return told, nil
	}
	signed, err := s.Signature.claimed(in, got)
	if err != nil {
		return Told{}, err
	}
	told, v := tell(got)
	if tolerance > 0 && !told.Time.IsZero() && now.Sub(told.Time).Abs() > tolerance {
		return told, wrong("its time differs from now by more than " + tolerance.String())
	}
	v.url, v.body = in.URL, in.Body
	for _, secret := range secrets {
		want, err := s.Signature.one(secret, false, v)
		if err != nil {
			continue // a secret of another form has signed nothing
		}
		for _, have := range signed {
			if subtle.ConstantTimeCompare([]byte(have), []byte(want)) == 1 {
				return told, nil
			}
		}
	}
	return told, wrong("none of the secrets gives what it holds")
}

func wrong(why string) error { return errors.Join(ErrSignature, errors.New(why)) }

// claimed returns the signatures that a request holds, and files what its
// headers say.
func (s *Signature) claimed(in Received, got map[string]string) ([]string, error) {
	for _, h := range s.Headers {
		if !h.Value.read(in.Header.Get(h.Name), got) && h.Value.has("signatures") {
			return nil, wrong("the header " + h.Name + " does not look as it should")
		}
	}
	if s.Member != "" {
		return []string{gjson.GetBytes(in.Body, s.Member).String()}, nil
	}
	text := got["signatures"]
	if text == "" {
		return nil, wrong("there is none")
	}
	if s.Join == "" {
		return []string{text}, nil
	}
	return strings.SplitN(text, s.Join, 32), nil
}

// tell reads what headers said.
func tell(got map[string]string) (Told, *values) {
	t := Told{ID: got["id"], Event: got["event"], Delivery: got["delivery"]}
	t.Attempt, _ = strconv.Atoi(got["attempt"])
	if n, err := strconv.ParseInt(got["timestamp"], 10, 64); err == nil {
		t.Time = time.Unix(n, 0)
	}
	if n, err := strconv.ParseInt(got["timestamp_ms"], 10, 64); err == nil {
		t.Time = time.UnixMilli(n)
	}
	if at, err := time.Parse(time.RFC3339, got["timestamp_rfc3339"]); err == nil {
		t.Time = at
	}
	return t, &values{at: t.Time, id: t.ID, event: t.Event, delivery: t.Delivery, attempt: t.Attempt}
}

// read takes a text apart that the template may have written, and files what
// its names stand for. It is false where the template writes no such text.
func (t Template) read(text string, into map[string]string) bool {
	for i, p := range t.parts {
		if p.name == "" {
			rest, ok := strings.CutPrefix(text, p.text)
			if !ok {
				return false
			}
			text = rest
			continue
		}
		value := text
		if i+1 < len(t.parts) && t.parts[i+1].name == "" {
			at := strings.Index(text, t.parts[i+1].text)
			if at < 0 {
				return false
			}
			value = text[:at]
		}
		into[p.name], text = value, text[len(value):]
	}
	return text == ""
}
