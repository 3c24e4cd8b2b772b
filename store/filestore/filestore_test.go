package filestore_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.etcd.io/bbolt"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/store/filestore"
	"github.com/polylink-dev/polylink/store/storetest"
)

var table = record.Links.Kind

// parts is what a test keeps beside rows.
type parts struct {
	mu     sync.Mutex
	values map[string]string
}

func (p *parts) Part(key string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v, ok := p.values[key]; ok {
		return []byte(v)
	}
	return nil
}

func (p *parts) set(key, value string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.values[key] = value
}

func open(tb testing.TB, path string, o filestore.Options) *filestore.File {
	tb.Helper()
	f, err := filestore.Open(path, o)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

func end(tb testing.TB, f *filestore.File) {
	tb.Helper()
	if err := f.Close(); err != nil {
		tb.Error(err)
	}
}

func made(tb testing.TB, f *filestore.File) store.Engine {
	tb.Helper()
	db, err := f.Make(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	return db
}

func link(id, title string) *store.Row {
	rec := record.New(record.Links, "acme")
	rec.Set(record.SlotID, record.Quote(id))
	rec.Set(record.Links.MustSlot("title"), record.Quote(title))
	rec.SetExt("acme.a.b", "[1,2.50]")
	return &store.Row{Table: table, Key: "acme/" + id, Scope: "acme\x00x", Created: -5, Keys: []string{"k" + id}, Due: 7, Record: rec}
}

// contents is everything that an engine has.
func contents(tb testing.TB, db store.Engine) (rows []store.Row) {
	tb.Helper()
	r := db.Read(context.Background())
	for _, kind := range record.Kinds() {
		for _, row := range r.Scan(kind, "", store.Page{Ascending: true}) {
			rows = append(rows, *row)
		}
	}
	if err := r.Err(); err != nil {
		tb.Fatal(err)
	}
	return rows
}

var asTheyAre = gocmp.Comparer(func(a, b *record.Record) bool { return reflect.DeepEqual(a, b) })

// TestEngineKeepsItsContract holds engines that are kept to the contract, and
// the file to what they held in the end.
func TestEngineKeepsItsContract(t *testing.T) {
	t.Parallel()
	for name, interval := range map[string]time.Duration{"always": 0, "interval": time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			f := open(t, path, filestore.Options{Interval: interval})
			var mu sync.Mutex
			engines := map[string]store.Engine{}
			t.Cleanup(func() {
				end(t, f)
				f := open(t, path, filestore.Options{})
				if len(f.Kept()) != len(engines) || len(engines) == 0 {
					t.Errorf("%d of %d engines were kept", len(f.Kept()), len(engines))
				}
				for _, k := range f.Kept() {
					got, want := contents(t, k.DB), contents(t, engines[k.Name])
					if len(got) != len(want) || !slices.EqualFunc(got, want, func(a, b store.Row) bool { return gocmp.Equal(a, b, asTheyAre) }) {
						t.Errorf("%s is read back with %d rows that are not the %d there were", k.Name, len(got), len(want))
					}
				}
				end(t, f)
			})
			storetest.Run(t, func(context.Context) (store.Engine, error) {
				mu.Lock()
				defer mu.Unlock()
				db := made(t, f)
				name := fmt.Sprint("e", len(engines))
				engines[name] = db
				f.Place(name, db, nil)
				return db, nil
			})
		})
	}
}

func TestWhatIsKeptIsThereAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	f := open(t, path, filestore.Options{})
	db := made(t, f)
	if err := db.Load(t.Context(), []*store.Row{link("1", "é\x00\n"), link("2", "two")}); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("long", 20_000)
	p := &parts{values: map[string]string{"clock": "noon", "gone": "x", "empty": "", long: "x"}}
	space := f.Place("one", db, p, "clock", "gone", "empty", long, "")
	other := made(t, f)
	dropped := f.Place("two", other, p, "clock")
	if err := f.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	next := *db.Read(t.Context()).Get(table, "acme/2")
	if err := db.Commit(t.Context(), store.Batch{Put: []*store.Row{&next, link("3", "three"), link(long, "long"), link(long+"er", "longer")}, Del: []store.Expect{{Table: table, Key: "acme/1"}}}); err != nil {
		t.Fatal(err)
	}
	p.set("clock", "one")
	p.mu.Lock()
	delete(p.values, "gone")
	p.mu.Unlock()
	space.Mark("clock")
	space.Mark("gone")
	dropped.Drop()
	if err := db.Commit(t.Context(), store.Batch{Del: []store.Expect{{Table: table, Key: "acme/" + long + "er"}}}); err != nil {
		t.Fatal(err)
	}
	want := contents(t, db)
	end(t, f)

	f = open(t, path, filestore.Options{})
	defer end(t, f)
	if len(f.Kept()) != 1 || f.Kept()[0].Name != "one" {
		t.Fatalf("kept are %v", f.Kept())
	}
	k := f.Kept()[0]
	if diff := gocmp.Diff(want, contents(t, k.DB), asTheyAre); diff != "" {
		t.Errorf("rows (-want +got)\n%s", diff)
	}
	if diff := gocmp.Diff(map[string][]byte{"clock": []byte("one"), "empty": {}}, k.Parts); diff != "" {
		t.Errorf("parts (-want +got)\n%s", diff)
	}
	k.Resume(p)
	if err := k.DB.Commit(t.Context(), store.Batch{Put: []*store.Row{link("4", "four")}}); err != nil {
		t.Fatal(err)
	}
	if got := k.DB.Read(t.Context()).Get(table, "acme/4"); got.Seq != 6 {
		t.Errorf("the next row has Seq %d, want 6: that of a deleted one is not given twice", got.Seq)
	}
}

func TestOneSandboxTakesThePlaceOfAnother(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	f := open(t, path, filestore.Options{})
	old, fresh := made(t, f), made(t, f)
	p := &parts{values: map[string]string{"a": "1"}}
	first := f.Place("s", old, p, "a")
	if err := old.Commit(t.Context(), store.Batch{Put: []*store.Row{link("1", "old")}}); err != nil {
		t.Fatal(err)
	}
	f.Place("s", fresh, p)
	// Requests may still hold the old one.
	if err := old.Commit(t.Context(), store.Batch{Put: []*store.Row{link("2", "old")}}); err != nil {
		t.Fatal(err)
	}
	first.Mark("a")
	first.Drop()
	if err := fresh.Commit(t.Context(), store.Batch{Put: []*store.Row{link("3", "new")}}); err != nil {
		t.Fatal(err)
	}
	end(t, f)
	f = open(t, path, filestore.Options{})
	defer end(t, f)
	if len(f.Kept()) != 1 {
		t.Fatalf("kept are %v", f.Kept())
	}
	if rows := contents(t, f.Kept()[0].DB); len(rows) != 1 || rows[0].Key != "acme/3" || len(f.Kept()[0].Parts) != 0 {
		t.Errorf("kept are %v and %v", rows, f.Kept()[0].Parts)
	}
}

func TestAFileIsOneProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	f := open(t, path, filestore.Options{})
	defer end(t, f)
	if _, err := filestore.Open(path, filestore.Options{}); err == nil || !strings.Contains(err.Error(), "another process has it open") {
		t.Errorf("a second Open = %v", err)
	}
	if _, err := filestore.Check(path); err == nil || !strings.Contains(err.Error(), "another process has it open") {
		t.Errorf("Check = %v", err)
	}
}

