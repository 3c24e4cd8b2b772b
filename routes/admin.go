package routes

import (
	"encoding/json"
	"net/http"
	"time"
)

// admin answers the control API.
func (s *Server) admin(w http.ResponseWriter, r *http.Request, at way) {
	if s.opts.NoAdmin {
		problem(w, http.StatusNotFound, "No control API here", "It is served on loopback, and elsewhere with admin.token set")
		return
	}
	switch at.path {
	case "/__admin/health":
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			problem(w, http.StatusMethodNotAllowed, "Method not allowed", "Ask with GET")
			return
		}
		s.health(w)
	case "/__admin/version":
		writeJSON(w, http.StatusOK, map[string]string{"version": s.opts.Version})
	default:
		problem(w, http.StatusNotFound, "No such path in the control API", "There are /__admin/health and /__admin/version")
	}
}

// health tells that the process answers.
func (s *Server) health(w http.ResponseWriter) {
	sb, err := s.worlds.Get("default")
	if err != nil {
		problem(w, http.StatusServiceUnavailable, "Not ready", "The default sandbox is not there")
		return
	}
	names := []string{}
	for _, d := range s.state.Load().order {
		names = append(names, d.dialect.Name)
	}
	writeJSON(w, http.StatusOK, struct {
		Status   string    `json:"status"`
		Version  string    `json:"version"`
		Now      time.Time `json:"now"`
		Dialects []string  `json:"dialects"`
	}{"healthy", s.opts.Version, sb.Clock.Now(), names})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		problem(w, http.StatusInternalServerError, "Internal error", "The answer could not be written")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}
