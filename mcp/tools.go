package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/internal/jsonerrors"
)

// left are operations that are no tools: one has no end, and the others are for
// probes.
var left = []string{"request.stream", "health.get", "readiness.get", "metrics.get"}

// few is how many requests and how many bytes of an answer an agent is given
// unless it asks for more.
const (
	few      = 20
	mostText = 1 << 20
)

// instructions tell an agent what it has before it.
func instructions(where string) string { return fmt.Sprintf(about, where) }

// offer adds all tools.
func (s *Server) offer() {
	for _, o := range admin.Table() {
		if !slices.Contains(left, o.Name) {
			s.operation(o)
		}
	}
	s.mcp.AddTool(&sdk.Tool{Name: "mapping_check", Title: "Check a mapping file", Annotations: reads,
		Description: "Compile a mapping file and report every mistake as file:line:column: what, and what to write instead. Nothing is served or changed.",
		InputSchema: json.RawMessage(`{"type":"object","properties":{"yaml":{"type":"string","description":"the text of the mapping file"},"name":{"type":"string","description":"what diagnostics call it; mapping.yaml when left out"}},"required":["yaml"],"additionalProperties":false}`),
	}, s.check)
	s.mcp.AddTool(&sdk.Tool{Name: "document_translate", Title: "Translate a document", Annotations: reads,
		Description: "Say what a client of one dialect sends, or what its server answers, in another dialect, offline. What does not arrive as it was said is listed under losses.",
		InputSchema: json.RawMessage(`{"type":"object","properties":{"from":{"type":"string","description":"dialect that the document is in"},"to":{"type":"string","description":"dialect that it is wanted in"},` +
			`"document":{"type":["string","object"],"description":"the document: JSON, or a form as text"},"kind":{"enum":["request","response"],"description":"request when left out"},` +
			`"operation":{"type":"string","description":"that it belongs to; link.create when left out"}},"required":["from","to","document"],"additionalProperties":false}`),
	}, s.translate)
}

var (
	no    = false
	yes   = true
	reads = &sdk.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true, OpenWorldHint: &no}
)

// annotations tell what an operation may do.
func annotations(o admin.Operation) *sdk.ToolAnnotations {
	if o.Method == http.MethodGet || o.Name == "request.count" || o.Name == "delivery.wait" {
		return reads
	}
	a := &sdk.ToolAnnotations{OpenWorldHint: &no, DestructiveHint: &no, IdempotentHint: o.Method == http.MethodPut || o.Method == http.MethodDelete}
	if o.Method == http.MethodDelete || o.Name == "sandbox.reset" || o.Name == "snapshot.restore" {
		a.DestructiveHint = &yes
	}
	if o.Name == "delivery.resend" || o.Name == "event.create" { // receivers hear of it
		a.OpenWorldHint = &yes
	}
	return a
}

// operation offers one operation of the control API.
func (s *Server) operation(o admin.Operation) {
	more, about := map[string]any{}, o.Does
	if !o.Global {
		more["sandbox"] = map[string]any{"type": "string", "pattern": "^[a-z0-9-]{1,40}$", "description": "the sandbox that is meant; default when left out"}
	}
	if o.Example != "" {
		about += "; such as " + o.Example
	}
	if o.Name == "request.list" {
		about += fmt.Sprintf("; the newest %d unless limit says otherwise", few)
	}
	s.mcp.AddTool(&sdk.Tool{Name: strings.ReplaceAll(o.Name, ".", "_"), Description: about, InputSchema: o.InputSchema(more), Annotations: annotations(o)},
		func(ctx context.Context, r *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
			name, input, err := split(o, r.Params.Arguments)
			if err != nil {
				return failed(err), nil
			}
			out, err := s.o.Caller.Call(ctx, o, name, input)
			if err != nil {
				return failed(err), nil
			}
			return answered(out), nil
		})
}

