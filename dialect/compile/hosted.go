package compile

import (
	"regexp"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// paid is what the texts of a resource can name when a person has done
// something on a page.
func (c *compiler) paid(res *dialect.Resource) *template.Scope {
	s := c.scope(res)
	s.Typed = grammar.Inputs.Words
	s.Roots["link"] = record.Links
	return s
}

// visited is paid, in a dialect that has sessions.
func (c *compiler) visited(res *dialect.Resource) *template.Scope {
	s := c.paid(res)
	s.Roots["session"] = record.Sessions
	return s
}

// started reads what a new record holds. A session is made by a visit of a
// link.
func (c *compiler) started(res *dialect.Resource, n *yml.Node) []dialect.Assignment {
	if res.Schema == record.Sessions {
		return c.assigned(c.paid(res), res, n)
	}
	return c.assignments(res, n)
}

var (
	hostedPath  = regexp.MustCompile(`^((?:/[^{}?# /]+)+/)\{([a-z_.]+)\}((?:/[^{}?# /]+)*)$`)
	hostedEnd   = regexp.MustCompile(`^(/[^{}?# /]+)+$`)
	outcomeForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	cardForm    = regexp.MustCompile(`^[A-Za-z0-9_]{4,64}$`)
)

// hosted reads the section of that name.
func (c *compiler) hosted(n *yml.Node) {
	if n == nil {
		return
	}
	link := c.d.ResourceFor(record.Links.Kind)
	if link == nil {
		if c.missing(record.Links.Kind) && !c.meant("resources", c.resourcesAt) {
			c.Report(n, "hosted: is the page of a link, and no resource here is one")
		}
		return
	}
	h := &dialect.Hosted{Line: n.Line, Cards: map[string]string{}, Texts: map[string]*template.Document{}, Redirects: map[string]*dialect.Redirect{}}
	c.d.Hosted = h
	words := map[string]*yml.Node{}
	c.Each(n, grammar.HostedWords, func(key string, _, v *yml.Node) { words[key] = v })
	if at := words["at"]; at != nil {
		for _, item := range grammar.Items(at) {
			c.hostedAt(h, link, item)
		}
	}
	c.Entries(words["ends"], "ends", func(at string, k, v *yml.Node) {
		if !hostedEnd.MatchString(at) {
			c.Report(k, "write a path such as /checkout/success")
		}
		h.Ends = append(h.Ends, dialect.End{Path: at, Text: c.Text(v)})
	})
	c.outcomes(h, words["outcomes"], words["cards"])
	c.Entries(words["ask"], "ask", func(name string, k, v *yml.Node) {
		if !slices.Contains(grammar.Inputs.Words, name) {
			c.Report(k, "no input %q%s; write one of %s", name, yml.DidYouMean(name, grammar.Inputs.Words), grammar.Inputs.One())
			return
		}
		h.Inputs = append(h.Inputs, c.input(link, name, v))
	})
	states := slices.Concat(record.Links.Slots[record.SlotStatus].Values, grammar.Results.Words)
	c.Entries(words["texts"], "texts", func(state string, k, v *yml.Node) {
		c.plain(v)
		if !slices.Contains(states, state) {
			c.Report(k, "no state or result %q%s; write one of %s", state, yml.DidYouMean(state, states), strings.Join(states, ", "))
			return
		}
		doc := c.visited(link).Document(v)
		h.Texts[state] = &doc
	})
	leading := slices.DeleteFunc(slices.Clone(states), func(state string) bool { return state == record.Active })
	c.Entries(words["redirects"], "redirects", func(result string, k, v *yml.Node) {
		if !slices.Contains(leading, result) {
			c.Report(k, "no result or state %q%s; write one of %s", result, yml.DidYouMean(result, leading), strings.Join(leading, ", "))
			return
		}
		h.Redirects[result] = c.redirect(link, v)
	})
	c.Entries(words["query"], "query", func(name string, _, v *yml.Node) {
		h.Query = append(h.Query, dialect.QuerySlot{Name: name, Slot: c.slot(link, v)})
	})
	c.pageLimits(h, words["limits"])
	c.results(h, words["records"])
}

// pageLimits reads how often the page of one link may be opened.
func (c *compiler) pageLimits(h *dialect.Hosted, n *yml.Node) {
	h.Limits = c.sections().Limits(n)
	for _, r := range h.Limits {
		if r.Per != "account" || r.Methods != nil || r.Plans != nil || r.On != "" || r.Only != nil {
			c.Report(yml.Get(n, r.Name), "the limit of a page counts those who open it; write kind, count and every alone")
		}
	}
}

// hostedAt reads where a page is besides.
func (c *compiler) hostedAt(h *dialect.Hosted, link *dialect.Resource, n *yml.Node) {
	m := hostedPath.FindStringSubmatch(c.Text(n))
	if m == nil {
		c.Report(n, "write a path with one slot of the link in braces, such as /pay/{id}")
		return
	}
	slot, ok := link.Schema.Slot(m[2])
	if !ok {
		c.ReportIn(n, m[2], 0, "a link has no slot %q%s", m[2], yml.Instead(m[2], link.Schema.Names()))
		return
	}
	h.Paths = append(h.Paths, dialect.HostedPath{Before: m[1], After: m[3], Slot: slot})
}

// outcomes reads the failures, and the cards that lead to them.
func (c *compiler) outcomes(h *dialect.Hosted, outcomes, cards *yml.Node) {
	known := []string{dialect.Succeeded}
	c.Entries(outcomes, "outcomes", func(code string, k, v *yml.Node) {
		switch {
		case code == dialect.Succeeded:
			c.Report(k, "every page has the outcome success; list the failures")
		case !outcomeForm.MatchString(code):
			c.Report(k, "write an outcome with a-z, 0-9 and _, such as card_declined")
		}
		known = append(known, code)
		h.Outcomes = append(h.Outcomes, dialect.Outcome{Code: code, Label: c.Text(v)})
	})
	if len(h.Outcomes) == 0 {
		known = append(known, dialect.Declined)
	}
	c.Entries(cards, "cards", func(number string, k, v *yml.Node) {
		if !cardForm.MatchString(number) {
			c.Report(k, "write a card's number without blanks, or a token")
		}
		outcome := c.Text(v)
		if !slices.Contains(known, outcome) {
			c.Report(v, "no outcome %q%s; write one of %s", outcome, yml.DidYouMean(outcome, known), strings.Join(known, ", "))
		}
		h.Cards[number] = outcome
	})
}

// input reads something that a person is asked for.
func (c *compiler) input(link *dialect.Resource, name string, n *yml.Node) *dialect.HostedInput {
	in := &dialect.HostedInput{Name: name}
	s := c.scope(link)
	doc := func(v *yml.Node, fits bool, word string) *template.Document {
		if !fits {
			c.Report(v, "%s has no %s:", name, word)
		}
		c.plain(v)
		d := s.Document(v)
		return &d
	}
	c.Each(n, grammar.InputWords, func(key string, _, v *yml.Node) {
		switch key {
		case "when":
			in.When = s.Condition(v, c.Text(v))
		case "need":
			in.Need = s.Condition(v, c.Text(v))
		case "label":
			in.Label = c.Text(v)
		case "min":
			in.Min = doc(v, name == "quantity", key)
		case "max":
			in.Max = doc(v, name == "quantity", key)
		case "countries":
			in.Countries = doc(v, strings.HasSuffix(name, "_address"), key)
		case "fields":
			in.Members = doc(v, name == "custom", key)
		}
	})
	return in
}

// plain reports what is more than one value, or a list of some.
func (c *compiler) plain(n *yml.Node) {
	for _, item := range grammar.Items(n) {
		if item.Kind != yml.Scalar {
			c.Report(n, "write one value here, such as $it.metadata")
			return
		}
	}
}

// redirect reads where a person goes.
func (c *compiler) redirect(link *dialect.Resource, n *yml.Node) *dialect.Redirect {
	r := &dialect.Redirect{}
	params := func(what string, v *yml.Node) (out []dialect.Param) {
		c.Entries(v, what, func(name string, _, v *yml.Node) {
			s := c.visited(link)
			out = append(out, dialect.Param{Name: name, Text: c.textOrVariable(s, v)})
		})
		return out
	}
	seen := c.Each(n, grammar.RedirectWords, func(key string, _, v *yml.Node) {
		switch key {
		case "to":
			c.plain(v)
			doc := c.visited(link).Document(v)
			r.To = &doc
		case "when":
			r.When = c.visited(link).Condition(v, c.Text(v))
		case "add":
			r.Add = params("add", v)
		case "fill":
			r.Fill = params("fill", v)
		}
	})
	c.Needs(n, "a redirect", seen, "{ to: $it.redirect.success }", "to")
	return r
}

// textOrVariable reads a text; one that is $name alone is what that holds.
func (c *compiler) textOrVariable(s *template.Scope, n *yml.Node) *template.Text {
	text := c.Text(n)
	if name, ok := strings.CutPrefix(text, "$"); ok {
		text = "{" + strings.TrimSuffix(strings.TrimPrefix(name, "("), ")") + "}"
	}
	return s.Text(n, text)
}

// results reads the records that are made or changed with a result.
func (c *compiler) results(h *dialect.Hosted, n *yml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yml.Sequence {
		c.Report(n, "records is a list; write - { on: success, is: customer, set: { name: $input.name } }")
		return
	}
	for _, item := range n.Content {
		r := &dialect.ResultRecord{On: map[string]bool{}, Into: -1}
		words := map[string]*yml.Node{}
		seen := c.Each(item, grammar.ResultWords, func(key string, _, v *yml.Node) { words[key] = v })
		c.Needs(item, "a record of a result", seen, "{ on: success, is: customer }", "on", "is")
		if w := words["on"]; w != nil {
			for _, item := range grammar.Items(w) {
				r.On[c.OneOf(item, grammar.Results)] = true
			}
		}
		if w := words["is"]; w != nil {
			r.Resource = c.resource(w)
		}
		if r.Resource == nil {
			continue
		}
		if r.Resource.IDs == nil && words["id"] == nil {
			c.Report(item, "%s has no id: to make a new one by; say with id: which one is changed", r.Resource.Name)
			continue
		}
		s := c.visited(r.Resource)
		if w := words["when"]; w != nil {
			r.When = s.Condition(w, c.Text(w))
		}
		if w := words["id"]; w != nil {
			c.plain(w)
			doc := s.Document(w)
			r.ID = &doc
		}
		r.Set = c.assigned(s, r.Resource, words["set"])
		if w := words["into"]; w != nil {
			if session := c.d.ResourceFor(record.Sessions.Kind); session != nil {
				r.Into = c.slot(session, w)
			} else {
				c.Report(w, "no resource here is a session, to keep the id in")
			}
		}
		h.Records = append(h.Records, r)
	}
}
