package journal

import (
	"errors"
	"testing"
)

func TestFollowersGetWhatHasRoom(t *testing.T) {
	t.Parallel()
	var f Feed
	f.Publish(&Entry{N: 1}) // nobody follows
	quick, err := f.Follow()
	if err != nil {
		t.Fatal(err)
	}
	slow, err := f.Follow()
	if err != nil {
		t.Fatal(err)
	}
	for n := range int64(followerRoom + 3) {
		f.Publish(&Entry{N: n})
		if e := <-quick.Entries(); e.N != n {
			t.Fatalf("entry %d came as %d", n, e.N)
		}
	}
	if a, b := quick.Missed(), slow.Missed(); a != 0 || b != 3 || slow.Missed() != 0 || len(slow.Entries()) != followerRoom {
		t.Errorf("missed are %d and %d, want 0 and 3", a, b)
	}
	slow.Stop()
	slow.Stop()
	f.Publish(&Entry{N: 9})
	if len(quick.Entries()) != 1 || f.count.Load() != 1 {
		t.Errorf("%d entries wait for %d followers", len(quick.Entries()), f.count.Load())
	}
	for range maxFollowers - 1 {
		if _, err := f.Follow(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Follow(); !errors.Is(err, ErrManyFollowers) {
		t.Errorf("one too many follows: %v", err)
	}
}
