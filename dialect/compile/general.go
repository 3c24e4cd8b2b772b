package compile

import (
	"regexp"
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
)

func (c *compiler) general(s map[string]*yml.Node) {
	d := c.d
	if n := s["title"]; n != nil {
		d.Title = c.Text(n)
	}
	if n := s["hosts"]; n != nil {
		c.hosts(n)
	}
	if n := s["body"]; n != nil {
		d.Bodies = c.bodies(n)
	}
	c.d.Bodiless = true
	if n := s["empty_body"]; n != nil {
		c.d.Bodiless = c.OneOf(n, grammar.EmptyBodies) == "take"
	}
	if n := s["report"]; n != nil {
		d.ReportAll = c.OneOf(n, grammar.Reports) == "all"
	}
	if n := s["unknown"]; n != nil {
		d.Unknown = c.OneOf(n, grammar.UnknownFields)
	}
	if n := s["unknown_query"]; n != nil {
		d.UnknownQuery = c.OneOf(n, grammar.UnknownParameters) == "refuse"
	}
	if n := s["frozen"]; n != nil {
		d.Frozen = c.OneOf(n, grammar.FrozenFields)
	}
	if n := s["paths"]; n != nil {
		d.Paths = dialect.PathStyles[c.OneOf(n, grammar.PathForms)]
	}
	if n := s["absent"]; n != nil {
		d.Absent = c.absence(n)
	}
	if n := s["request_id"]; n != nil {
		d.RequestID = c.sections().IDSpec(n)
	}
}

var hostForm = regexp.MustCompile(`^[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z0-9-]+)*$|^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// hosts reads the names of hosts, and notes where each stands.
func (c *compiler) hosts(n *yml.Node) {
	if n.Kind == yml.Mapping {
		c.Report(n, "write a list such as [api.shop.example] here")
		return
	}
	for _, item := range grammar.Items(n) {
		host := c.Text(item)
		if host != "" && !hostForm.MatchString(host) {
			c.Report(item, "%q is no host; write its name alone, as in api.shop.example", host)
			continue
		}
		c.d.Hosts = append(c.d.Hosts, host)
		c.hostsAt = append(c.hostsAt, item)
	}
}

// bodies reads the media types of bodies.
func (c *compiler) bodies(n *yml.Node) []string {
	list := c.List(n)
	for _, b := range list {
		if !slices.Contains(grammar.BodyTypes.Words, b) {
			c.Report(n, "no body %q; write %s", b, grammar.BodyTypes.One())
		}
	}
	return list
}

// absence reads what an empty field shows; nil leaves it out.
func (c *compiler) absence(n *yml.Node) *template.Document {
	if n.Kind == yml.Scalar && n.Value == "omit" {
		return nil
	}
	c.Keyword(n, "null", "omit")
	doc := c.scope(nil).Document(n)
	if n.Kind != yml.Scalar && doc.Lit == nil && len(doc.Kids) == 0 {
		doc = template.Document{Lit: []byte(c.JSON(n))}
	}
	return &doc
}
