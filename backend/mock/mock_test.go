package mock_test

import (
	"testing"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/backend/backendtest"
	"github.com/polylink-dev/polylink/backend/mock"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/mockstore"
)

func TestBackendKeepsItsContract(t *testing.T) {
	t.Parallel()
	backendtest.Run(t, mockstore.Make, func(_ testing.TB, w *backendtest.World) backend.Backend {
		return &mock.Backend{Ledger: &ledger.Ledger{Set: w.Set, Random: ids.Random()}}
	})
}
