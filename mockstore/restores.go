package mockstore

import (
	"context"
	"fmt"

	"github.com/polylink-dev/polylink/store"
)

// Restore fills an empty store with rows that were stored before, as they are:
// Seq and Version are theirs, and seq is the last that was given out. It is for
// engines that keep the rows elsewhere, too, and may be called several times. It
// returns store.ErrFull where memory does not hold the rows, for which it makes no room, and otherwise what
// is wrong with a row; then the store is of no more use.
func (d *DB) Restore(ctx context.Context, rows []*store.Row, seq uint64) error {
	room := d.layers.fits(rows)
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, r := range rows {
		if err := check(r); err != nil {
			return fmt.Errorf("restore row %d: %w", i, err)
		}
	}
	if !room {
		return fmt.Errorf("restore: %w", store.ErrFull)
	}
	if err := d.insert(ctx, rows); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	d.seq = max(d.seq, seq)
	return nil
}

// insert adds new rows that are checked and have their Seq and Version, a chunk
// at a time.
func (d *DB) insert(ctx context.Context, rows []*store.Row) error {
	for len(rows) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(chunk, len(rows))
		if err := d.insertChunk(rows[:n]); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// State tells how many rows there are and the last Seq that was given out.
func (d *DB) State() (rows int, seq uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, n := range d.now.Load().counts {
		rows += n
	}
	return rows, d.seq
}
