package journal

// What the journal calls requests that are no operation of a dialect.
const (
	PageOpen    = "page.open"    // somebody looks at the page of a link
	PageAct     = "page.act"     // and pays there, fails or cancels
	HookReceive = "hook.receive" // an upstream sends a webhook
)

// Besides are those names.
func Besides() []string { return []string{PageOpen, PageAct, HookReceive} }
