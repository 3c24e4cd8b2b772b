package routes

import "github.com/polylink-dev/polylink/dialect/selection"

// answerList answers with one page of records, each in the operation's shape.
func (x *exchange) answerList(page selection.Found) {
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
	x.Env.URL = func() string { return selection.Here(x.Env, x.parameters()) }
	x.Paging.Describe(x.Op, &page, x.parameters(), x.Env)
	x.out = x.Op.AppendAnswer(x.out[:0], x.Env)
	x.tryHeaders(x.Dialect.Headers, x.Op.Headers)
	x.succeed()
}
