package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/store"
)

// servable is an output that writes itself.
type servable interface {
	serve(w http.ResponseWriter, r *http.Request)
}

// handler serves an operation over HTTP: it reads the input, and writes what
// comes out or why nothing does.
func (a *API) handler(o Operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, err := o.input(w, r)
		var out any
		if err == nil {
			out, err = o.run(WithOrigin(r.Context(), originOf(r)), in)
		}
		if err != nil {
			write(w, a.Problem(err))
			return
		}
		switch out := out.(type) {
		case servable:
			out.serve(w, r)
		case None:
			w.WriteHeader(o.success())
		default:
			writeJSON(w, o.success(), out)
		}
	})
}

type originKey struct{}

// WithOrigin tells operations the scheme and host under which their caller
// reaches polylink.
func WithOrigin(ctx context.Context, origin string) context.Context {
	return context.WithValue(ctx, originKey{}, origin)
}

// originIn is what WithOrigin told, or "".
func originIn(ctx context.Context) string {
	origin, _ := ctx.Value(originKey{}).(string)
	return origin
}

// originOf is the scheme and host that a request was sent to.
func originOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// input reads the members of an operation's input: the query first, then the
// body, then the path.
func (o Operation) input(w http.ResponseWriter, r *http.Request) (any, error) {
	in := o.fresh()
	v := reflect.ValueOf(in).Elem()
	members := membersOf(o.in)
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, bad("the query cannot be read; escape its values")
	}
	params := from("query", members)
	for name, values := range q {
		if err := o.param(v, params, name, values); err != nil {
			return nil, err
		}
	}
	if o.Example != "" {
		if o.read != nil {
			in, err := o.read(http.MaxBytesReader(w, r.Body, o.most))
			return in, o.unread(err)
		}
		data, err := o.body(w, r)
		if err == nil && !(o.Optional && len(bytes.TrimSpace(data)) == 0) {
			err = decode(data, in, from("", members), o.Example)
		}
		if err != nil {
			return nil, err
		}
	}
	vars := mux.Vars(r)
	for _, m := range from("path", members) {
		text := vars[m.name]
		if plain, err := url.PathUnescape(text); err == nil {
			text = plain
		}
		if err := m.set(v, text); err != nil {
			return nil, err
		}
	}
	return in, nil
}

// body reads the body up to a number of bytes.
func (o Operation) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	most := o.most
	if most == 0 {
		most = maxBody
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	return data, o.unread(err)
}

// unread says why a body could not be read to its end.
func (o Operation) unread(err error) error {
	if err == nil {
		return nil
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return refuse(http.StatusRequestEntityTooLarge, "Body too large", fmt.Sprintf("Send at most %d bytes, as in %s", large.Limit, o.Example))
	}
	if _, ok := errors.AsType[Problem](err); ok || errors.Is(err, store.ErrFull) {
		return err
	}
	return bad("the body ended too early; send %s", o.Example)
}

// param sets the member that a query parameter is for, and refuses one that
// there is not.
func (o Operation) param(v reflect.Value, params []member, name string, values []string) error {
	for _, m := range params {
		if !m.takes(name) {
			continue
		}
		switch {
		case len(values) > 1:
			return bad("%s is there %d times; write it once", cut(clean(name)), len(values))
		case values[0] == "":
			return bad("%s is empty; give it a value or leave it out", cut(clean(name)))
		}
		if m.many {
			return m.put(v, name, values[0])
		}
		return m.set(v, values[0])
	}
	if len(params) == 0 {
		return bad("there is no parameter %q; %s %s has none", cut(clean(name)), o.Method, prefix+o.Path)
	}
	names := namesOf(params)
	return bad("there is no parameter %q%s; there are %s", cut(clean(name)), yml.DidYouMean(name, names), strings.Join(names, ", "))
}

// maxMany is how many members of a prefix a request may have.
const maxMany = 20

// takes tells whether a member is the one of a name.
func (m member) takes(name string) bool {
	if m.many {
		return len(name) > len(m.name) && strings.HasPrefix(name, m.name)
	}
	return m.name == name
}

// put adds one of many members.
func (m member) put(v reflect.Value, name, text string) error {
	into := v.FieldByIndex(m.field.Index)
	if into.IsNil() {
		into.Set(reflect.ValueOf(map[string]string{}))
	}
	if into.Len() >= maxMany {
		return bad("there are more than %d members %s…; leave some out", maxMany, m.name)
	}
	into.SetMapIndex(reflect.ValueOf(strings.TrimPrefix(name, m.name)), reflect.ValueOf(text))
	return nil
}

// set reads a member of the path or the query.
func (m member) set(v reflect.Value, text string) error {
	v = v.FieldByIndex(m.field.Index)
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	if words := wordsOf(v.Type()); words != nil {
		if !slices.Contains(words, text) {
			return unknown(m.name, clean(text), words)
		}
	}
	switch v.Kind() {
	case reflect.Int, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 && m.from == "query" {
			return bad("%s must be a whole number and is %q; it is %s", m.name, cut(clean(text)), m.field.Tag.Get("doc"))
		}
		v.SetInt(n)
	case reflect.Bool:
		if text != "true" && text != "false" {
			return bad("%s must be true or false and is %q", m.name, cut(clean(text)))
		}
		v.SetBool(text == "true")
	default:
		v.SetString(text)
	}
	return nil
}
