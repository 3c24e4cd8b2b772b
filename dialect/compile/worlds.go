package compile

import (
	"path"

	"github.com/polylink-dev/polylink/internal/yml"
)

// isFixture tells whether a file is a world and no mapping.
func isFixture(file string, root *yml.Node) bool {
	if path.Base(file) == "world.yaml" {
		return true
	}
	for _, word := range []string{"errors", "resources", "operations"} {
		if yml.Get(root, word) != nil {
			return false
		}
	}
	return yml.Get(root, "account") != nil || yml.Get(root, "credential") != nil
}
