package routes

import (
	"maps"
	"strconv"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/record"
)

// answerList answers with one page of records, each in the operation's shape.
func (x *exchange) answerList(page backend.Page) {
	x.Env.More, x.Env.Total, x.Env.Skip, x.Env.Size = page.More, page.Total, x.Paging.Skip, x.Paging.Size
	shape := x.router.shapes[x.Op].Shape
	x.Env.Items = append(x.Env.Items[:0], '[')
	for i, rec := range page.Records {
		if i > 0 {
			x.Env.Items = append(x.Env.Items, ',')
		}
		x.Env.It = rec
		if shape == nil {
			x.Env.Items = x.Op.Encode(x.Env.Items, x.Env)
		} else {
			x.Env.Items = append(x.Env.Items, x.srv.answers.Encode(shape, x.Env)...)
		}
	}
	x.Env.Items = append(x.Env.Items, ']')
	x.Env.It = nil
	nextPage(x, page.Records, page.More)
	x.out = x.Op.AppendAnswer(x.out[:0], x.Env)
	x.tryHeaders(x.Dialect.Headers, x.Op.Headers)
	x.succeed()
}

// nextPage notes where the page behind this one is.
func nextPage(x *exchange, recs []*record.Record, more bool) {
	if !more || len(recs) == 0 || x.Op.Page == nil {
		return
	}
	p := x.Op.Page
	var next, param string
	switch p.Style {
	case "number":
		next, param = strconv.Itoa(x.Paging.Number+1), p.Number
		x.Env.Next = next
	case "offset":
		next, param = strconv.Itoa(x.Paging.Skip+len(recs)), p.Skip
		x.Env.Next = next
	case "cursor":
		next, param = recs[len(recs)-1].ID(), p.After
		if p.Opaque {
			next = sealCursor(x, next)
		}
		x.Env.Next = record.Quote(next)
	default:
		return
	}
	query := maps.Clone(x.parameters())
	query.Set(param, next)
	x.Env.NextURL = x.Env.Base + x.Env.Path + "?" + query.Encode()
}
