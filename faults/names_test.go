package faults_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/faults"
)

func TestFaultsNameWhatThereIs(t *testing.T) {
	t.Parallel()
	file := func(name, class string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("dialect: " + name + `
title: Small
errors: { body: none, classes: { internal: { status: 500 }, invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 }, ` + class + `: { status: 418 } } }
operations: { ` + name + `.get: { at: GET /` + name + `, does: answer, answer: { pong: true } } }
`)}
	}
	set, err := compile.Compile(fstest.MapFS{"tea.yaml": file("tea", "teapot"), "cup.yaml": file("cup", "empty")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for says, f := range map[string]faults.Fault{
		"":                                       {Dialect: "tea", Operation: "tea.get", Code: "teapot"},
		`there is no dialect "te"`:               {Dialect: "te"},
		`write one of cup, tea`:                  {Dialect: "water"},
		`there is no operation "cup.get"`:        {Dialect: "tea", Operation: "cup.get"},
		`did you mean "tea.get"`:                 {Operation: "tea.gte"},
		`there is no error "empty"`:              {Dialect: "tea", Code: "empty"},
		`the error empty belongs to cup`:         {Code: "empty"},
		`there is no error "nope"; write one of`: {Code: "nope"},
	} {
		switch err := f.CheckNames(set); {
		case (err == nil) != (says == ""):
			t.Errorf("%+v: %v, want %q", f, err, says)
		case err != nil && !strings.Contains(err.Error(), says):
			t.Errorf("%+v: %v, want %q", f, err, says)
		}
	}
	if err := (faults.Fault{Operation: "cup.get", Code: "rate_limited"}).CheckNames(set); err != nil {
		t.Errorf("an error that all dialects have, and an operation of one: %v", err)
	}
}

func TestWhatIsShownOfAFaultIsReadBack(t *testing.T) {
	t.Parallel()
	f := faults.Fault{ID: "flt_3", Dialect: "a", Operation: "b", Times: 4, Status: 503, Code: "c", Delay: 1500 * time.Millisecond, Abort: faults.AbortBody, Stored: true, Hits: 2}
	got, err := f.Show().Fault()
	if diff := cmp.Diff(f, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if _, err := (faults.Shown{Delay: "soon"}).Fault(); err == nil || !strings.Contains(err.Error(), `"soon"`) {
		t.Errorf("a delay of soon: %v", err)
	}
}
