package routes

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

var slotScopes = record.Credentials.MustSlot("scopes")

// scopeStage checks that the credential may do this.
type scopeStage struct{}

func (scopeStage) check(x *exchange) (*dialect.Problem, bool) {
	if x.Op.Scope == "" || x.Env.Credential == nil {
		return nil, false
	}
	scopes := x.Env.Credential.Get(slotScopes)
	if scopes == "" || scopes == record.Null {
		return nil, false
	}
	may := false
	gjson.Parse(scopes).ForEach(func(_, s gjson.Result) bool {
		may = s.Str == x.Op.Scope
		return !may
	})
	if may {
		return nil, false
	}
	return &dialect.Problem{Code: record.CodeScope}, false
}
