package console

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/journal"
)

// detail shows the page of one thing; it is false where there is no such page.
func (v *visit) detail(noun, key string, status int, problem string) bool {
	show := map[string]func(key string, status int, problem string) bool{"requests": v.request, "links": v.link, "dialects": v.dialect}[noun]
	return show != nil && show(key, status, problem)
}

// requestView is one exchange.
type requestView struct {
	frame
	E       journal.Shown
	Lines   []admin.SourceLine
	Changes []changeView
	Curl    string
	Asked   bodyView
	Told    bodyView
}

// changeView is a record that a request changed.
type changeView struct {
	Kind, ID, Did string
	Dialect       string // of a link, whose page there is
	Moves         []moved
	After         string
}

// bodyView is what went one way.
type bodyView struct {
	Headers map[string][]string
	Body    string
}

// request shows one exchange: what was asked, changed and answered, and why.
func (v *visit) request(key string, status int, problem string) bool {
	n, err := strconv.ParseInt(key, 10, 64)
	if err != nil {
		return false
	}
	got, err := v.h.o.API.ExplainRequest(v.ctx, admin.RequestID{N: n})
	if err != nil {
		v.failed(err)
		return true
	}
	curl, err := v.h.o.API.RequestCurl(v.ctx, admin.RequestID{N: n})
	if err != nil {
		v.failed(err)
		return true
	}
	e := got.Request
	p := requestView{frame: v.frame("Request "+key, problem), E: e, Lines: got.Lines, Curl: string(curl),
		Asked: bodyView{e.Request.Headers, pretty(e.Request.Body)}, Told: bodyView{e.Response.Headers, pretty(e.Response.Body)}}
	p.Back = "requests/" + key
	for i, c := range got.Changes {
		one := changeView{Kind: c.Kind, ID: c.ID, Moves: moves(c.Before, c.After), After: pretty(string(c.After))}
		if i < len(e.Changes) {
			one.Did = e.Changes[i].Did
		}
		if c.Kind == "link" {
			one.Dialect = gjson.GetBytes(c.After, "dialect").String()
		}
		p.Changes = append(p.Changes, one)
	}
	v.render(status, requestPage, p)
	return true
}

// linkView is one link.
type linkView struct {
	frame
	L      linkRow
	T      admin.Timeline
	Doc    string
	Events []string
}

// link shows a link and what became of it.
func (v *visit) link(key string, status int, problem string) bool {
	name, id, two := strings.Cut(key, "/")
	id, err := url.PathUnescape(id)
	if err != nil || !two {
		return false
	}
	timeline, err := v.h.o.API.LinkTimeline(v.ctx, admin.LinkID{Dialect: name, ID: id})
	if err != nil {
		v.failed(err)
		return true
	}
	info, err := v.h.o.API.Dialects(v.ctx, admin.None{})
	if err != nil {
		v.failed(err)
		return true
	}
	l := newLinkRow(timeline.Link)
	p := linkView{frame: v.frame(l.Title, problem), L: l, T: timeline, Doc: pretty(string(timeline.Link))}
	p.Back = "links/" + url.PathEscape(name) + "/" + url.PathEscape(id)
	for _, d := range info.Dialects {
		if d.Name == name {
			p.L.Outcomes, p.Events = d.Outcomes, d.Events
		}
	}
	v.render(status, linkPage, p)
	return true
}

// dialectView is one dialect.
type dialectView struct {
	frame
	D   admin.DialectInfo
	URL string
}

// dialect shows what a dialect does and how to try it.
func (v *visit) dialect(key string, status int, problem string) bool {
	name, err := url.PathUnescape(key)
	if err != nil {
		return false
	}
	info, err := v.h.o.API.Dialect(v.ctx, admin.DialectName{Dialect: name})
	if err != nil {
		v.failed(err)
		return true
	}
	v.render(status, dialectPage, dialectView{v.frame(info.Title, problem), info, hosted.Base(v.ctx, name)})
	return true
}
