package routes

import (
	"crypto/subtle"
	"path"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// public tells whether the operation asks for no credential. What is no
// operation is as private as the others.
func (x *exchange) public() bool { return x.Op != nil && x.Op.Public }

// authStage finds out who sent the request.
type authStage struct{}

func (authStage) check(x *exchange) (*dialect.Problem, bool) {
	if x.public() {
		return nil, false
	}
	if x.Dialect.Auth.Scheme == "none" {
		x.actAsMain()
		return nil, false
	}
	code := identify(x)
	if code == "" {
		return nil, false
	}
	if p := countUnauthorized(x); p != nil {
		return p, false
	}
	return &dialect.Problem{Code: code}, false
}

// identify looks the credential up; it returns the code of the refusal, or "".
func identify(x *exchange) record.Code {
	switch {
	case !x.cred.sent:
		return record.CodeNoCredential
	case !x.cred.formed:
		return record.CodeBadCredential
	}
	row := x.Rows.Get(record.Credentials.Kind, store.RowKey(x.Dialect.Name, x.cred.key))
	form := keyForm(x)
	if row == nil {
		if form.Refuse != "" {
			return form.Refuse
		}
		if form.Guard || x.Dialect.Auth.Strict {
			return record.CodeBadCredential
		}
		if row = x.Rows.Get(record.Credentials.Kind, store.RowKey(x.Dialect.Name, x.st.fixtures.Main(x.Dialect.Name))); row == nil {
			return record.CodeBadCredential
		}
		x.Env.Credential = row.Record
		if form.Live != "" && row.Record.Get(record.SlotLive) != form.Live {
			x.Env.Credential = row.Record.Clone()
			x.Env.Credential.Set(record.SlotLive, form.Live)
		}
	} else {
		rec := row.Record
		if secret := rec.Text(slotSecret); secret != "" && subtle.ConstantTimeCompare([]byte(secret), []byte(x.cred.secret)) != 1 {
			return record.CodeBadCredential
		}
		if refused := rec.Text(slotRefused); refused != "" {
			return record.Code(refused)
		}
		x.Env.Credential = rec
	}
	if account := x.Rows.Get(record.Accounts.Kind, store.RowKey(x.Dialect.Name, x.Env.Credential.Text(record.SlotAccount))); account != nil {
		x.Env.Account = account.Record
	}
	return tenant(x)
}

// actAsMain lets a request act as the fixtures' main credential, where there is
// one: nobody says who they are.
func (x *exchange) actAsMain() {
	row := x.Rows.Get(record.Credentials.Kind, store.RowKey(x.Dialect.Name, x.st.fixtures.Main(x.Dialect.Name)))
	if row == nil {
		return
	}
	x.Env.Credential = row.Record
	if account := x.Rows.Get(record.Accounts.Kind, store.RowKey(x.Dialect.Name, row.Record.Text(record.SlotAccount))); account != nil {
		x.Env.Account = account.Record
	}
}

// tenant lets the request act for the account that it names, where the dialect
// has such a header: the credential's own, or one connected to it. What it does
// is then done by that account: its records, keys and limits.
func tenant(x *exchange) record.Code {
	t := x.Dialect.Auth.Tenant
	if t == nil || x.r.Header.Get(t.Header) == "" {
		return ""
	}
	own, name := x.Env.Credential.Text(record.SlotAccount), x.r.Header.Get(t.Header)
	if name == own {
		return ""
	}
	row := x.Rows.Get(record.Accounts.Kind, store.RowKey(x.Dialect.Name, name))
	if row == nil || row.Record.Text(slotPlatform) != own || row.Record.Text(record.SlotStatus) != record.Active {
		return t.Refusal
	}
	x.Env.Account, x.Env.Credential = row.Record, x.Env.Credential.Clone()
	x.Env.Credential.Set(record.SlotAccount, record.Quote(name))
	return ""
}

var (
	slotSecret  = record.Credentials.MustSlot("secret")
	slotRefused = record.Credentials.MustSlot("refused")

	slotPlatform = record.Accounts.MustSlot("platform")
)

// keyForm returns what the shape of the key says.
func keyForm(x *exchange) access.KeyForm {
	for _, f := range x.Dialect.Auth.Keys {
		if ok, _ := path.Match(f.Like, strings.ReplaceAll(x.cred.key, "/", "_")); ok {
			return f
		}
	}
	return access.KeyForm{}
}
