package exchanges

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Hearing is a World with receivers of webhooks.
type Hearing interface {
	// Listen registers a receiver.
	Listen(r Listener) error
	// Heard returns the attempts that were made and not returned before, in
	// order, when all that is due has been done.
	Heard() ([]Heard, error)
}

// Listener is a receiver of webhooks.
type Listener struct {
	Name    string
	Answers []int    // statuses, then 200; 0 is no answer
	Events  []string // none is all
	Off     bool     // it is registered and switched off
}

// Heard is one attempt of a delivery.
type Heard struct {
	To     string // name of the receiver
	Header http.Header
	Body   []byte
}

// receiver reads what a section says of a receiver.
func (s *Step) receiver() (Listener, error) {
	words := strings.Fields(s.Arg)
	if len(words) == 0 {
		return Listener{}, errors.New("give the receiver a name, as in -- receiver shop 500 --")
	}
	l := Listener{Name: words[0]}
	for _, w := range words[1:] {
		n, err := strconv.Atoi(w)
		if w != "none" && (err != nil || n < 200 || n > 599) {
			return l, fmt.Errorf("%q is no status; write one from 200 to 599, or none", w)
		}
		l.Answers = append(l.Answers, n)
	}
	if len(strings.TrimSpace(string(s.Text))) == 0 {
		return l, nil
	}
	more := struct {
		Events []string
		Active *bool
	}{}
	if err := json.Unmarshal(s.Text, &more); err != nil {
		return l, fmt.Errorf("a receiver's body has events and active: %w", err)
	}
	l.Events, l.Off = more.Events, more.Active != nil && !*more.Active
	return l, nil
}

func (p *play) receiver(s *Step) error {
	w, ok := p.world.(Hearing)
	if !ok {
		return errors.New("this world has no receivers")
	}
	l, err := s.receiver()
	if err != nil {
		return err
	}
	return w.Listen(l)
}

// delivery writes the next attempt down.
func (p *play) delivery() error {
	w, ok := p.world.(Hearing)
	if !ok {
		return errors.New("this world has no receivers")
	}
	p.answer()
	more, err := w.Heard()
	if err != nil {
		return err
	}
	if p.heard = append(p.heard, more...); len(p.heard) == 0 {
		p.add(Delivery, "", []byte("none\n"))
		return nil
	}
	next := p.heard[0]
	p.heard = p.heard[1:]
	arg, text := next.text()
	p.add(Delivery, arg, text)
	return nil
}

// text is an attempt as a file has it, and what stands behind the word in the
// section's name.
func (h *Heard) text() (arg string, text []byte) {
	lines := []string{}
	for name, values := range h.Header {
		for _, v := range values {
			if line := name + ": " + v; line != "Content-Type: application/json" && line != "User-Agent: polylink" {
				lines = append(lines, line)
			}
		}
	}
	slices.Sort(lines)
	text = []byte(strings.Join(append([]string{"to " + h.To}, lines...), "\n") + "\n")
	body, ok := indent(h.Body)
	if !ok {
		arg = verbatim
	}
	return arg, append(append(append(text, '\n'), body...), '\n')
}
