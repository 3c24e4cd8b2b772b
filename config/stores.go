package config

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/durations"
)

// StoreMemory is the store that does not outlive the process.
const StoreMemory = "memory"

// storeFile begins the name of a store that is a file.
const storeFile = "file:"

// syncAlways answers a change once the store has it.
const (
	syncAlways   = "always"
	syncInterval = "interval"
)

// Bounds of an interval.
const (
	leastInterval = time.Millisecond
	mostInterval  = time.Minute
)

// StoreFile is the path of the file that sandboxes are kept in, "" where they
// are in memory alone.
func (c *Config) StoreFile() string {
	path, _ := strings.CutPrefix(c.Store, storeFile)
	if path == c.Store {
		return ""
	}
	return path
}

// setStore reads where sandboxes are kept. Its error never repeats a URL, which
// may have a password in it.
func setStore(c *Config, s string) error {
	scheme, rest, found := strings.Cut(s, ":")
	switch {
	case s == StoreMemory || found && scheme == strings.TrimSuffix(storeFile, ":") && rest != "" && !strings.HasPrefix(rest, "//"):
		c.Store = s
		return nil
	case found && scheme == strings.TrimSuffix(storeFile, ":"):
		return errors.New("a file needs a path, write file: and one, such as file:polylink.db")
	case found:
		return fmt.Errorf("there is no store of the kind %q, write memory or file:PATH", cut(scheme))
	}
	return fmt.Errorf("%q is no store, write memory or file:PATH", cut(s))
}

// setSync reads when a change is answered.
func setSync(c *Config, s string) error {
	words := strings.Fields(s)
	if len(words) == 1 && words[0] == syncAlways {
		c.Sync = 0
		return nil
	}
	if len(words) != 2 || words[0] != syncInterval {
		return fmt.Errorf("%q is no way to sync, write always, or interval and a duration such as interval 100ms", cut(s))
	}
	d, err := durations.Parse(words[1])
	switch {
	case err != nil:
		return err
	case d < leastInterval || d > mostInterval:
		return fmt.Errorf("an interval of %s is out of bounds, write %s to %s", d, leastInterval, mostInterval)
	}
	c.Sync = d
	return nil
}

// cut shortens what was written, to be repeated in a message.
func cut(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
