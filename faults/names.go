package faults

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// CheckNames refuses a fault that names a dialect, an operation, an error
// or an event which none of the dialects has: it would never happen. The error says what
// there is.
func (f Fault) CheckNames(set *dialect.Set) error {
	if f.Dialect != "" && set.Dialect(f.Dialect) == nil {
		return errors.New(yml.Unknown("dialect", f.Dialect, set.Names()))
	}
	common := record.Codes()
	var ops, codes, owners, events []string
	for _, code := range common {
		codes = append(codes, string(code))
	}
	for _, d := range set.Dialects {
		if f.Dialect != "" && d.Name != f.Dialect {
			continue
		}
		ops, codes = append(ops, d.OperationNames()...), append(codes, d.ErrorCodes()...)
		for _, ev := range d.Events {
			events = append(append(events, ev.Name), ev.On...)
		}
		if slices.Contains(d.ErrorCodes(), f.Code) {
			owners = append(owners, d.Name)
		}
	}
	switch {
	case f.Event != "" && !slices.Contains(events, f.Event):
		slices.Sort(events)
		return errors.New(yml.Unknown("event", f.Event, slices.Compact(events)))
	case f.Operation != "" && !slices.Contains(ops, f.Operation):
		return errors.New(yml.Unknown("operation", f.Operation, ops))
	case f.Code != "" && !slices.Contains(codes, f.Code):
		return errors.New(yml.Unknown("error", f.Code, codes))
	case f.Code != "" && f.Dialect == "" && !slices.Contains(common, record.Code(f.Code)):
		return fmt.Errorf("the error %s belongs to %s and the others do not have it; send the dialect, too", f.Code, strings.Join(owners, " and "))
	}
	return nil
}