// filled writes a file with some sandboxes and returns its bytes.
func filled(tb testing.TB, path string, sandboxes, rows int) []byte {
	tb.Helper()
	f := open(tb, path, filestore.Options{})
	p := &parts{values: map[string]string{"clock": "noon"}}
	for i := range sandboxes {
		db := made(tb, f)
		var list []*store.Row
		for j := range rows {
			list = append(list, link(fmt.Sprint(j), strings.Repeat("text ", j%40)))
		}
		list[0].Record.Set(record.SlotMetadata, `{"long":"`+strings.Repeat("x", 20_000)+`"}`) // it takes several pages
		if err := db.Load(context.Background(), list); err != nil {
			tb.Fatal(err)
		}
		f.Place(fmt.Sprint("s", i), db, p, "clock")
	}
	if err := f.Flush(context.Background()); err != nil {
		tb.Fatal(err)
	}
	end(tb, f)
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func TestAFileThatIsNotWholeIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := filled(t, filepath.Join(dir, "good.db"), 3, 200)
	foreign := filepath.Join(dir, "foreign.db")
	other, err := bbolt.Open(foreign, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = other.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("theirs"))
		if err != nil {
			return err
		}
		return b.Put([]byte("k"), []byte("value"))
	})
	if err := errors.Join(err, other.Close()); err != nil {
		t.Fatal(err)
	}
	theirs, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	broken := func(at, n int, with byte) []byte {
		b := slices.Clone(good)
		for i := range n {
			b[at+i] = with
		}
		return b
	}
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":               {nil, "it is empty"},
		"text":                {[]byte("polylink"), "it is no store of polylink; name another file"},
		"long text":           {[]byte(strings.Repeat("SQLite format 3\x00", 4000)), "it is no store of polylink"},
		"another bbolt":       {theirs, "it is no store of polylink"},
		"cut in half":         {good[:len(good)/2], "it is torn"},
		"cut by a page":       {good[:5*4096], "it is torn"},
		"both heads zeroed":   {broken(0, 2*4096, 0), "it is no store of polylink"},
		"heads bent":          {broken(70, 8, 7), "it is torn"},
		"zeroes in it":        {broken(len(good)/3/4096*4096, 4096, 0), "it is torn"},
		"0xff in it":          {broken(len(good)/2/4096*4096, 4096, 0xff), "it is torn"},
		"followed by nothing": {good, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name == "heads bent" {
				copy(c.data[4096+70:], "\x07\x07\x07\x07\x07\x07\x07\x07")
			}
			path := filepath.Join(t.TempDir(), "x.db")
			if err := os.WriteFile(path, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			_, checked := filestore.Check(path)
			f, err := filestore.Open(path, filestore.Options{})
			if c.want == "" {
				if err != nil || checked != nil {
					t.Fatalf("Open = %v, Check = %v", err, checked)
				}
				end(t, f)
				return
			}
			if err == nil || checked == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), path+": ") || checked.Error() != err.Error() {
				t.Errorf("Open = %v, Check = %v, want %q", err, checked, c.want)
			}
			after, err := os.ReadFile(path)
			if err != nil || !slices.Equal(after, c.data) {
				t.Errorf("the file was changed: %v", err)
			}
			if list, _ := os.ReadDir(filepath.Dir(path)); len(list) != 1 {
				t.Errorf("there is more than the file: %v", list)
			}
		})
	}
}

// TestNoBentByteIsServed changes bytes all over a file: either it is refused, or
// what it holds is what was written.
func TestNoBentByteIsServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "x.db")
	good := filled(t, path, 2, 60)
	f := open(t, path, filestore.Options{})
	want := map[string][]store.Row{}
	for _, k := range f.Kept() {
		want[k.Name] = contents(t, k.DB)
	}
	end(t, f)
	step := 1499
	if testing.Short() {
		step = 5003
	}
	refused := 0
	for at := 0; at < len(good); at += step {
		data := slices.Clone(good)
		data[at] ^= 1 << (at % 8)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := filestore.Open(path, filestore.Options{})
		if err != nil {
			refused++
			continue
		}
		got := map[string][]store.Row{}
		for _, k := range f.Kept() {
			got[k.Name] = contents(t, k.DB)
		}
		end(t, f)
		if !gocmp.Equal(want, got, asTheyAre) {
			t.Fatalf("a byte at %d was changed and other rows are served", at)
		}
	}
	if refused == 0 {
		t.Error("no changed byte was noticed")
	}
}

func TestAFileOfANewerPolylinkIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ key, value, want string }{
		"format": {"format", "99", "it is of format 99 and this program reads up to 1"},
		"slot":   {"words/link", "id\nno_such_slot", "it has a member no_such_slot of a link"},
		"kind":   {"words/unheard", "id", "it has records of a kind unheard"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "x.db")
			end(t, open(t, path, filestore.Options{}))
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Update(func(tx *bbolt.Tx) error {
				return tx.Bucket([]byte("meta")).Put([]byte(c.key), filestore.Sealed(c.key, c.value))
			})
			if err := errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			if _, err := filestore.Open(path, filestore.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Open = %v", err)
			}
		})
	}
}

