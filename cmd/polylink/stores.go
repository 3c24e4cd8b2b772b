package main

import (
	"context"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/store/filestore"
)

// keeper opens what sandboxes are kept in, nil where they are in memory alone.
func (p *process) keeper(budget *memory.Budget) (store.Keeper, error) {
	path := p.config.StoreFile()
	if path == "" {
		return nil, nil
	}
	var err error
	p.file, err = filestore.Open(path, filestore.Options{Interval: p.config.Sync, Memory: budget, Log: p.log})
	if err != nil {
		return nil, err // and no nil File in an interface
	}
	return p.file, nil
}

// resume goes on with what was under way in sandboxes that were kept, and
// returns what stops it and waits.
func (p *process) resume(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.sandboxes.Resume(ctx, p.server.Adopt)
	}()
	return func() {
		cancel()
		<-done
	}
}

// closeStore writes what is left to be kept.
func (p *process) closeStore() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}
