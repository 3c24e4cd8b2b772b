package exchanges

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/tools/txtar"
)

// World is what an exchange is played against: a server that nobody used
// before, with a clock that stands still and seeded randomness.
type World interface {
	http.Handler
	// Advance moves the clock on.
	Advance(by time.Duration)
	// Document returns a record of the dialect as canonical JSON, nil when
	// there is none.
	Document(kind, id string) ([]byte, error)
	// Given puts a canonical record into the store.
	Given(doc []byte) error
	// Break makes a record unreadable.
	Break(kind, id string) error
}

// Result is what came of playing an exchange.
type Result struct {
	Got     []byte  // the file with what was really answered in it
	Replies []Reply // to its requests, in order, but for repeated ones
}

// Reply is a request as it was sent and its answer.
type Reply struct {
	Request *http.Request // its body is in Sent
	Sent    []byte
	Status  int
	Header  http.Header // names have the letters the server gave them
	Body    []byte
}

// Play sends the requests one after the other. An error says that the file
// cannot be played; an answer that differs is none, compare Result.Got.
func (x *Exchange) Play(w World) (*Result, error) {
	p := &play{exchange: x, world: w, result: &Result{}}
	for _, o := range x.Overrides {
		p.add(override, o.Path, o.YAML)
	}
	for i := range x.Steps {
		s := &x.Steps[i]
		if s.Verb == Request {
			p.during = x.meanwhile(i)
		}
		if err := p.step(s); err != nil {
			return nil, fmt.Errorf("%s: section %d, %s %s: %w", x.File, len(x.Overrides)+i+1, s.Verb, s.Arg, err)
		}
	}
	p.answer()
	p.result.Got = txtar.Format(&txtar.Archive{Comment: x.comment, Files: p.files})
	return p.result, nil
}

// play is an exchange under way.
type play struct {
	exchange *Exchange
	world    World
	result   *Result
	files    []txtar.File
	last     *request // the latest one
	owed     bool     // its answer is not written down yet
	during   *Step    // to be sent while the latest one is answered
	early    *Reply   // what that got
	heard    []Heard  // attempts of deliveries that are not written down yet
}

// meanwhile finds what is sent while the request at step i is answered.
func (x *Exchange) meanwhile(i int) *Step {
	for j := i + 1; j < len(x.Steps) && x.Steps[j].Verb != Request; j++ {
		if x.Steps[j].Verb == Meanwhile {
			return &x.Steps[j]
		}
	}
	return nil
}

func (p *play) add(verb Verb, arg string, text []byte) {
	p.files = append(p.files, section(verb, arg, text))
}

// reply is the latest answer.
func (p *play) reply() *Reply {
	if n := len(p.result.Replies); n > 0 {
		return &p.result.Replies[n-1]
	}
	return &Reply{}
}

// answer writes the latest answer down where the file has no place for it.
func (p *play) answer() {
	if p.owed {
		arg, text := p.exchange.text(p.reply())
		p.add(Response, arg, text)
		p.owed = false
	}
}

func (p *play) step(s *Step) error {
	switch s.Verb {
	case Canonical:
		return p.canonical(s)
	case Delivery:
		return p.delivery()
	case Response:
		if !p.owed {
			return fmt.Errorf("the request has its response already")
		}
		p.answer()
		return nil
	}
	p.answer()
	p.add(s.Verb, s.Arg, p.exchange.spelled(s))
	switch s.Verb {
	case Request:
		return p.send(s)
	case Meanwhile:
		if p.early == nil {
			return fmt.Errorf("there is one meanwhile already")
		}
		p.result.Replies = append(p.result.Replies, *p.early)
		p.early, p.owed = nil, true
	case Repeat:
		for range s.N {
			if _, err := p.last.send(p.world, nil); err != nil {
				return err
			}
		}
	case Given:
		return p.world.Given(s.Text)
	case Advance:
		p.world.Advance(s.By)
	case Receiver:
		return p.receiver(s)
	case Break:
		kind, id, err := p.record(s)
		if err != nil {
			return err
		}
		return p.world.Break(kind, id)
	}
	return nil
}

// record is what a section's name says of the record it is about.
func (p *play) record(s *Step) (kind, id string, err error) {
	name, err := expand([]byte(s.Arg), p.reply())
	if err != nil {
		return "", "", err
	}
	return record(string(name))
}

func (p *play) send(s *Step) error {
	req, err := parseRequest(s, p.reply())
	if err != nil {
		return err
	}
	var failed error
	reply, err := req.send(p.world, func() {
		if p.during == nil {
			return
		}
		var second *request
		if second, failed = parseRequest(p.during, p.reply()); failed == nil {
			p.early, failed = second.send(p.world, nil)
		}
	})
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	p.result.Replies = append(p.result.Replies, *reply)
	p.last, p.owed = req, true
	return nil
}

func (p *play) canonical(s *Step) error {
	kind, id, err := p.record(s)
	if err != nil {
		return err
	}
	doc, err := p.world.Document(kind, id)
	if err != nil {
		return err
	}
	text := []byte("none\n")
	if doc != nil {
		var out bytes.Buffer
		if err := json.Indent(&out, doc, "", "  "); err != nil {
			return fmt.Errorf("canonical document of %s: %w", s.Arg, err)
		}
		text = append(out.Bytes(), '\n')
	}
	p.add(Canonical, s.Arg, text)
	return nil
}

// shown is the part of a body that the file has: of a page what its main element
// holds, of all else everything.
func shown(r *Reply) []byte {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		return r.Body
	}
	_, rest, ok := bytes.Cut(r.Body, []byte("<main>\n"))
	inside, _, closed := bytes.Cut(rest, []byte("\n</main>"))
	if !ok || !closed {
		return r.Body
	}
	return inside
}

// text is an answer as the exchange's file has it, and what stands behind the
// word response in the section's name.
func (x *Exchange) text(r *Reply) (arg string, text []byte) {
	text = strconv.AppendInt(nil, int64(r.Status), 10)
	text = append(text, '\n')
	for _, line := range x.headerLines(r) {
		text = append(text, line+"\n"...)
	}
	body, ok := indent(shown(r))
	if !ok {
		arg = verbatim
	}
	if len(body) > 0 {
		text = append(append(append(text, '\n'), body...), '\n')
	}
	return arg, text
}
