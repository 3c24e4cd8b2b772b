package problem

import (
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAProblemIsAFailureToEveryClient(t *testing.T) {
	t.Parallel()
	type wider struct {
		Problem
		More int `json:"more"`
	}
	w := httptest.NewRecorder()
	Write(w, 404, wider{New(404, "no_path", "No such path", "ask for <another>"), 1})
	const want = `{"type":"about:blank","title":"No such path","status":404,"detail":"ask for <another>",` +
		`"error":{"type":"no_path","message":"No such path: ask for <another>"},"more":1}` + "\n"
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Errorf("the document (-want +got):\n%s", diff)
	}
	if w.Code != 404 || w.Header().Get("Content-Type") != Mime || w.Header().Get(Header) != "true" {
		t.Errorf("it comes as %d with %v", w.Code, w.Header())
	}
	if err := error(New(400, "x", "Bad", "send y")); err.Error() != "Bad: send y" {
		t.Errorf("as an error it is %q", err)
	}
}
