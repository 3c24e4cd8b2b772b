package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestQuoteIsReadByEveryJSONReader(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ToValidUTF8(rapid.String().Draw(t, "s"), "")
		quoted := Quote(s)
		var back string
		if err := json.Unmarshal([]byte(quoted), &back); err != nil || back != s {
			t.Fatalf("Quote(%q) = %s, which reads as %q, %v", s, quoted, back, err)
		}
		if got := Unquote(quoted); got != s {
			t.Fatalf("Unquote(%s) = %q, want %q", quoted, got, s)
		}
	})
}

func TestUnquoteReadsWhatEncodingJSONWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ToValidUTF8(rapid.String().Draw(t, "s"), "")
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := Unquote(string(text)); got != s {
			t.Fatalf("Unquote(%s) = %q, want %q", text, got, s)
		}
	})
}

func TestUnquoteReadsEveryEscape(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"a\/b"`:                   "a/b",
		`"\u0041"`:                 "A",
		`"\ud83d\ude00!"`:          "😀!",
		`"\ud83d"`:                 "\ufffd",
		`"\ud83d\u0041"`:           "\ufffdA",
		`"\ude00"`:                 "\ufffd",
		`"\b\f\n\r\t\"\\"`:         "\b\f\n\r\t\"\\",
		`""`:                       "",
		`null`:                     "",
		`12`:                       "12",
		`{"a":1}`:                  `{"a":1}`,
		`"` + "\x7f" + `"`:         "\x7f",
		`"` + "\u2028" + `\u0000"`: "\u2028\x00",
	} {
		if diff := cmp.Diff(want, Unquote(in)); diff != "" {
			t.Errorf("Unquote(%s) (-want +got)\n%s", in, diff)
		}
	}
}

func FuzzUnquote(f *testing.F) {
	for _, s := range []string{`"a"`, `"\u00e9"`, `"\ud83d\ude00"`, `"\`, `"\u12"`, `"\ud83d\u"`, `null`, ``} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Unquote(s)
		var want string
		if strings.HasPrefix(s, `"`) && json.Unmarshal([]byte(s), &want) == nil && strings.HasSuffix(s, `"`) && want != got &&
			strings.ToValidUTF8(s, "") == s {
			t.Fatalf("Unquote(%s) = %q, encoding/json says %q", s, got, want)
		}
	})
}

