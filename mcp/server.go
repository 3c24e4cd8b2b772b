package mcp

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/internal/hosts"
	"github.com/polylink-dev/polylink/internal/problem"
)

// Caller does an operation of the control API.
type Caller interface {
	// Call does an operation in a sandbox, "" for the default one, with its whole
	// input as one JSON object. It returns the answer as JSON, and a refusal as an
	// error that says what to send instead.
	Call(ctx context.Context, o admin.Operation, sandbox string, input []byte) (json.RawMessage, error)
}

// Options is what the tools are made of.
type Options struct {
	Caller    Caller
	Check     func(name string, text []byte) Checked // compiles a mapping file
	Translate func(Document) (Translated, error)     // says a document in another dialect
	Where     string                                 // the server's address, for people
	Version   string
	Log       *slog.Logger
}

const about = `polylink is a stateful mock server for the link APIs of payment and onboarding providers, reached at %s. ` +
	`Each provider is a dialect: dialect_list names them, dialect_get has credentials and curl lines that work. ` +
	`Everything happens in a sandbox of its own clock, links, journal and faults; name one in the member sandbox, default otherwise. ` +
	`To learn why a request was answered as it was, take its number from the header X-Polylink-Request or from request_list, and call request_explain. ` +
	`clock_advance lets links expire and webhooks be tried again; fault_create and scenario_start make calls go wrong.`

// Server offers the tools. It is safe for concurrent use. Make it with New.
type Server struct {
	o   Options
	mcp *sdk.Server
}

// New makes a server with all tools.
func New(o Options) *Server {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{o: o}
	s.mcp = sdk.NewServer(&sdk.Implementation{Name: "polylink", Title: "polylink", Version: o.Version},
		&sdk.ServerOptions{Instructions: instructions(o.Where), Capabilities: &sdk.ServerCapabilities{Tools: &sdk.ToolCapabilities{}}})
	s.offer()
	return s
}

// Run speaks with one client over a transport until that ends or ctx does.
func (s *Server) Run(ctx context.Context, t sdk.Transport) error { return s.mcp.Run(ctx, t) }

// maxBody is the most bytes of a message.
const maxBody = 4 << 20

// Handler speaks with clients over streamable HTTP. It answers under the names
// that allowed has, to no page of another origin, and where a token is asked
// for only to who has it.
func (s *Server) Handler(allowed *hosts.Names, token func(presented string) bool) http.Handler {
	stream := sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return s.mcp },
		&sdk.StreamableHTTPOptions{Logger: s.o.Log, Stateless: true, JSONResponse: true, MaxRequestBodyBytes: maxBody})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !allowed.Guard(w, r, "The server for agents"):
		case !admin.SameOrigin(r):
			refuse(w, http.StatusForbidden, "foreign_origin", "Foreign origin", "A page of another origin may not use these tools")
		case token != nil && !token(admin.Bearer(r)):
			w.Header().Set("WWW-Authenticate", "Bearer")
			refuse(w, http.StatusUnauthorized, "token_needed", "Token needed", "Send Authorization: Bearer with the token that admin.token holds")
		case r.URL.Path != "/mcp":
			refuse(w, http.StatusNotFound, "not_found", "Not found", "The tools are at /mcp")
		default:
			stream.ServeHTTP(w, r)
		}
	})
}

func refuse(w http.ResponseWriter, status int, code, title, detail string) {
	problem.Write(w, status, problem.New(status, code, title, detail))
}
