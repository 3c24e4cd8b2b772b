package routes

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect/refusals"
)

// forced answers a request that asks for a documented answer by its status:
// with the header Prefer: code=409, or ?__code=409 in a browser.
func (x *exchange) forced() bool {
	code := x.parameters().Get("__code")
	for _, prefer := range x.r.Header.Values("Prefer") {
		for _, part := range strings.FieldsFunc(prefer, func(r rune) bool { return r == ',' || r == ';' }) {
			name, v, _ := strings.Cut(part, "=")
			if strings.EqualFold(strings.TrimSpace(name), "code") {
				code = strings.Trim(strings.TrimSpace(v), `"`)
			}
		}
	}
	if code == "" {
		return false
	}
	status, err := strconv.Atoi(code)
	if err == nil && status == x.Op.Status {
		return false // a success is what the request would have got anyway
	}
	class := refusals.WithStatus(x.Op, status)
	if class == "" {
		known := make([]string, 0, 16)
		for _, s := range x.Dialect.Statuses() {
			known = append(known, strconv.Itoa(s))
		}
		x.problem(http.StatusBadRequest, "no_such_answer", "No documented answer with that status",
			x.Dialect.Name+" answers "+x.Op.Name+" with "+strconv.Itoa(x.Op.Status)+", "+strings.Join(known, ", ")+"; ask for one of these")
		return true
	}
	x.rec.asked = true
	x.refuse(x.sample(class, "is not acceptable, as the request asked"))
	return true
}
