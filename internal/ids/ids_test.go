package ids

import (
	"bytes"
	"math/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func TestULIDsSortByTime(t *testing.T) {
	t.Parallel()
	for name, lower := range map[string]bool{"CROCKFORD": false, "crockford": true} {
		alphabet, _ := Alphabet(name)
		s := &Spec{Prefix: "csl_", ULID: true, Alphabet: alphabet, Length: ULIDLength}
		src := rand.New(rand.NewSource(1))
		last := ""
		for i := range 200 {
			id := s.New(noon.Add(time.Duration(i)*time.Millisecond), src)
			if !s.Match(id) || len(id) != 4+26 || id <= last {
				t.Fatalf("%q after %q", id, last)
			}
			if rest := id[4:]; lower != (rest == strings.ToLower(rest)) {
				t.Fatalf("%q of %s", id, name)
			}
			last = id
		}
	}
	// Times that a ULID cannot hold make no other kind of id.
	s := &Spec{ULID: true, Alphabet: alphabets["CROCKFORD"], Length: ULIDLength}
	for _, at := range []time.Time{{}, time.Unix(-1, 0), time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)} {
		if id := s.New(at, rand.New(rand.NewSource(1))); !s.Match(id) {
			t.Errorf("%q at %s", id, at)
		}
	}
}

func TestANewIdentifierHasItsShape(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(AlphabetNames()).Draw(t, "alphabet")
		alphabet, ok := Alphabet(name)
		if !ok {
			t.Fatalf("no alphabet %q", name)
		}
		s := &Spec{Prefix: rapid.StringMatching(`[a-z]{0,5}_?`).Draw(t, "prefix"), Alphabet: alphabet, Length: rapid.IntRange(1, 200).Draw(t, "length"),
			UUID: rapid.Bool().Draw(t, "uuid")}
		src := rand.New(rand.NewSource(rapid.Int64().Draw(t, "seed")))
		id := s.New(noon, src)
		if !s.Match(id) {
			t.Fatalf("%q does not match %+v", id, s)
		}
		if s.Match(id+"0") || s.Match(id[1:]) || s.Match("") || s.Match(strings.Replace(id, id[len(id)-1:], "!", 1)) {
			t.Fatalf("what is not like %q matches %+v", id, s)
		}
	})
}

func TestTheSameSourceGivesTheSameIdentifiers(t *testing.T) {
	t.Parallel()
	for _, s := range []*Spec{{Prefix: "a_", Alphabet: "abc", Length: 50}, {UUID: true}, {Prefix: "tax_", UUID: true}, {ULID: true, Alphabet: "abc", Length: ULIDLength}} {
		one, two := s.New(noon, rand.New(rand.NewSource(7))), s.New(noon, rand.New(rand.NewSource(7)))
		if one != two {
			t.Errorf("%q and %q from the same source", one, two)
		}
		if other := s.New(noon, rand.New(rand.NewSource(8))); other == one {
			t.Errorf("%q from another source, too", other)
		}
	}
}

func TestEveryCharacterIsAsLikely(t *testing.T) {
	t.Parallel()
	s := &Spec{Alphabet: "0123456789", Length: 10}
	counts := map[rune]int{}
	src := rand.New(rand.NewSource(1))
	const n = 5000
	for range n {
		for _, r := range s.New(noon, src) {
			counts[r]++
		}
	}
	for r, got := range counts {
		if got < n*9/10 || got > n*11/10 {
			t.Errorf("%c came %d times, want about %d", r, got, n)
		}
	}
	if len(counts) != 10 {
		t.Errorf("%d characters, want 10", len(counts))
	}
}

func TestAUUIDIsOfVersionFour(t *testing.T) {
	t.Parallel()
	id := (&Spec{UUID: true}).New(noon, bytes.NewReader(bytes.Repeat([]byte{0xff}, 16)))
	if want := "ffffffff-ffff-4fff-bfff-ffffffffffff"; id != want {
		t.Errorf("%s, want %s", id, want)
	}
	for s, want := range map[string]bool{id: true, strings.ToUpper(id): true, "": false, id[:35]: false, id + "f": false,
		strings.Replace(id, "-", "_", 1): false, strings.Replace(id, "4", "g", 1): false, strings.ReplaceAll(id, "-", "f"): false} {
		if got := IsUUID(s); got != want {
			t.Errorf("IsUUID(%q) = %v, want %v", s, got, want)
		}
	}
}

func TestASourceThatFailsStillGivesAnIdentifier(t *testing.T) {
	t.Parallel()
	s := &Spec{Alphabet: "ab", Length: 100}
	if id := s.New(noon, strings.NewReader("xyz")); !s.Match(id) {
		t.Errorf("%q", id)
	}
}

func TestTheSystemsRandomnessIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	s := &Spec{Alphabet: "0123456789abcdef", Length: 32}
	var mu sync.Mutex
	seen := map[string]bool{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				id := s.New(noon, Random())
				mu.Lock()
				if seen[id] {
					t.Errorf("%s came twice", id)
				}
				seen[id] = true
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

func TestDerivedIdentifiersFollowFromTheirParts(t *testing.T) {
	t.Parallel()
	alphabet, _ := Alphabet("crockford")
	s := &Spec{Prefix: "x_", Alphabet: alphabet, Length: 80}
	id := func(parts ...string) string { return s.New(noon, Derived(parts...)) }
	if first, again := id("a", "b"), id("a", "b"); first != again {
		t.Error("the same parts give two identifiers")
	}
	seen := map[string]bool{}
	for _, parts := range [][]string{{"a", "b"}, {"ab"}, {"a", "b", ""}, {"", "ab"}, {}} {
		if seen[id(parts...)] || !s.Match(id(parts...)) {
			t.Errorf("%q gives %s", parts, id(parts...))
		}
		seen[id(parts...)] = true
	}
}
