package exchanges_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/internal/exchanges"
)

// teller is a world that tells its receivers of every request.
type teller struct {
	counter
	all []exchanges.Listener
	due []exchanges.Heard
}

func (w *teller) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.counter.ServeHTTP(rw, r)
	for _, l := range w.all {
		w.due = append(w.due, exchanges.Heard{To: l.Name, Header: http.Header{"X-B": {"2"}, "X-A": {"1"}, "Content-Type": {"application/json"}, "User-Agent": {"polylink"}}, Body: []byte(`{"n":1}`)})
	}
}

func (w *teller) Listen(l exchanges.Listener) error {
	w.all = append(w.all, l)
	return nil
}

func (w *teller) Heard() ([]exchanges.Heard, error) {
	due := w.due
	w.due = nil
	return due, nil
}

func TestDeliveriesAreWrittenDown(t *testing.T) {
	t.Parallel()
	const file = "-- receiver a 500 none --\n{\"events\": [\"x\"], \"active\": false}\n-- receiver b --\n-- request --\nDELETE /\n-- delivery --\n-- delivery --\n-- delivery --\n"
	x, err := exchanges.Parse("a.txtar", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	w := &teller{}
	got, err := x.Play(w)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]exchanges.Listener{{Name: "a", Answers: []int{500, 0}, Events: []string{"x"}, Off: true}, {Name: "b"}}, w.all); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	want := "-- delivery --\nto a\nX-A: 1\nX-B: 2\n\n{\n  \"n\": 1\n}\n-- delivery --\nto b\nX-A: 1\nX-B: 2\n\n{\n  \"n\": 1\n}\n-- delivery --\nnone\n"
	if !strings.HasSuffix(string(got.Got), want) {
		t.Errorf("got %s", got.Got)
	}
	again, err := exchanges.Parse("a.txtar", got.Got)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := again.Play(&teller{}); err != nil || string(second.Got) != string(got.Got) {
		t.Errorf("played again it is %s, %v", second.Got, err)
	}
	if _, err := x.Play(&counter{}); err == nil || !strings.Contains(err.Error(), "no receivers") {
		t.Errorf("a world without receivers: %v", err)
	}
}
