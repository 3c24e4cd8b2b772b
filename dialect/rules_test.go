package dialect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
)

const rulesFile = `dialect: t
report: all
errors: { body: none, classes: { internal: { status: 500 }, invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 } } }
resources:
  link:
    id: { uuid: 4 }
    fields:
      name: { to: title, need: create, len: 2.. }
      note: { to: description, clear: null }
    rules:
      - { check: 'it.title startsWith "A"', field: name, why: must begin with A }
      - { check: 'it.title endsWith "Z"', field: name, why: must end with Z }
      - { when: 'has(it.title)', need: note }
operations:
  link.create: { at: POST /links }
  link.update: { at: "PUT /links/{id}", set: { reference: '$(it.title == "AZ" ? "best" : nil)', ext.mark: '$(it.title == "AZ" ? "best" : nil)' } }
`

func TestRulesLeaveAFieldAloneThatHasAViolation(t *testing.T) {
	t.Parallel()
	d, err := compile.File("t.yaml", []byte(rulesFile))
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string][]string{
		`{}`:                       {"name missing"},
		`{"name":"x"}`:             {"name short"},
		`{"name":7,"note":"n"}`:    {"name type"},
		`{"name":"xy"}`:            {"name rule", "note need"},
		`{"name":"AZ"}`:            {"note need"},
		`{"name":"AZ","note":"n"}`: nil,
	} {
		in, e, op := &dialect.Input{}, dialecttest.Env(), d.Op("link.create")
		if err := op.Parse(in, []byte(body), false); err != nil {
			t.Fatal(err)
		}
		op.Decode(in, e)
		op.Merge(in, e)
		op.Rules(in, e)
		var got []string
		for _, p := range in.Problems {
			got = append(got, p.Path+" "+p.Check)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
	}
}

func TestSettingNothingInThePlaceOfNothingIsNoChange(t *testing.T) {
	t.Parallel()
	d, err := compile.File("t.yaml", []byte(rulesFile))
	if err != nil {
		t.Fatal(err)
	}
	op := d.Op("link.update")
	old := dialecttest.Record(t, map[string]string{"title": `"AYZ"`, "description": `"n"`})
	e, got := dialecttest.Send(t, op, old, `{}`, false)
	if diff := cmp.Diff(is("title", `"AYZ"`, "description", `"n"`), got); diff != "" || dialect.Changed(old, e.It) {
		t.Errorf("never set (-want +got)\n%s", diff)
	}
	set := is("title", `"AZ"`, "description", `"n"`, "reference", `"best"`, "t.mark", `"best"`)
	e, got = dialecttest.Send(t, op, old, `{"name":"AZ"}`, false)
	if diff := cmp.Diff(set, got); diff != "" {
		t.Errorf("set (-want +got)\n%s", diff)
	}
	_, got = dialecttest.Send(t, op, e.It, `{"name":"AYZ"}`, false)
	if diff := cmp.Diff(is("title", `"AYZ"`, "description", `"n"`, "reference", "null", "t.mark", "null"), got); diff != "" {
		t.Errorf("cleared (-want +got)\n%s", diff)
	}
}
