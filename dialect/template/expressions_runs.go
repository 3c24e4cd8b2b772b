package template

import (
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/expr-lang/expr/vm"

	"github.com/polylink-dev/polylink/record"
)

// run evaluates. An error is one of the values, and there is no result then, or
// tells that the evaluation went past its bounds.
func (x *Expression) run(e *Env) (any, error) {
	if x.program == nil {
		return nil, errors.New("there is no program")
	}
	m := machines.Get().(*machine)
	defer m.put()
	env := m.env
	for i := range x.vars {
		v := &x.vars[i]
		t := v.get(e)
		if v.has {
			env[v.name] = t != "" && t != record.Null
			continue
		}
		value, err := goValue(t, v.kind)
		if err != nil {
			return nil, err
		}
		env[v.name] = value
	}
	if x.spends {
		env[budgetName] = &budget{}
	}
	return m.vm.Run(x.program, env)
}

// machine evaluates expressions, one after the other.
type machine struct {
	vm  vm.VM
	env map[string]any
}

var machines = sync.Pool{New: func() any { return &machine{vm.VM{MemoryBudget: maxValues}, map[string]any{}} }}

// put gives a machine back. It lets go of what it has worked with.
func (m *machine) put() {
	clear(m.env)
	clear(m.vm.Stack[:cap(m.vm.Stack)])
	clear(m.vm.Variables)
	machines.Put(m)
}

// evaluate is run with overruns noted; ok is false where there is no result.
func (x *Expression) evaluate(e *Env) (v any, ok bool) {
	v, err := x.run(e)
	if err == nil {
		return v, true
	}
	if why, is := isOverrun(err); is {
		x.place.overran(e, why)
	}
	return nil, false
}

// True evaluates a condition. One that cannot be evaluated is false.
func (x *Expression) True(e *Env) bool {
	if x.quick != nil {
		if b, ok := x.quick(e); ok {
			return b
		}
	}
	v, _ := x.evaluate(e)
	b, _ := v.(bool)
	return b
}

// get evaluates to canonical JSON text, "" for nothing.
func (x *Expression) get(e *Env) string {
	v, ok := x.evaluate(e)
	if !ok || v == nil {
		return ""
	}
	switch v := v.(type) {
	case string:
		if len(v) > MaxText {
			x.place.overran(e, errLongText)
			return ""
		}
		return record.Quote(v)
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return record.FormatTime(v)
	}
	if err := result(v); err != nil {
		x.place.overran(e, err)
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	if len(text) > MaxTotal {
		x.place.overran(e, errTooMuch)
		return ""
	}
	return string(text)
}