// split takes the name of the sandbox out of the arguments of a tool.
func split(o admin.Operation, arguments json.RawMessage) (name string, input []byte, err error) {
	object := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(arguments)) > 0 {
		if err := json.Unmarshal(arguments, &object); err != nil {
			return "", nil, fmt.Errorf("the arguments must be one object: %s", jsonerrors.Explain(err, &object))
		}
	}
	if raw, ok := object["sandbox"]; ok && !o.Global {
		if err := json.Unmarshal(raw, &name); err != nil {
			return "", nil, fmt.Errorf("sandbox must be a text")
		}
		delete(object, "sandbox")
	}
	if _, ok := object["limit"]; !ok && o.Name == "request.list" {
		object["limit"] = json.RawMessage(fmt.Sprint(few))
	}
	input, err = json.Marshal(object)
	return name, input, err
}

// answered is what a tool has done, as text and where it is an object as that,
// too.
func answered(out json.RawMessage) *sdk.CallToolResult {
	if len(out) > mostText {
		return failed(fmt.Errorf("the answer has %d bytes, which is too much to read; ask for less, with a filter or a limit", len(out)))
	}
	text := string(out)
	var plain string
	if json.Unmarshal(out, &plain) == nil {
		text = plain
	}
	r := &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: text}}}
	if strings.HasPrefix(text, "{") && plain == "" {
		r.StructuredContent = out
	}
	return r
}

// failed is a refusal, which an agent reads and does better.
func failed(err error) *sdk.CallToolResult {
	return &sdk.CallToolResult{IsError: true, Content: []sdk.Content{&sdk.TextContent{Text: err.Error()}}}
}

// Checked is what is wrong with a mapping file.
type Checked struct {
	OK          bool     `json:"ok"`
	Diagnostics []string `json:"diagnostics"` // each as file:line:column: what
	Warnings    []string `json:"warnings"`
}

func (s *Server) check(_ context.Context, r *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
	var in struct {
		YAML string `json:"yaml"`
		Name string `json:"name"`
	}
	if err := arguments(r, &in); err != nil {
		return failed(err), nil
	}
	if in.YAML == "" {
		return failed(fmt.Errorf("yaml is needed: the text of a mapping file")), nil
	}
	if in.Name == "" {
		in.Name = "mapping.yaml"
	}
	return written(s.o.Check(in.Name, []byte(in.YAML))), nil
}

// Document is what is to be translated.
type Document struct {
	From, To, Kind, Operation string
	Text                      []byte
}

// Translated is a document in another dialect.
type Translated struct {
	Document string   `json:"document"`
	Losses   []string `json:"losses"` // kind, name in the dialect it was in, canonical path, why
	Refused  []string `json:"refused,omitempty"`
}

func (s *Server) translate(_ context.Context, r *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
	var in struct {
		From, To, Kind, Operation string
		Document                  json.RawMessage
	}
	if err := arguments(r, &in); err != nil {
		return failed(err), nil
	}
	d := Document{From: in.From, To: in.To, Kind: in.Kind, Operation: in.Operation, Text: in.Document}
	var text string
	if json.Unmarshal(in.Document, &text) == nil {
		d.Text = []byte(text)
	}
	if d.Kind == "" {
		d.Kind = "request"
	}
	if d.Operation == "" {
		d.Operation = "link.create"
	}
	out, err := s.o.Translate(d)
	if err != nil {
		return failed(err), nil
	}
	return written(out), nil
}

// arguments reads the arguments of a tool into a struct.
func arguments(r *sdk.CallToolRequest, into any) error {
	dec := json.NewDecoder(bytes.NewReader(r.Params.Arguments))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("the arguments are not understood: %s", jsonerrors.Explain(err, into))
	}
	return nil
}

// written is an answer of our own.
func written(out any) *sdk.CallToolResult {
	data, err := json.Marshal(out)
	if err != nil {
		return failed(err)
	}
	return answered(data)
}
