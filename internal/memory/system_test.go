package memory_test

import (
	"runtime/debug"
	"testing"
	"testing/fstest"

	"github.com/polylink-dev/polylink/internal/memory"
)

func TestAvailableIsTheLeastOfMachineAndContainer(t *testing.T) {
	t.Parallel()
	const mib, gib = int64(1) << 20, int64(1) << 30
	machine := map[string]string{"proc/meminfo": "MemFree: 12 kB\nMemTotal:        8388608 kB\n"}
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"a machine":            {nil, 8 * gib},
		"nothing known":        {map[string]string{"proc/meminfo": ""}, gib},
		"nonsense":             {map[string]string{"proc/meminfo": "MemTotal: many kB\n", "sys/fs/cgroup/memory.max": "-3"}, gib},
		"v2, a container":      {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "536870912\n"}, 512 * mib},
		"v2, no limit":         {map[string]string{"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"}, 8 * gib},
		"v2, a group":          {map[string]string{"proc/self/cgroup": "0::/user.slice/job\n", "sys/fs/cgroup/user.slice/job/memory.max": "268435456"}, 256 * mib},
		"v2, the group above":  {map[string]string{"proc/self/cgroup": "0::/a/b/c\n", "sys/fs/cgroup/a/memory.max": "268435456", "sys/fs/cgroup/a/b/c/memory.max": "max"}, 256 * mib},
		"v2, a foreign path":   {map[string]string{"proc/self/cgroup": "0::/../../pod7\n", "sys/fs/cgroup/memory.max": "268435456"}, 256 * mib},
		"v1, a container":      {map[string]string{"proc/self/cgroup": "9:memory:/docker/1\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "134217728\n"}, 128 * mib},
		"v1, a group":          {map[string]string{"proc/self/cgroup": "4:cpu,memory:/job\n", "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "134217728"}, 128 * mib},
		"v1, no limit":         {map[string]string{"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712"}, 8 * gib},
		"more than there is":   {map[string]string{"sys/fs/cgroup/memory.max": "1099511627776"}, 8 * gib},
		"lines that are not":   {map[string]string{"proc/self/cgroup": "\n:\n0::\n"}, 8 * gib},
		"another controller":   {map[string]string{"proc/self/cgroup": "3:cpu:/x\n", "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "1048576"}, 8 * gib},
		"both, the lower wins": {map[string]string{"sys/fs/cgroup/memory.max": "536870912", "sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456"}, 256 * mib},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := fstest.MapFS{}
			for _, files := range []map[string]string{machine, c.files} {
				for name, text := range files {
					root[name] = &fstest.MapFile{Data: []byte(text)}
				}
			}
			if got := memory.Available(root); got != c.want {
				t.Errorf("%d MiB are available, want %d", got/mib, c.want/mib)
			}
		})
	}
}

// TestApplyLowersTheLimitOnly changes the runtime's limit, which is one for the
// process, and puts it back.
func TestApplyLowersTheLimitOnly(t *testing.T) {
	was := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(was)
	debug.SetMemoryLimit(1 << 30)
	memory.Apply(64 << 20)
	if got := debug.SetMemoryLimit(-1); got >= 160<<20 || got < 100<<20 {
		t.Errorf("the limit is %d MiB", got>>20)
	}
	memory.Apply(1 << 40)
	if got := debug.SetMemoryLimit(-1); got >= 160<<20 {
		t.Errorf("the limit was raised to %d MiB", got>>20)
	}
}
