package proxy

import (
	"context"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

var aliasRecord = record.Aliases.MustSlot("record")

// theirID is the id that the upstream has for one of ours. What is not known
// goes as it stands: it may be the upstream's own.
func (o *operation) theirID(res *dialect.Resource, id string) string {
	if back, known := o.knownID(res, id); known {
		return back
	}
	return id
}

// knownID is theirID where it is remembered, was found out, or can be told from
// the id itself.
func (o *operation) knownID(res *dialect.Resource, id string) (string, bool) {
	theirs := o.b.To.ResourceFor(res.Schema.Kind)
	if theirs == nil || res.IDs == nil || theirs.IDs == nil || *res.IDs == *theirs.IDs {
		return id, true
	}
	if found := o.recovered[res.Name+"/"+id]; found != "" {
		return found, true
	}
	if row := o.Rows.Get(record.Aliases.Kind, store.RowKey(o.b.From.Name, id)); row != nil {
		if theirs, ok := strings.CutPrefix(row.Record.Text(aliasRecord), o.b.To.Name+"/"); ok {
			return theirs, true
		}
	}
	if back, ok := respell(res.IDs, theirs.IDs, id); ok && fits(theirs.IDs, res.IDs) {
		return back, true
	}
	return "", false
}

// most of the upstream's list is looked through for an id that is known no
// longer.
const maxRecovered = 1000

// recoverID looks for the record whose id with us this is, where that is not
// known: our ids are made of the upstream's, so that they come out the same after
// a restart that has lost the map.
func (o *operation) recoverID(ctx context.Context, res *dialect.Resource, id string) error {
	key := res.Name + "/" + id
	if _, tried := o.recovered[key]; tried {
		return nil
	}
	if _, known := o.knownID(res, id); known || !res.IDs.Match(id) || o.b.To.ResourceFor(res.Schema.Kind).IDs.Match(id) {
		return nil
	}
	if o.recovered == nil {
		o.recovered = map[string]string{}
	}
	o.recovered[key] = ""
	op := o.b.list(&dialect.Op{Resource: res, Owner: o.b.From})
	if op == nil || op.Resource.Parent != nil && o.Env.Parent == nil {
		return nil
	}
	for p := o.pages(op, 100, nil); !p.done && p.rows < maxRecovered; {
		recs, problems, err := p.read(ctx)
		if err != nil || len(problems) > 0 {
			return err
		}
		for _, rec := range recs {
			if ours, _ := o.ourID(res, rec.ID()); ours == id {
				o.recovered[key] = rec.ID()
				return nil
			}
		}
	}
	return nil
}

// ourID is the id that a record of the upstream has with us: its own where the
// two are formed alike, the same number in our form where that has room, and
// else one that its id decides, which is remembered.
func (o *operation) ourID(res *dialect.Resource, theirID string) (id string, remember bool) {
	theirs := o.b.To.ResourceFor(res.Schema.Kind)
	if theirs == nil || res.IDs == nil || theirs.IDs == nil || *res.IDs == *theirs.IDs {
		return theirID, false
	}
	if fits(theirs.IDs, res.IDs) {
		if id, ok := respell(theirs.IDs, res.IDs, theirID); ok {
			return id, false
		}
	}
	return res.IDs.New(time.Unix(0, 0), ids.Derived("proxy", o.b.From.Name, o.b.To.Name, res.Name, theirID)), true
}

// reference is the id of a neighbour with us and there.
type reference struct{ ours, theirs string }

// theirRef is the upstream's id of a neighbour that the client names.
func (o *operation) theirRef(kind, id string) string {
	res := o.b.From.ResourceFor(kind)
	if res == nil {
		return id
	}
	if len(o.recovered) < maxNeighbours && o.failed == nil && !o.blind {
		if err := o.recoverID(o.ctx(), res, id); err != nil {
			o.failed = err
		}
	}
	return o.theirID(res, id)
}

// ourRef is our id of a neighbour that the upstream names. What is not formed as
// its ids are stays as it is.
func (o *operation) ourRef(kind, id string) string {
	res, theirs := o.b.From.ResourceFor(kind), o.b.To.ResourceFor(kind)
	if res == nil || theirs == nil || theirs.IDs == nil || !theirs.IDs.Match(id) {
		return id
	}
	ours, remember := o.ourID(res, id)
	if remember {
		if o.recovered == nil {
			o.recovered = map[string]string{}
		}
		if key := res.Name + "/" + ours; o.recovered[key] == "" {
			o.recovered[key] = id
			o.named = append(o.named, reference{ours, id})
		}
	}
	return ours
}

// ours is a record of the upstream as our dialect has it.
func (o *operation) ours(res *dialect.Resource, theirs *record.Record) *record.Record {
	rec := theirs.Clone()
	rec.Dialect = o.b.From.Name
	id, remember := o.ourID(res, theirs.ID())
	client.RenameAll(rec, o.ourRef)
	rec.Set(record.SlotID, record.Quote(id))
	if remember {
		rec.SetExt(theirIDExt, record.Quote(theirs.ID()))
	}
	if rec.Ext(dialect.PageExt) == "" {
		rec.SetExt(dialect.PageExt, record.Null) // there is no page here that would know the record
	}
	if o.Env.Account != nil {
		rec.Set(record.SlotAccount, o.Env.Account.Get(record.SlotID))
	}
	if o.Env.Credential != nil {
		rec.Set(record.SlotLive, o.Env.Credential.Get(record.SlotLive))
	}
	if res.Parent != nil && o.Env.Parent != nil && res == o.Op.Resource {
		rec.Set(record.SlotParent, o.Env.Parent.Get(record.SlotID))
	}
	for slot, text := range map[record.Slot]string{
		record.SlotStatus: record.Quote(record.Active), record.SlotCreated: record.FormatTime(o.Env.Now), record.SlotVersion: "1",
	} {
		if rec.Get(slot) == "" {
			rec.Set(slot, text)
		}
	}
	if rec.Get(record.SlotUpdated) == "" {
		rec.Set(record.SlotUpdated, rec.Get(record.SlotCreated))
	}
	return rec
}

// theirIDExt is where a record keeps the upstream's id until that is remembered.
const theirIDExt = "proxy.id"

// remembered are the rows that lead from our ids to the upstream's. That of a
// link which is made here also tells whose it is, for what the upstream tells of
// it later.
func (o *operation) remembered(recs ...*record.Record) (rows []*store.Row) {
	made := o.Op.Does == dialect.Create && o.Op.Resource.Schema == record.Links
	for _, rec := range recs {
		theirs := record.Unquote(rec.Ext(theirIDExt))
		if theirs == "" && made {
			theirs = o.theirID(o.Op.Resource, rec.ID())
		}
		if theirs == "" || o.Rows.Get(record.Aliases.Kind, store.RowKey(o.b.From.Name, rec.ID())) != nil {
			continue
		}
		row := o.alias(rec.ID(), o.b.To.Name+"/"+theirs, "")
		if made {
			row.Record.Set(record.SlotAccount, rec.Get(record.SlotAccount))
			row.Record.Set(record.SlotLive, rec.Get(record.SlotLive))
		}
		rows = append(rows, row)
	}
	for _, ref := range o.named {
		key := store.RowKey(o.b.From.Name, ref.ours)
		if o.Rows.Get(record.Aliases.Kind, key) == nil && !slices.ContainsFunc(rows, func(row *store.Row) bool { return row.Key == key }) {
			rows = append(rows, o.alias(ref.ours, o.b.To.Name+"/"+ref.theirs, ""))
		}
	}
	return rows
}

// alias is a row that leads from an id of ours to something, in a list of its
// own where it has one.
func (o *operation) alias(id, to, list string) *store.Row {
	rec := record.New(record.Aliases, o.b.From.Name)
	rec.Set(record.SlotID, record.Quote(id))
	rec.Set(record.SlotStatus, record.Quote(record.Active))
	rec.Set(record.SlotCreated, record.FormatTime(o.Env.Now))
	rec.Set(aliasRecord, record.Quote(to))
	if list != "" {
		rec.Set(record.SlotParent, record.Quote(list))
	}
	return dialect.NewRow(nil, rec)
}

// room is how many ids a form has.
func room(s *ids.Spec) *big.Int {
	switch {
	case s.UUID:
		return new(big.Int).Lsh(big.NewInt(1), 122)
	case s.ULID || len(s.Alphabet) < 2:
		return new(big.Int)
	}
	return new(big.Int).Exp(big.NewInt(int64(len(s.Alphabet))), big.NewInt(int64(s.Length)), nil)
}

// fits tells whether every id of one form is one of another.
func fits(from, to *ids.Spec) bool { return room(from).Sign() > 0 && room(from).Cmp(room(to)) <= 0 }

// respell writes the number that an id is in another form; ok is false where it
// is no id of the one or has no room in the other.
func respell(from, to *ids.Spec, id string) (string, bool) {
	n, ok := number(from, id)
	if !ok || n.Cmp(room(to)) >= 0 {
		return "", false
	}
	return spell(to, n), true
}

// number reads an id as a number.
func number(s *ids.Spec, id string) (*big.Int, bool) {
	if s.ULID || !s.Match(id) {
		return nil, false
	}
	n := new(big.Int)
	if rest := id[len(s.Prefix):]; s.UUID {
		raw, err := hex.DecodeString(strings.ReplaceAll(strings.ToLower(rest), "-", ""))
		if err != nil || raw[6]>>4 != 4 || raw[8]>>6 != 2 {
			return nil, false // of another version: it has bits that would be lost
		}
		low := new(big.Int).SetBytes(raw[8:])
		low.SetBit(low, 63, 0)
		mid := new(big.Int).SetBytes([]byte{raw[6] & 0x0f, raw[7]})
		n.SetBytes(raw[:6])
		n.Or(n.Lsh(n, 12), mid)
		return n.Or(n.Lsh(n, 62), low), true
	} else {
		base := big.NewInt(int64(len(s.Alphabet)))
		for i := range len(rest) {
			n.Add(n.Mul(n, base), big.NewInt(int64(strings.IndexByte(s.Alphabet, rest[i]))))
		}
	}
	return n, true
}

// spell writes a number as an id.
func spell(s *ids.Spec, n *big.Int) string {
	n = new(big.Int).Set(n)
	if s.UUID {
		low := new(big.Int).And(n, new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 62), big.NewInt(1)))
		n.Rsh(n, 62)
		mid := new(big.Int).And(n, big.NewInt(0xfff)).Uint64()
		var raw [16]byte
		n.Rsh(n, 12).FillBytes(raw[:6])
		raw[6], raw[7] = 0x40|byte(mid>>8), byte(mid)
		low.SetBit(low, 63, 1).FillBytes(raw[8:])
		text := hex.EncodeToString(raw[:])
		return s.Prefix + text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
	}
	digits := make([]byte, s.Length)
	base, rest := big.NewInt(int64(len(s.Alphabet))), new(big.Int)
	for i := s.Length - 1; i >= 0; i-- {
		n.QuoRem(n, base, rest)
		digits[i] = s.Alphabet[rest.Int64()]
	}
	return s.Prefix + string(digits)
}
