package routes_test

import (
	"context"
	"errors"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/selection"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/routes"
)

// elsewhere is a backend that passes operations on, and fails at the end.
type elsewhere struct{ backend.Backend }

func (b elsewhere) Begin(c *backend.Call) backend.Operation { return burning{b.Backend.Begin(c)} }

type burning struct{ backend.Operation }

func (burning) Apply(context.Context) (backend.Result, error) {
	return backend.Result{}, errors.New("the upstream is on fire")
}

func (burning) List(context.Context) (selection.Found, *dialect.Problem, error) {
	return selection.Found{Records: []*record.Record{}, More: true, Total: 7}, nil, nil
}

// TestADialectIsAnsweredByItsBackend has another one for a single dialect.
func TestADialectIsAnsweredByItsBackend(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(o *routes.Options) {
		o.Backend = func(d *dialect.Dialect, own backend.Backend) backend.Backend {
			if d.Name == "priceblocs" {
				return elsewhere{own}
			}
			return own
		}
	})
	before := srv.rows(t, "default")
	do(t, srv, asks("PUT /priceblocs"+priceblocsPath("0"), `{"automatic_tax":{"enabled":true}}`, priceblocs)).want(t, 500)
	do(t, srv, asks("PUT /priceblocs"+priceblocsPath("9"), `{}`, priceblocs)).want(t, 404)
	if a := do(t, srv, asks("GET /priceblocs/v1/payment-links", "", priceblocs)).want(t, 200); gjson.Get(a.body, "data.#").Int() != 0 {
		t.Errorf("the list is %s", a.body)
	}
	if !same(before, srv.rows(t, "default")) {
		t.Error("something changed")
	}
	do(t, srv, asks("GET /devdraft"+devdraftPath, "", devdraft...)).want(t, 200)
}
