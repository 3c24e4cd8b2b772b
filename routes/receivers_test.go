package routes_test

import (
	"github.com/polylink-dev/polylink/dispatch/receivers"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
)

// hear makes the sandboxes of a world, so that deliveries come to it.
func (w *world) hear(o *routes.Options) {
	w.Receivers = receivers.New(w.tb, w.dialect, o.Set, o.Real, func() *sandbox.Sandbox { return w.Sandboxes().Peek(sandbox.Default) })
	worlds, err := sandbox.New(sandbox.Options{Engine: o.Engine, Rows: routes.Rows(o.Set, o.Fixtures, o.Shared), Real: o.Real, Post: w.Post})
	if err != nil {
		w.tb.Fatal(err)
	}
	o.Sandboxes, o.Told = worlds, receivers.Stream("events")
}
