package memory

import (
	"io/fs"
	"math"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// unknown is how much memory is assumed where nothing tells.
const unknown = 1 << 30

// Available returns how much memory the process may use, in bytes: that of the
// machine or of the container it runs in, whichever is less. root is the root
// of the file system; what cannot be read there is not believed in.
func Available(root fs.FS) int64 {
	least := machine(root)
	for _, group := range groups(root) {
		least = min(least, group)
	}
	if least == math.MaxInt64 {
		return unknown
	}
	return least
}

// Default is the budget of a process that is told none: a quarter of what is
// available and of what the runtime may use, GOMEMLIMIT, but not less than Least.
func Default(root fs.FS) int64 {
	return max(Least, min(Available(root), debug.SetMemoryLimit(-1))/4)
}

// machine returns the memory of the machine.
func machine(root fs.FS) int64 {
	text, err := fs.ReadFile(root, "proc/meminfo")
	if err != nil {
		return math.MaxInt64
	}
	for line := range strings.Lines(string(text)) {
		rest, ok := strings.CutPrefix(line, "MemTotal:")
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
		if err == nil && n > 0 && n < math.MaxInt64>>10 {
			return n << 10
		}
	}
	return math.MaxInt64
}

// Where control groups are mounted, and which file of theirs has the limit.
const (
	mountV2, fileV2 = "sys/fs/cgroup", "memory.max"
	mountV1, fileV1 = "sys/fs/cgroup/memory", "memory.limit_in_bytes"
)

// groups returns the limits of the control groups that the process is in: of
// its own and of all above it, for each of them counts. In a container the
// mount often starts at the process's own group, whose path does not exist in
// it; then the mount's root is its group.
func groups(root fs.FS) []int64 {
	var out []int64
	limit := func(mount, group, file string) {
		for dir := path.Join("/", group); ; dir = path.Dir(dir) {
			if n, ok := number(root, path.Join(mount, dir, file)); ok {
				out = append(out, n)
			}
			if dir == "/" {
				return
			}
		}
	}
	text, _ := fs.ReadFile(root, "proc/self/cgroup")
	limit(mountV2, "/", fileV2)
	limit(mountV1, "/", fileV1)
	for line := range strings.Lines(string(text)) {
		// hierarchy:controllers:path, and controllers are empty in version 2.
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(parts) != 3 {
			continue
		}
		for controller := range strings.SplitSeq(parts[1], ",") {
			switch controller {
			case "":
				limit(mountV2, parts[2], fileV2)
			case "memory":
				limit(mountV1, parts[2], fileV1)
			}
		}
	}
	return out
}

// number reads a limit. "max", and the number near the largest that version 1
// shows for none, are no limits.
func number(root fs.FS, name string) (int64, bool) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil && n > 0 && n < math.MaxInt64/2
}

// outside is what a process takes beside the memory that the runtime manages:
// its program, its threads.
const outside = 24 << 20

// Apply tells the runtime to stay within two and a half times a budget, garbage
// and requests under way included. A lower limit, such as GOMEMLIMIT of the
// environment, stays in force.
func Apply(budget int64) {
	if want := budget*5/2 - outside; want < debug.SetMemoryLimit(-1) {
		debug.SetMemoryLimit(want)
	}
}

// Release gives memory that is no longer used back to the machine, which the
// runtime would do in its own time. It takes as long as a collection.
func Release() { debug.FreeOSMemory() }
