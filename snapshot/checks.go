package snapshot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

var (
	credentialRefused = record.Credentials.MustSlot("refused")
	credentialGate    = record.Credentials.MustSlot("gate")
	replayStatus      = record.Replays.MustSlot("http_status")
	replayHeaders     = record.Replays.MustSlot("headers")
)

// checkRecord holds a record of a snapshot to what fixtures are held to: no
// member that would be lost, no error that the dialect does not have, no time
// that cannot be written, no answer that HTTP does not know. What a record
// refers to may be gone, for it can have been deleted since.
func checkRecord(d *dialect.Dialect, rec *record.Record, doc []byte) error {
	if err := checkMembers(rec.Schema, doc); err != nil {
		return err
	}
	for i, slot := range rec.Schema.Slots {
		if slot.Type != record.Time {
			continue
		}
		if at, ok := rec.Time(record.Slot(i)); ok && (at.UTC().Year() < 0 || at.UTC().Year() > 9999) {
			return fmt.Errorf("%s is in the year %d, and times end with 9999", slot.Name, at.UTC().Year())
		}
	}
	switch rec.Schema {
	case record.Credentials:
		if err := checkClass(d, "refused", rec.Text(credentialRefused)); err != nil {
			return err
		}
		return checkClass(d, "gate", rec.Text(credentialGate))
	case record.Replays:
		return checkReplay(rec)
	}
	return nil
}

// checkMembers refuses members that no slot takes.
func checkMembers(schema *record.Schema, doc []byte) (err error) {
	names := append(schema.Names(), "object", "dialect", "extensions")
	gjson.ParseBytes(doc).ForEach(func(k, v gjson.Result) bool {
		if slices.Contains(names, k.Str) {
			return true
		}
		outer := k.Str + "."
		if !v.IsObject() || !slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, outer) }) {
			err = fmt.Errorf("%s has no member %q%s", yml.Article(schema.Kind), cut(k.Str), yml.DidYouMean(k.Str, names))
			return false
		}
		v.ForEach(func(inner, _ gjson.Result) bool {
			if name := outer + inner.Str; !slices.Contains(names, name) {
				err = fmt.Errorf("%s has no member %q%s", yml.Article(schema.Kind), cut(name), yml.DidYouMean(name, names))
			}
			return err == nil
		})
		return err == nil
	})
	return err
}

// checkClass refuses an error that the dialect's catalogue does not have.
func checkClass(d *dialect.Dialect, slot, code string) error {
	if code == "" {
		return nil
	}
	known := d.ErrorCodes()
	for _, c := range record.Codes() {
		known = append(known, string(c))
	}
	if !slices.Contains(known, code) {
		return fmt.Errorf("%s is %q, which is no error of %s%s", slot, cut(code), d.Name, yml.DidYouMean(code, known))
	}
	return nil
}

// checkReplay refuses a kept answer that could not be sent.
func checkReplay(rec *record.Record) error {
	if status := rec.Get(replayStatus); status != "" && status != record.Null {
		if n := gjson.Parse(status).Int(); n < 200 || n > 599 {
			return fmt.Errorf("http_status is a status from 200 to 599")
		}
	}
	headers := rec.Get(replayHeaders)
	if headers == "" || headers == record.Null {
		return nil
	}
	ok := gjson.Parse(headers).IsObject()
	gjson.Parse(headers).ForEach(func(_, v gjson.Result) bool {
		ok = ok && v.Type == gjson.String
		return ok
	})
	if !ok {
		return fmt.Errorf("headers is an object of texts")
	}
	return nil
}

// checkAccounts refuses rows whose account is not in the snapshot: nothing can
// delete one, and nobody could ever see them.
func checkAccounts(rows []*record.Record) (at int, err error) {
	there := map[string]bool{}
	for _, rec := range rows {
		if rec.Schema == record.Accounts {
			there[rec.Dialect+"/"+rec.ID()] = true
		}
	}
	for i, rec := range rows {
		if account := rec.Text(record.SlotAccount); account != "" && !there[rec.Dialect+"/"+account] {
			return i, fmt.Errorf("its account %q is no row of the snapshot", cut(account))
		}
	}
	return 0, nil
}
