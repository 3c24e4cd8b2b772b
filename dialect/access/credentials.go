package access

import "github.com/polylink-dev/polylink/record"

// Auth says how a client shows who it is.
type Auth struct {
	Scheme  string   // bearer, basic, headers or none; the first of several
	Schemes []string // all of them
	Headers []string // of scheme headers: the first is looked up
	Strict  bool     // only listed credentials are taken
	Keys    []KeyForm
	Tenant  *Tenant // nil where a credential acts for its own account alone
}

// Tenant is how a request names the account that it acts for: the credential's
// own, or one that is connected to it.
type Tenant struct {
	Header  string
	Refusal record.Code // of any other account
}

// KeyForm is what the shape of a credential says about it.
type KeyForm struct {
	Like   string // with * for anything
	Live   string // "true", "false" or "" when the shape does not tell
	Guard  bool   // unlisted ones are refused: they may be real
	Refuse record.Code
}
