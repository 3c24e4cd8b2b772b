package admin

import (
	"context"
	"time"

	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/sandbox"
)

// SandboxInfo is a sandbox as it is shown.
type SandboxInfo struct {
	Name     string    `json:"name"`
	Created  time.Time `json:"created" doc:"in real time"`
	LastUsed time.Time `json:"lastUsed" doc:"in real time"`
	Links    int       `json:"links"`
}

func showSandbox(ctx context.Context, sb *sandbox.Sandbox) SandboxInfo {
	return SandboxInfo(sb.Info(ctx))
}

// SandboxList is the sandboxes that there are.
type SandboxList struct {
	Sandboxes []SandboxInfo `json:"sandboxes" doc:"by name"`
	Evicted   int64         `json:"evicted" doc:"how many went for want of room or use"`
}

// Sandboxes lists the sandboxes.
func (a *API) Sandboxes(ctx context.Context, _ None) (SandboxList, error) {
	out := SandboxList{[]SandboxInfo{}, a.o.Sandboxes.Counts().Sandboxes.Load()}
	for _, sb := range a.o.Sandboxes.All() {
		out.Sandboxes = append(out.Sandboxes, showSandbox(ctx, sb))
	}
	return out, nil
}

// ResetSandbox puts the sandbox back to its fixtures.
func (a *API) ResetSandbox(ctx context.Context, _ None) (SandboxInfo, error) {
	var sb *sandbox.Sandbox
	var err error
	a.o.Sandboxes.GiveBack(func() { sb, err = a.o.Sandboxes.Reset(ctx, sandbox.Name(ctx)) })
	if err != nil {
		return SandboxInfo{}, err
	}
	return showSandbox(ctx, sb), nil
}

// NewSandbox is a sandbox to be made.
type NewSandbox struct {
	Name string `json:"name" need:"true" doc:"1 to 40 of a-z, 0-9 and -"`
	From string `json:"from,omitempty" doc:"sandbox to fork; left out, it is made of the fixtures"`
}

const sandboxExample = `{"name":"worker7"} or {"name":"worker7","from":"base"}`

// CreateSandbox makes a sandbox, from the fixtures or as a fork.
func (a *API) CreateSandbox(ctx context.Context, in NewSandbox) (SandboxInfo, error) {
	if err := checkName(in.Name, sandboxExample); err != nil {
		return SandboxInfo{}, err
	}
	if in.From != "" {
		return a.fork(ctx, in.From, in.Name)
	}
	sb, err := a.o.Sandboxes.Make(ctx, in.Name)
	if err != nil {
		return SandboxInfo{}, err
	}
	return showSandbox(ctx, sb), nil
}

// sandbox returns the one that a context names, making it on first use.
func (a *API) sandbox(ctx context.Context) (*sandbox.Sandbox, error) {
	sb, err := a.o.Sandboxes.Get(ctx, sandbox.Name(ctx))
	if err != nil {
		return nil, err
	}
	return sb, a.ledger(ctx).Settle(ctx, sb.DB, now(sb))
}

// ledger makes changes by the rules of the dialects that are served now.
func (a *API) ledger(ctx context.Context) *ledger.Ledger {
	return &ledger.Ledger{Set: a.o.Set(), Random: a.o.Random, Shared: a.o.Shared, Base: baseOf(ctx)}
}

// baseOf is where the dialects are reached by whoever asks, in the sandbox that
// is meant.
func baseOf(ctx context.Context) string {
	base := originIn(ctx)
	if name := sandbox.Name(ctx); name != sandbox.Default {
		base += "/~" + name
	}
	return base
}

// now is a sandbox's time as requests see it, to the millisecond.
func now(sb *sandbox.Sandbox) time.Time { return sb.Clock.Now().Truncate(time.Millisecond) }

func checkName(name, example string) error {
	if sandbox.ValidName(name) {
		return nil
	}
	return bad("name must be 1 to 40 of a-z, 0-9 and - and is %q; send %s", cut(name), example)
}

// SandboxName names a sandbox.
type SandboxName struct {
	Name string `json:"name" in:"path" need:"true" doc:"of the sandbox"`
}

// DeleteSandbox drops a sandbox; the default one is reset.
func (a *API) DeleteSandbox(ctx context.Context, in SandboxName) (None, error) {
	var dropped bool
	var err error
	a.o.Sandboxes.GiveBack(func() { dropped, err = a.o.Sandboxes.Drop(ctx, in.Name) })
	switch {
	case err != nil:
		return None{}, err
	case !dropped:
		return None{}, notFound("there is no sandbox %q; GET /__admin/sandboxes lists them", cut(clean(in.Name)))
	}
	return None{}, nil
}

// Fork says which sandbox to copy, and how the copy is called.
type Fork struct {
	From string `json:"from" in:"path" need:"true" doc:"sandbox to fork"`
	Name string `json:"name" need:"true" doc:"of the fork: 1 to 40 of a-z, 0-9 and -"`
}

const forkExample = `{"name":"copy"}`

// ForkSandbox copies a sandbox.
func (a *API) ForkSandbox(ctx context.Context, in Fork) (SandboxInfo, error) {
	if err := checkName(in.Name, forkExample); err != nil {
		return SandboxInfo{}, err
	}
	return a.fork(ctx, in.From, in.Name)
}

func (a *API) fork(ctx context.Context, from, to string) (SandboxInfo, error) {
	if a.o.Sandboxes.Peek(from) == nil {
		return SandboxInfo{}, notFound("there is no sandbox %q to fork; GET /__admin/sandboxes lists them", cut(clean(from)))
	}
	sb, err := a.o.Sandboxes.Fork(ctx, from, to)
	if err != nil {
		return SandboxInfo{}, err
	}
	return showSandbox(ctx, sb), nil
}
