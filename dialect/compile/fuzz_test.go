package compile_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// FuzzCompile reads any YAML: it compiles or names its diagnostics with positions,
// and what compiles can decode and encode.
func FuzzCompile(f *testing.F) {
	for _, name := range []string{"every", "bench"} {
		source, err := os.ReadFile(map[string]string{"every": "testdata/every.yaml", "bench": "../testdata/bench.yaml"}[name])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Replace(source, []byte("dialect: "+name), []byte("dialect: t"), 1))
	}
	archive, err := txtar.ParseFile("testdata/diagnostics.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(archive.Files); i += 2 {
		f.Add(archive.Files[i].Data)
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		d, err := compile.File("t.yaml", source)
		if err != nil {
			var found yml.Diagnostics
			if !errors.As(err, &found) {
				t.Fatalf("no diagnostics but %T: %v", err, err)
			}
			for _, one := range found {
				if one.Line < 1 || one.Col < 1 || one.Msg == "" || one.File != "t.yaml" {
					t.Fatalf("a diagnostic without a place: %#v", one)
				}
			}
			return
		}
		for _, op := range d.Operations {
			if !op.Writes() {
				continue
			}
			e, in := dialecttest.Env(), &dialect.Input{}
			e.Old = record.New(op.Resource.Schema, d.Name)
			if op.Parse(in, []byte(dialecttest.Body), false) == nil {
				op.Decode(in, e)
				op.Merge(in, e)
				op.Resource.Encode(nil, e)
			}
		}
	})
}
