package refusals

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/record"
)

// WithStatus returns an error that the operation can answer with a status
// for: one that its own checks raise if there is one, else one of the
// catalogue; "" when there is none.
func WithStatus(op *dialect.Op, status int) record.Code {
	d := op.Owner
	raised := Codes(op)
	for _, name := range d.Errors.Order {
		class := d.Errors.Classes[name]
		if class.Status != status {
			continue
		}
		for _, code := range raised {
			if d.Errors.Class(code) == class {
				return code
			}
		}
	}
	return d.ClassWithStatus(status)
}

// Codes lists what the checks of an operation can refuse it with.
func Codes(op *dialect.Op) []record.Code {
	d := op.Owner
	list := []record.Code{record.CodeInternal, record.CodeRateLimited}
	for _, h := range slices.Concat(d.RequestHeaders, op.Query) {
		list = append(list, h.Code)
	}
	if !op.Public && d.Auth.Scheme != "none" {
		list = append(list, record.CodeNoCredential, record.CodeBadCredential, record.CodeExpiredKey, record.CodeRevokedKey)
		for _, f := range d.Auth.Keys {
			list = append(list, f.Refuse)
		}
		if t := d.Auth.Tenant; t != nil {
			list = append(list, t.Refusal)
		}
		if op.Scope != "" {
			list = append(list, record.CodeScope)
		}
	}
	if i := d.Idempotency; i != nil && !op.Public && slices.Contains(i.Methods, op.Method) {
		list = append(list, record.CodeIdempotencyKey, record.CodeIdempotencyOther, record.CodeIdempotencyBusy)
		if i.Required {
			list = append(list, record.CodeIdempotencyNone)
		}
	}
	if op.Method != "GET" && op.Method != "DELETE" {
		list = append(list, record.CodeTooLarge)
	}
	list = append(list, op.Refusal)
	list = append(list, recordCodes(op)...)
	if op.Writes() {
		list = append(list, writeCodes(op)...)
	}
	return slices.DeleteFunc(list, func(c record.Code) bool { return c == "" })
}

// recordCodes is what finding records can lead to.
func recordCodes(op *dialect.Op) (list []record.Code) {
	if op.Resource == nil || op.Does == dialect.Answer || op.Does == dialect.Refuse {
		return nil
	}
	if op.Resource.Parent != nil || op.Resource.About != nil && op.Does == dialect.Create {
		list = append(list, record.CodeParentNotFound)
	}
	if op.Does == dialect.Get || op.Does == dialect.Update || op.Does == dialect.Delete {
		list = append(list, record.CodeNotFound, record.CodeNotOwner)
	}
	if op.From != nil {
		list = append(list, record.CodeState)
	}
	if op.Restrict != nil {
		list = append(list, op.Restrict.Code)
	}
	if op.ByQuery != "" {
		list = append(list, record.CodeMissing)
	}
	for _, f := range op.Filters {
		list = append(list, f.Code)
	}
	if op.Sort != nil {
		list = append(list, op.Sort.Code)
	}
	if p := op.Page; p != nil && p.Style != "none" {
		list = append(list, p.SizeError)
		if p.After != "" || p.Before != "" {
			list = append(list, p.CursorError, p.BothError)
		}
	}
	return list
}

// writeCodes is what a body can lead to.
func writeCodes(op *dialect.Op) (list []record.Code) {
	res := op.Resource
	if op.Method != "DELETE" {
		list = append(list, record.CodeMalformed, record.CodeNotObject, record.CodeMediaType, record.CodeMissing, record.CodeType, record.CodeValue)
		if op.Owner.Unknown == "refuse" {
			list = append(list, record.CodeUnknownField)
		}
		if len(res.References) > 0 {
			list = append(list, record.CodeReference)
		}
		for _, f := range res.Fields {
			list = append(list, fieldCodes(f)...)
			if f.Frozen != "ignore" {
				list = append(list, record.CodeFrozen)
			}
		}
	}
	for _, r := range res.Rules {
		if r.On == "create" && op.Does != dialect.Create || r.On == "update" && op.Does != dialect.Update {
			continue
		}
		if r.Code == "" {
			r.Code = record.CodeRule
		}
		list = append(list, r.Code)
	}
	for _, u := range res.Unique {
		list = append(list, u.Code)
	}
	return list
}

// fieldCodes lists the classes that a field line gives its violations, its members' too.
func fieldCodes(f *dialect.Field) (list []record.Code) {
	for _, w := range grammar.CheckWords.Words {
		if code, ok := f.Classes[w.Name]; ok {
			list = append(list, code)
		}
	}
	if c, ok := f.Codec.(*dialect.ListCodec); ok {
		for _, m := range c.Each {
			list = append(list, fieldCodes(m)...)
		}
		if c.Of != nil {
			list = append(list, fieldCodes(c.Of)...)
		}
	}
	return list
}
