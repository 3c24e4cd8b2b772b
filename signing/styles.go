package signing

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a style.
const (
	MaxTimeout  = time.Minute
	MaxSchedule = 50                   // attempts
	MaxDelay    = 365 * 24 * time.Hour // between two attempts
	MaxJitter   = 100                  // percent

	defaultTimeout = 10 * time.Second
)

// Style is how a provider delivers. It is made once and never changes.
type Style struct {
	ContentType string          // "" is application/json
	Headers     []Header        // beside those of the signature
	Signature   *Signature      // nil signs nothing
	Schedule    []time.Duration // before each attempt, after the one before it; the first is mostly 0
	Jitter      int             // by up to so many percent a delay is longer or shorter
	Timeout     time.Duration   // of one attempt; 0 is ten seconds
	Rules       []Rule          // what an answer means, the first that fits; then DefaultRules
	RetryAfter  bool            // an answer's Retry-After can put the next attempt off
}

// unsettable are headers that belong to HTTP and the connection.
var unsettable = []string{"Connection", "Content-Length", "Content-Encoding", "Content-Type", "Host", "Keep-Alive", "Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

func checkHeader(name string) error {
	switch {
	case !plainName(name):
		return fmt.Errorf("header %q is no name that a header can have", name)
	case slices.Contains(unsettable, http.CanonicalHeaderKey(name)):
		return fmt.Errorf("header %s is set by itself", name)
	}
	return nil
}

// Check says all that is wrong with a style, one error each.
func (s *Style) Check() error {
	var errs []error
	if s.Signature != nil {
		errs = append(errs, s.Signature.Check())
	}
	for _, h := range s.Headers {
		errs = append(errs, checkHeader(h.Name))
		if h.Value.has("signatures") {
			errs = append(errs, fmt.Errorf("header %s: a signature goes into the headers of the signature", h.Name))
		}
	}
	if len(s.Schedule) > MaxSchedule {
		errs = append(errs, fmt.Errorf("a schedule has at most %d attempts", MaxSchedule))
	}
	for _, d := range s.Schedule {
		if d < 0 || d > MaxDelay {
			errs = append(errs, fmt.Errorf("a schedule's delays are from 0 to %s", MaxDelay))
			break
		}
	}
	if s.Jitter < 0 || s.Jitter > MaxJitter {
		errs = append(errs, fmt.Errorf("jitter is at most %d percent", MaxJitter))
	}
	if s.Timeout < 0 || s.Timeout > MaxTimeout {
		errs = append(errs, fmt.Errorf("a timeout is at most %s", MaxTimeout))
	}
	if strings.ContainsFunc(s.ContentType, func(c rune) bool { return c < ' ' || c > '~' }) {
		errs = append(errs, errors.New("the content type has characters that a header cannot hold"))
	}
	for _, r := range s.Rules {
		errs = append(errs, r.check())
	}
	return errors.Join(errs...)
}

// Attempts is how often a delivery is tried at most.
func (s *Style) Attempts() int { return max(1, len(s.Schedule)) }

// Delay is what passes before attempt n, from 0, after the one before it. The
// same delivery waits equally long whenever it is asked for.
func (s *Style) Delay(n int, delivery string) time.Duration {
	if n >= len(s.Schedule) {
		return 0
	}
	d := s.Schedule[n]
	if s.Jitter == 0 {
		return d
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(strconv.Itoa(n) + "." + delivery))
	share := time.Duration(h.Sum64()%2001) - 1000 // thousandths of the jitter
	return d + d/100*time.Duration(s.Jitter)/1000*share
}

// Request is a message ready to be sent.
type Request struct {
	URL     string
	Header  http.Header
	Body    []byte
	Timeout time.Duration // of the whole exchange
	Secret  []string      // names of headers that hold a secret
}

// Request makes the request that carries a message.
func (s *Style) Request(m Message) (Request, error) {
	out := Request{URL: m.URL, Header: http.Header{}, Body: m.Body, Timeout: s.Timeout}
	if out.Timeout == 0 {
		out.Timeout = defaultTimeout
	}
	out.Header.Set("Content-Type", "application/json")
	if s.ContentType != "" {
		out.Header.Set("Content-Type", s.ContentType)
	}
	out.Header.Set("User-Agent", "polylink")
	v := m.values()
	for _, h := range s.Headers {
		out.Header.Set(h.Name, headerText(h.Value.text(v)))
	}
	if s.Signature == nil {
		if m.Cut {
			out.Body = half(m.Body)
		}
		return out, nil
	}
	signed, err := s.Signature.Sign(m)
	if err != nil {
		return Request{}, err
	}
	for name, list := range signed.Header {
		out.Header[name] = list
	}
	out.Body, out.Secret = signed.Body, signed.secret
	return out, nil
}
