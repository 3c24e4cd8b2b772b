package journal

import (
	"errors"
	"sync"
	"sync/atomic"
)

// What a feed takes on.
const (
	maxFollowers = 100
	followerRoom = 256 // entries that wait for one follower
)

// ErrManyFollowers is returned to one follower too many.
var ErrManyFollowers = errors.New("too many follow the requests already")

// Feed hands on the entries of every sandbox, as they are made, to whoever
// follows. A slow follower holds up no exchange: what finds no room with it is
// left out and counted. The zero Feed is ready, and safe for concurrent use.
type Feed struct {
	count     atomic.Int32 // of followers, so that without any nothing is locked
	mu        sync.Mutex
	followers map[*Follower]bool
}

// Follower is one who follows.
type Follower struct {
	feed    *Feed
	entries chan *Entry
	missed  atomic.Int64
}

// Follow begins to follow; whoever does calls Stop at the end.
func (f *Feed) Follow() (*Follower, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.followers) >= maxFollowers {
		return nil, ErrManyFollowers
	}
	if f.followers == nil {
		f.followers = map[*Follower]bool{}
	}
	l := &Follower{feed: f, entries: make(chan *Entry, followerRoom)}
	f.followers[l] = true
	f.count.Add(1)
	return l, nil
}

// Len tells how many follow.
func (f *Feed) Len() int { return int(f.count.Load()) }

// Publish hands an entry on.
func (f *Feed) Publish(e *Entry) {
	if f.count.Load() == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for l := range f.followers {
		select {
		case l.entries <- e:
		default:
			l.missed.Add(1)
		}
	}
}

// Entries is where the entries come; it is never closed.
func (l *Follower) Entries() <-chan *Entry { return l.entries }

// Missed tells how many entries were left out since it was asked last.
func (l *Follower) Missed() int64 { return l.missed.Swap(0) }

// Stop ends the following.
func (l *Follower) Stop() {
	l.feed.mu.Lock()
	defer l.feed.mu.Unlock()
	if l.feed.followers[l] {
		delete(l.feed.followers, l)
		l.feed.count.Add(-1)
	}
}
