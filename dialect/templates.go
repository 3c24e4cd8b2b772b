package dialect

import "github.com/polylink-dev/polylink/record"

// Roots are the records that a template can name where a resource is at hand, or
// none: the schema of each by its word.
func Roots(res *Resource) map[string]*record.Schema {
	out := map[string]*record.Schema{"account": record.Accounts, "credential": record.Credentials}
	if res == nil {
		return out
	}
	out["it"], out["old"] = res.Schema, res.Schema
	if res.Parent != nil {
		out["parent"] = res.Parent.Schema
	}
	if res.AboutR != nil {
		out["about"] = res.AboutR.Schema
	}
	return out
}
