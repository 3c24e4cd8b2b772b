package ledger

import (
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Kind is what happens to a record.
type Kind string

// The kinds of changes.
const (
	Create   Kind = "create"
	Update   Kind = "update"
	Delete   Kind = "delete"
	Complete Kind = "complete" // a person has paid, or has done what the link is for
	Fail     Kind = "fail"     // a payment did not go through
	Cancel   Kind = "cancel"   // a person has turned away
	Expire   Kind = "expire"   // its time has come
	Revoke   Kind = "revoke"   // it was taken back
)

// past is how a kind is told of.
var past = map[Kind]string{
	Create: "created", Update: "updated", Delete: "deleted", Complete: "completed", Fail: "failed", Cancel: "cancelled",
	Expire: "expired", Revoke: "revoked",
}

// IsChange tells whether a text is the canonical name of something that can
// happen, such as link.expired.
func IsChange(text string) bool {
	table, verb, _ := strings.Cut(text, ".")
	if record.Schemas()[table] == nil {
		return false
	}
	for _, p := range past {
		if p == verb {
			return true
		}
	}
	return false
}

// Past is how a kind is told of, such as expired.
func (k Kind) Past() string { return past[k] }

// Event is the canonical name of what happened to a kind of record, such as
// link.expired.
func (k Kind) Event(table string) string { return table + "." + past[k] }

// passage tells whether a change moves a record on in its life, rather than
// what it says: it leaves an audit entry in every dialect, and the record keeps
// the unique keys that it has.
func (k Kind) passage() bool { return k == Complete || k == Fail || k == Cancel || k == Expire }

// By is who asked for a change.
type By struct {
	Credential string       // a hash of it
	Request    record.Later // what was asked; nil is not told
}

// Change is what happens to one record.
type Change struct {
	Kind      Kind
	Operation string    // noun.verb; "" is that of the kind, such as link.expire
	At        time.Time // when, on the sandbox's clock
	Base      string    // where its dialect is reached, as whoever asked has it; "" is the ledger's
	By        func() By // nil is nobody with a credential: time, or the control API

	Dialect  *dialect.Dialect  // whose words it was asked for in
	Resource *dialect.Resource // and what the record is there
	Row      *store.Row        // as it is kept; nil of a Create
	Before   *record.Record    // as it was; nil of a Create
	After    *record.Record    // as it is from now on: Before where it stays as it is, nil of a Delete

	Bounds *dialect.Bounds // hears of values that were refused in what is told of it; nil hears nothing

	// Along tells that it comes with the change before it, whose events tell of
	// it, too.
	Along bool

	// Lapsed is the record as it is after what happens to it at once, in the
	// same batch: nil where nothing does. Then says what that is; it is an
	// expiry where the date is past already, see Ledger.Lapse.
	Lapsed *record.Record
	Then   Kind
}

// Final is the record as it is when all has happened, nil of a Delete.
func (c *Change) Final() *record.Record {
	if c.Lapsed != nil {
		return c.Lapsed
	}
	return c.After
}

// Lapse notes that the date of a record which is made or changed is past
// already: then its expiry follows at once, in the same batch.
func (l *Ledger) Lapse(c *Change) {
	res := l.Home(c.After)
	if c.After.Dialect == c.Dialect.Name {
		res = c.Resource
	}
	if res == nil {
		return
	}
	if it := res.Expire(c.After, c.At); it != c.After {
		c.Lapsed, c.Then = it, Expire
	}
}

// next is the change that follows this one at once.
func (c *Change) next() *Change {
	then := *c
	then.Kind, then.Operation, then.By, then.Before, then.After, then.Lapsed = c.Then, "", nil, c.After, c.Lapsed, nil
	return &then
}

// subject is the record that a change is about, whatever became of it.
func (c *Change) subject() *record.Record {
	if c.After != nil {
		return c.After
	}
	return c.Before
}

// operation is the noun and the verb of a change.
func (c *Change) operation() string {
	if c.Operation != "" {
		return c.Operation
	}
	return c.subject().Schema.Kind + "." + string(c.Kind)
}

// foreign tells whether the record is another dialect's than the one in which
// the change was asked for.
func (c *Change) foreign() bool { return c.Row != nil && c.Row.Record.Dialect != c.Dialect.Name }