func TestAFileThatCannotBeWrittenRefusesAndRecovers(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	f := open(t, path, filestore.Options{})
	db := made(t, f)
	p := &parts{values: map[string]string{"a": "1"}}
	space := f.Place("s", db, p, "a")
	if err := f.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.Limit(1) // bytes: as of a disk that is full
	big := link("1", strings.Repeat("x", 1<<20))
	if err := db.Commit(t.Context(), store.Batch{Put: []*store.Row{big}}); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("Commit = %v", err)
	}
	if err := db.Commit(t.Context(), store.Batch{Put: []*store.Row{link("2", "x")}}); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("the next Commit = %v", err)
	}
	if db.Read(t.Context()).Get(table, "acme/2") != nil {
		t.Error("memory took what the file could not")
	}
	space.Mark("a")
	if err := errors.Join(f.Flush(t.Context()), f.Ready()); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("Flush and Ready = %v", err)
	}
	f.Limit(0)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for err := store.ErrUnavailable; err != nil; {
		if ctx.Err() != nil {
			t.Fatal("it does not recover")
		}
		err = db.Commit(ctx, store.Batch{Put: []*store.Row{link("3", "x")}})
	}
	want := contents(t, db)
	end(t, f)
	f = open(t, path, filestore.Options{})
	defer end(t, f)
	if diff := gocmp.Diff(want, contents(t, f.Kept()[0].DB), asTheyAre); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCompactKeepsAllAndShrinks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	filled(t, path, 3, 300)
	f := open(t, path, filestore.Options{})
	want := map[string][]store.Row{}
	for _, k := range f.Kept() {
		space := k.Resume(&parts{})
		if k.Name == "s1" {
			want[k.Name] = contents(t, k.DB)
			continue
		}
		space.Drop()
	}
	end(t, f)
	before, after, err := filestore.Compact(path)
	if err != nil || after >= before {
		t.Fatalf("Compact = %d, %d, %v", before, after, err)
	}
	sum, err := filestore.Check(path)
	if err != nil || sum.Sandboxes != 1 || sum.Rows != 300 {
		t.Errorf("Check = %+v, %v", sum, err)
	}
	f = open(t, path, filestore.Options{})
	defer end(t, f)
	got := map[string][]store.Row{}
	for _, k := range f.Kept() {
		got[k.Name] = contents(t, k.DB)
	}
	if diff := gocmp.Diff(want, got, asTheyAre); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if list, _ := os.ReadDir(filepath.Dir(path)); len(list) != 1 {
		t.Errorf("there is more than the file: %v", list)
	}
}

func TestCheckMakesNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	if _, err := filestore.Check(path); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("Check = %v", err)
	}
	if _, _, err := filestore.Compact(path); err == nil {
		t.Error("Compact of nothing went well")
	}
	if list, _ := os.ReadDir(filepath.Dir(path)); len(list) != 0 {
		t.Errorf("there is %v", list)
	}
}

func BenchmarkDurableUpdate(b *testing.B) {
	for _, clients := range []int{1, 8, 32} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			f := open(b, filepath.Join(b.TempDir(), "x.db"), filestore.Options{})
			defer end(b, f)
			db := made(b, f)
			var rows []*store.Row
			for i := range 1000 {
				rows = append(rows, link(fmt.Sprint(i), strings.Repeat("x", 700)))
			}
			if err := db.Load(b.Context(), rows); err != nil {
				b.Fatal(err)
			}
			f.Place("s", db, nil)
			b.ResetTimer()
			var wg sync.WaitGroup
			for c := range clients {
				wg.Go(func() {
					for i := c; i < b.N; i += clients {
						next := *db.Read(b.Context()).Get(table, fmt.Sprintf("acme/%d", i%1000))
						if err := db.Commit(b.Context(), store.Batch{Put: []*store.Row{&next}}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/cmp.Or(b.Elapsed().Seconds(), 1), "updates/s")
		})
	}
}

func TestASandboxThatDoesNotFitIntoMemoryIsAwayAndKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.db")
	f := open(t, path, filestore.Options{})
	db := made(t, f)
	var rows []*store.Row
	for i := range 10_000 { // more than one transaction reads
		rows = append(rows, link(fmt.Sprint(i), strings.Repeat("x", 7000)))
	}
	if err := db.Load(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	f.Place("s", db, nil)
	want := contents(t, db)
	end(t, f)

	f = open(t, path, filestore.Options{Memory: memory.New(memory.Least)})
	r := f.Kept()[0].DB.Read(t.Context())
	if !errors.Is(r.Err(), store.ErrUnavailable) || r.Get(table, "acme/1") != nil {
		t.Errorf("what does not fit is read with %v", r.Err())
	}
	if err := f.Kept()[0].DB.Commit(t.Context(), store.Batch{Put: []*store.Row{link("new", "x")}}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Commit = %v", err)
	}
	end(t, f)
	f = open(t, path, filestore.Options{})
	defer end(t, f)
	if got := contents(t, f.Kept()[0].DB); !gocmp.Equal(want, got, asTheyAre) {
		t.Errorf("%d rows are there, and %d were", len(got), len(want))
	}
}
