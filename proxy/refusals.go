package proxy

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// operators are the refusals that are about our credential, and so the
// operator's to mend.
var operators = []record.Code{record.CodeUnauthorized, record.CodeNoCredential, record.CodeBadCredential, record.CodeExpiredKey, record.CodeRevokedKey, record.CodePublishable}

// refusals turns an answer that is no success into problems of our dialect, or
// into an error where it is no refusal of what the client asked for.
func (o *operation) refusals(op *dialect.Op, got *answer) ([]dialect.Problem, error) {
	up := o.b.Upstream
	if got.status == http.StatusTooManyRequests && !o.busy(op, got) {
		return nil, limited(up.Name, retryAfter(got.header))
	}
	list, known := client.Refusals(op, got.status, got.body)
	switch {
	case got.status < 400:
		return nil, up.trouble(http.StatusBadGateway, "answered "+strconv.Itoa(got.status)+", which is no answer", got)
	case got.status >= 500 && known:
		err := up.trouble(o.b.From.Errors.Class(record.CodeInternal).Status, "failed: "+list[0].Why, got)
		return nil, err
	case got.status >= 500:
		return nil, up.trouble(gateway(got.status), "answered "+strconv.Itoa(got.status), got)
	case !known && !empty(got) && !object(got):
		return nil, up.strange(got)
	}
	var problems []dialect.Problem
	for _, r := range list {
		p, err := o.problem(op, r, got)
		if err != nil {
			return nil, err
		}
		problems = append(problems, p)
		if !o.b.From.ReportAll {
			break
		}
	}
	return problems, nil
}

// busy tells whether a 429 is no rate limit, but a clash that the dialect has
// under that number.
func (o *operation) busy(op *dialect.Op, got *answer) bool {
	list, known := client.Refusals(op, got.status, got.body)
	return known && list[0].Code != record.CodeRateLimited
}

func gateway(status int) int {
	if status == http.StatusGatewayTimeout {
		return status
	}
	return http.StatusBadGateway
}

func empty(got *answer) bool  { return len(got.body) == 0 }
func object(got *answer) bool { return len(got.body) > 0 && (got.body[0] == '{' || got.body[0] == '[') }

// problem is one refusal in the words of our dialect.
func (o *operation) problem(op *dialect.Op, r client.Refusal, got *answer) (dialect.Problem, error) {
	code := r.Code
	switch {
	case slices.Contains(operators, code):
		return dialect.Problem{}, o.credential(got)
	case code == record.CodeNotFound && o.Op.Resource.Parent != nil && (o.Op.Does == dialect.List || o.Op.Does == dialect.Create):
		code = record.CodeParentNotFound
	case code == record.CodeNotOwner:
		code = record.CodeNotFound
	case code == record.CodeMalformed || code == record.CodeNotObject || code == record.CodeMediaType || code == record.CodeRoute || code == record.CodeMethod:
		return dialect.Problem{}, o.b.Upstream.trouble(http.StatusBadGateway, "does not take what its dialect documents: "+r.Why, got) // we have made it
	}
	if o.b.From.Errors.Class(code).Status == http.StatusUnauthorized {
		return dialect.Problem{}, o.credential(got)
	}
	p := dialect.Problem{Code: code, Why: r.Why}
	switch {
	case code == record.CodeNotFound:
		p = dialect.Problem{Code: code, Path: o.idVar(), Value: record.Quote(o.ownID())}
	case code == record.CodeParentNotFound && o.Op.Resource.Parent != nil:
		p = dialect.Problem{Code: code, Path: o.ParentVar(), Value: record.Quote(o.Vars.Get(o.ParentVar()))}
	case r.Field != nil && op.Resource != nil:
		o.place(op, r, &p)
	}
	if p.Path == "" && p.Why != "" && code != record.CodeNotFound {
		said := p.Why
		if r.Path != "" && !strings.Contains(said, r.Path) {
			said = r.Path + " " + said // theirs: we have none for it
		}
		p = p.Saying(said)
	}
	return p, nil
}

// place names what a refusal is about as the client calls it, down to the member
// of a list's object where both have that.
func (o *operation) place(op *dialect.Op, r client.Refusal, p *dialect.Problem) {
	f := client.FieldOf(o.Op, client.Place(op.Resource, r.Field))
	if f == nil {
		return
	}
	p.Field, p.Path = f, o.path(f)
	p.Value = o.Input.Text(f)
	if len(r.Rest) < 2 {
		return
	}
	n, err := strconv.Atoi(r.Rest[0])
	theirs := client.Member(r.Field, r.Rest[1])
	if err != nil || theirs == nil {
		return
	}
	ours := client.MemberOf(f, theirs.Item)
	if item := jsontext.ValueOf(p.Value).Get(strconv.Itoa(n)); ours != nil && item.IsObject() {
		p.Path, p.Value = o.Input.PathIn(f, n, ours.Path), jsontext.LastMember(item, ours.Item).Raw
	}
}

// path is a field as the client calls it.
func (o *operation) path(f *dialect.Field) string {
	if o.Op.Writes() {
		return o.Input.PathOf(f)
	}
	return f.Path
}

func (o *operation) idVar() string {
	if len(o.Op.Vars) == 0 && o.Op.ByQuery == "" {
		return ""
	}
	return o.IDVar()
}

func (o *operation) ownID() string {
	if o.idVar() == "" {
		return ""
	}
	return o.ID()
}

// credential is the error of a credential that the upstream refuses.
func (o *operation) credential(got *answer) error {
	err := o.b.Upstream.trouble(http.StatusBadGateway, "refused the credential that polylink has for it ("+strconv.Itoa(got.status)+")", got)
	err.Seen = ""
	return err
}

var _ error = (*backend.UpstreamError)(nil)
