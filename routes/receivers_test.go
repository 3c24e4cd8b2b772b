package routes_test

import (
	"io"
	"math/rand/v2"
	"strings"

	"github.com/polylink-dev/polylink/dispatch/receivers"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
)

// stream is what the ids of events and deliveries are drawn from, apart from
// all others.
func stream(name string) io.Reader {
	return rand.NewChaCha8([32]byte([]byte("the " + name + " of every golden exchange" + strings.Repeat(" ", 32))[:32]))
}

// hear makes the sandboxes of a world, so that deliveries come to it.
func (w *world) hear(o *routes.Options) {
	w.Receivers = receivers.New(w.tb, w.dialect, o.Set, o.Real, stream("deliveries"), func() *sandbox.Sandbox { return w.Sandboxes().Peek(sandbox.Default) })
	worlds, err := sandbox.New(sandbox.Options{Engine: o.Engine, Rows: routes.Rows(o.Set, o.Fixtures, o.Shared), Real: o.Real, Post: w.Post})
	if err != nil {
		w.tb.Fatal(err)
	}
	o.Sandboxes, o.Told = worlds, stream("events")
}
