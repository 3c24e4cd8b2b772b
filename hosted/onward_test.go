package hosted

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestWhoComesTooLateIsLedOn opens a page on which nothing can be done, and
// sends a form that was open meanwhile.
func TestWhoComesTooLateIsLedOn(t *testing.T) {
	t.Parallel()
	for to, safe := range map[string]bool{
		"https://shop.example/sorry?reason=link_expired": true, "javascript:alert(1)": false, "//evil.example": false, "shop://x": false, "": false,
	} {
		p := sample()
		p.Status, p.Onward = "expired", to
		s := &stand{page: p}
		w := ask(t, s, "GET", here, "")
		if has := strings.Contains(w.Body.String(), `data-testid="onward"`); w.Code != http.StatusOK || has != safe || !strings.Contains(w.Body.String(), "This link has expired.") {
			t.Errorf("%q: %d, led on: %v", to, w.Code, has)
		}
		w = ask(t, s, "POST", here, "action=pay&email=a@b.c")
		switch got := w.Header().Get("Location"); {
		case safe && (w.Code != http.StatusSeeOther || got != to):
			t.Errorf("%q: %d to %q", to, w.Code, got)
		case !safe && (w.Code != http.StatusConflict || got != ""):
			t.Errorf("%q: %d to %q", to, w.Code, got)
		}
		if len(s.acts) != 0 {
			t.Errorf("%q: %d acts", to, len(s.acts))
		}
	}
}

func TestAPageThatIsOpenedTooOftenSaysWhen(t *testing.T) {
	t.Parallel()
	w := ask(t, &stand{err: &TooManyError{Wait: 1500 * time.Millisecond}}, "GET", here, "")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "2" || !strings.Contains(w.Body.String(), "opened too often") {
		t.Errorf("%d, Retry-After %q\n%s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
}
