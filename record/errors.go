package record

import (
	"errors"
	"strconv"
	"strings"
)

// Code is the canonical class of a refusal. Each dialect maps it to its own
// status, envelope and headers; a dialect may add codes of its own.
type Code string

// The codes the engine itself gives. Parent tells what a dialect that does
// not distinguish one falls back to.
const (
	CodeInternal         Code = "internal"            // our fault
	CodeInvalid          Code = "invalid"             // anything wrong with what was sent
	CodeMalformed        Code = "malformed"           // the body cannot be parsed
	CodeNotObject        Code = "not_object"          // the body is no object
	CodeMissing          Code = "missing"             // a required field is not there
	CodeType             Code = "invalid_type"        // a value of another type
	CodeValue            Code = "invalid_value"       // a value out of bounds
	CodeUnknownField     Code = "unknown_field"       // a field the operation does not have
	CodeFrozen           Code = "frozen"              // a field that cannot be written
	CodeReference        Code = "reference_missing"   // a value names a record that is not there
	CodeRule             Code = "rule"                // fields that do not go together
	CodeParameter        Code = "invalid_parameter"   // a query parameter
	CodeHeader           Code = "invalid_header"      // a request header
	CodeUnauthorized     Code = "unauthorized"        // any credential fault
	CodeNoCredential     Code = "missing_credential"  // none was sent
	CodeBadCredential    Code = "invalid_credential"  // not one we know
	CodeExpiredKey       Code = "expired_credential"  // past its end
	CodeRevokedKey       Code = "revoked_credential"  // withdrawn
	CodePublishable      Code = "publishable"         // a key that may not do this by its kind
	CodeForbidden        Code = "forbidden"           // a credential that may not do this
	CodeScope            Code = "scope"               // it lacks the operation's scope
	CodeNotFound         Code = "not_found"           // no such record
	CodeParentNotFound   Code = "parent_not_found"    // no such record above it
	CodeNotOwner         Code = "not_owner"           // somebody else's record
	CodeRoute            Code = "route_not_found"     // no such path
	CodeMethod           Code = "method_not_allowed"  // not with this method
	CodeConflict         Code = "conflict"            // anything that clashes with what is there
	CodeState            Code = "wrong_state"         // not in this state
	CodeUnique           Code = "not_unique"          // taken already
	CodePayment          Code = "payment_failed"      // the payment did not go through
	CodeTooLarge         Code = "too_large"           // the body is over the cap
	CodeMediaType        Code = "media_type"          // a Content-Type that is not understood
	CodeRateLimited      Code = "rate_limited"        // over a limit
	CodeIdempotencyNone  Code = "idempotency_missing" // the key is required
	CodeIdempotencyKey   Code = "idempotency_invalid" // the key is malformed
	CodeIdempotencyOther Code = "idempotency_reused"  // the key came with another request
	CodeIdempotencyBusy  Code = "idempotency_in_use"  // the first request is still running
)

var parents = map[Code]Code{
	CodeMalformed: CodeInvalid, CodeNotObject: CodeMalformed, CodeMissing: CodeInvalid, CodeType: CodeInvalid, CodeValue: CodeInvalid,
	CodeUnknownField: CodeInvalid, CodeFrozen: CodeInvalid, CodeReference: CodeInvalid, CodeRule: CodeInvalid,
	CodeParameter: CodeInvalid, CodeHeader: CodeInvalid, CodeMediaType: CodeInvalid, CodeTooLarge: CodeInvalid,
	CodeNoCredential: CodeUnauthorized, CodeBadCredential: CodeUnauthorized, CodeExpiredKey: CodeUnauthorized,
	CodeRevokedKey: CodeUnauthorized, CodePublishable: CodeForbidden, CodeForbidden: CodeUnauthorized, CodeScope: CodeForbidden,
	CodeParentNotFound: CodeNotFound, CodeNotOwner: CodeNotFound, CodeRoute: CodeNotFound, CodeMethod: CodeRoute,
	CodePayment: CodeInvalid, CodeState: CodeConflict, CodeUnique: CodeConflict, CodeConflict: CodeInvalid, CodeNotFound: CodeInvalid,
	CodeIdempotencyNone: CodeHeader, CodeIdempotencyKey: CodeHeader, CodeIdempotencyOther: CodeConflict, CodeIdempotencyBusy: CodeConflict,
}

// Parent returns the wider class a code belongs to, "" for the widest.
func (c Code) Parent() Code { return parents[c] }

// Codes lists every code the engine gives. That a payment failed is only said
// on demand.
func Codes() []Code {
	all := []Code{CodeInternal, CodeInvalid, CodeUnauthorized, CodeRateLimited}
	for c := range parents {
		if c != CodeInvalid && c != CodeUnauthorized && c != CodePayment {
			all = append(all, c)
		}
	}
	return all
}

// Error is the one error that crosses package borders.
type Error struct {
	Code  Code
	Field string // wire path of the field or parameter at fault, or ""
	Value string // what was sent there, as JSON text, or ""
	Msg   string // safe to show to the caller; "" leaves the wording to the dialect
	Err   error  // cause, for the log alone
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	if e.Field != "" {
		b.WriteString(" at " + strconv.Quote(e.Field))
	}
	if e.Msg != "" {
		b.WriteString(": " + e.Msg)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first Error in err's tree, CodeInternal when
// there is none.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return CodeInternal
}