func TestTimesAreKeptInUTCWithTheDigitsTheyNeed(t *testing.T) {
	t.Parallel()
	jakarta := time.FixedZone("", 7*3600)
	for want, at := range map[string]time.Time{
		`"2024-01-15T10:30:00Z"`:           time.Date(2024, 1, 15, 17, 30, 0, 0, jakarta),
		`"2024-01-15T10:30:00.5Z"`:         time.Date(2024, 1, 15, 10, 30, 0, 500e6, time.UTC),
		`"2024-01-15T10:30:00.000000001Z"`: time.Date(2024, 1, 15, 10, 30, 0, 1, time.UTC),
		`"9999-12-31T23:59:59Z"`:           time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		if diff := cmp.Diff(want, FormatTime(at)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if back, ok := ParseTime(want); !ok || !back.Equal(at) {
			t.Errorf("ParseTime(%s) = %v, %v; want %v", want, back, ok, at)
		}
	}
	for _, bad := range []string{"", Null, `""`, `"x"`, `"2024-01-15"`, `1705314600`, `"2024-13-01T00:00:00Z"`, `"`} {
		if at, ok := ParseTime(bad); ok {
			t.Errorf("ParseTime(%s) = %v, want none", bad, at)
		}
	}
}

func slot(t *testing.T, s *Schema, name string) Slot {
	t.Helper()
	at, ok := s.Slot(name)
	if !ok {
		t.Fatalf("no slot %q", name)
	}
	return at
}

// dump is all that a record holds.
func dump(r *Record) map[string]string {
	all := map[string]string{}
	for i, info := range r.Schema.Slots {
		if v := r.Get(Slot(i)); v != "" {
			all[info.Name] = v
		}
	}
	r.EachExt(func(k, v string) { all["ext."+k] = v })
	return all
}

func TestAChangedCloneLeavesTheOriginalAlone(t *testing.T) {
	t.Parallel()
	title := slot(t, Links, "title")
	old := New(Links, "d")
	old.Set(title, `"one"`)
	for _, k := range []string{"a", "b", "c"} {
		old.SetExt(k, k)
	}
	before := dump(old)
	for name, change := range map[string]func(r *Record){
		"a slot":                  func(r *Record) { r.Set(title, `"two"`) },
		"a slot forgotten":        func(r *Record) { r.Set(title, "") },
		"an extra":                func(r *Record) { r.SetExt("b", "x") },
		"an extra forgotten":      func(r *Record) { r.SetExt("a", "") },
		"an extra more":           func(r *Record) { r.SetExt("d", "d") },
		"an extra lost, one more": func(r *Record) { r.SetExt("c", ""); r.SetExt("e", "e") },
		"memory of its own":       func(r *Record) { r.Own(func(string) bool { return true }); r.SetExt("a", "x") },
	} {
		clone := old.Clone()
		if diff := cmp.Diff(before, dump(clone)); diff != "" {
			t.Fatalf("%s: the clone differs (-want +got)\n%s", name, diff)
		}
		change(clone)
		if diff := cmp.Diff(before, dump(old)); diff != "" {
			t.Errorf("%s changed the original (-want +got)\n%s", name, diff)
		}
	}
}

func TestExtrasComeInTheOrderTheyWereSet(t *testing.T) {
	t.Parallel()
	r := New(Links, "d")
	for _, k := range []string{"b", "a", "c", "b"} {
		r.SetExt(k, k+"!")
	}
	r.SetExt("a", "")
	r.SetExt("never", "")
	var got []string
	r.EachExt(func(k, v string) { got = append(got, k+v) })
	if diff := cmp.Diff([]string{"bb!", "cc!"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestOwnKeepsWhatTheRecordSays(t *testing.T) {
	t.Parallel()
	body := []byte(`"title" "desc" 12`)
	whole := string(body)
	r := New(Links, "d")
	r.Set(slot(t, Links, "title"), whole[:7])
	r.Set(slot(t, Links, "description"), whole[8:14])
	r.Set(SlotID, `"mine"`)
	r.SetExt("d.n", whole[15:])
	before := dump(r)
	asked := map[string]bool{}
	r.Own(func(text string) bool { asked[text] = true; return strings.Contains(whole, text) })
	if diff := cmp.Diff(before, dump(r)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(map[string]bool{`"title"`: true, `"desc"`: true, `"mine"`: true, "12": true}, asked); diff != "" {
		t.Errorf("asked about (-want +got)\n%s", diff)
	}
}

func TestNeverSaidNullAndSaidAreThreeThings(t *testing.T) {
	t.Parallel()
	title := slot(t, Links, "title")
	for text, want := range map[string]bool{"": false, Null: false, `""`: true, `"x"`: true} {
		r := New(Links, "d")
		r.Set(title, text)
		if got := r.Has(title); got != want || r.Get(title) != text {
			t.Errorf("Set(%q): Has is %v and Get %q, want %v and the same text", text, got, r.Get(title), want)
		}
	}
}

func TestCodeOfFindsTheFirstErrorOfATree(t *testing.T) {
	t.Parallel()
	inner := &Error{Code: CodeType, Field: "amount", Msg: "must be a number", Err: errors.New("cause")}
	for name, c := range map[string]struct {
		err  error
		want Code
	}{
		"itself":           {inner, CodeType},
		"wrapped":          {fmt.Errorf("read: %w", inner), CodeType},
		"an error above":   {&Error{Code: CodeRule, Err: inner}, CodeRule},
		"joined":           {errors.Join(errors.New("x"), inner), CodeType},
		"no error of ours": {errors.New("x"), CodeInternal},
		"none":             {nil, CodeInternal},
	} {
		if got := CodeOf(c.err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if diff := cmp.Diff(`invalid_type at "amount": must be a number: cause`, inner.Error()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEveryCodeEndsInOneThatEveryDialectHas(t *testing.T) {
	t.Parallel()
	top := map[Code]bool{CodeInternal: true, CodeInvalid: true, CodeUnauthorized: true, CodeRateLimited: true}
	seen := map[Code]bool{}
	for _, c := range Codes() {
		if seen[c] {
			t.Errorf("%s is listed twice", c)
		}
		seen[c] = true
		at, steps := c, 0
		for ; at.Parent() != "" && steps < 10; steps++ {
			at = at.Parent()
		}
		if !top[at] {
			t.Errorf("%s ends in %s after %d steps", c, at, steps)
		}
	}
	for c := range top {
		if !seen[c] {
			t.Errorf("%s is not listed", c)
		}
	}
}

func TestEverySchemaFindsItsSlots(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		s := Schemas()[kind]
		for i, name := range s.Names() {
			if got, ok := s.Slot(name); !ok || got != Slot(i) {
				t.Errorf("%s: slot %q is at %d, %v; want %d", kind, name, got, ok, i)
			}
			if s.Slots[i].Type == Enum && len(s.Slots[i].Values) == 0 {
				t.Errorf("%s: %s is an enum without words", kind, name)
			}
		}
		if _, ok := s.Slot("no.such"); ok {
			t.Errorf("%s has a slot no.such", kind)
		}
	}
}

func TestQuoteKeepsToUTF8(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":               `""`,
		"é€😀":            `"é€😀"`,
		"\uFFFD":         `"�"`,
		"a\xe9":          `"a�"`,
		"\xff\xfe\"\n":   `"��\"\n"`,
		"caf\xc3":        `"caf�"`,
		"\xed\xa0\x80é":  `"���é"`,
		"\x00\xc3\xa9\\": `"\u0000é\\"`,
	} {
		if got := Quote(in); got != want {
			t.Errorf("Quote(%q) = %s, want %s", in, got, want)
		}
	}
}
