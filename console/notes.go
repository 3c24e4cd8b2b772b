package console

import (
	"io"
	"sync"
	"time"

	"github.com/polylink-dev/polylink/internal/ids"
)

// mostNotes bounds the notes that wait; the oldest go first.
const mostNotes = 100

var noteID = ids.Spec{Alphabet: "0123456789abcdefghijklmnopqrstuvwxyz", Length: 12}

// notes are what forms have done, to be told on the page that comes next. A
// browser is sent there with the name of one, so that no text in an address is
// ever shown.
type notes struct {
	random io.Reader

	mu    sync.Mutex
	names []string
	texts map[string]string
}

// keep takes a text and returns its name.
func (n *notes) keep(text string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	name := noteID.New(time.Time{}, n.random)
	if n.texts == nil {
		n.texts = map[string]string{}
	}
	if len(n.names) == mostNotes {
		delete(n.texts, n.names[0])
		n.names = n.names[1:]
	}
	n.names, n.texts[name] = append(n.names, name), text
	return name
}

// take returns the text of a name once, and then "".
func (n *notes) take(name string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	text := n.texts[name]
	if text == "" {
		return ""
	}
	delete(n.texts, name)
	for i, have := range n.names {
		if have == name {
			n.names = append(n.names[:i:i], n.names[i+1:]...)
			break
		}
	}
	return text
}
