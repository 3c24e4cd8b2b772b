// Command dist makes what is released: binaries, what belongs beside them, and
// the packages for npm.
//
// make dist runs it. It promises that two runs on one commit give the same
// bytes: nothing in what it writes depends on the machine, the folder or the
// time. It publishes nothing. Start with release, then binaries.go.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

// everywhere is the platforms that are built where none is named.
const everywhere = "linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64"

func main() {
	out := flag.String("out", "dist", "`folder` to write to, whose files of earlier runs are deleted")
	platforms := flag.String("platforms", everywhere, "`list` of os/arch with spaces between")
	version := flag.String("version", "", "`version`; that of clients/node/package.json where it is left out")
	flag.Parse()
	if err := release(*out, strings.Fields(*platforms), *version); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

// release builds everything into a folder. A folder that has other files in it
// is not touched.
func release(out string, platforms []string, version string) error {
	if len(platforms) == 0 {
		return fmt.Errorf("no platform is named; write some of %s", everywhere)
	}
	var list []platform
	for _, text := range platforms {
		p, err := parse(text)
		if err != nil {
			return err
		}
		list = append(list, p)
	}
	d, err := open(out)
	if err != nil {
		return err
	}
	if version == "" {
		if version, err = clientVersion("clients/node/package.json"); err != nil {
			return err
		}
	}
	for _, step := range []func() error{
		func() error { return d.binaries(list) },
		func() error { return d.manuals() },
		func() error { return d.bill(list, version) },
		func() error { return d.npm(list, version) },
		d.checksums,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
