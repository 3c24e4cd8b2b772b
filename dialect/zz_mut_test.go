package dialect

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"testing"

	"polylink/internal/yml"
)

func TestZZMut(t *testing.T) {
	if os.Getenv("MUT") == "" {
		t.Skip()
	}
	key := regexp.MustCompile(`[a-z_]{3,}:[ \n]`)
	val := regexp.MustCompile(`: [a-z_.]{3,}[ ,}\n]`)
	for _, f := range []string{"stripe", "kirimdev", "devdraft", "priceblocs"} {
		data, _ := os.ReadFile("../mappings/" + f + ".yaml")
		for pass, re := range []*regexp.Regexp{key, val} {
			n, many, none := 0, 0, 0
			for _, m := range re.FindAllIndex(data, -1) {
				cut := m[1] - 3
				if pass == 1 {
					cut = m[1] - 2
				}
				if data[cut] == data[cut-1] {
					cut--
					if data[cut-1] == data[cut] {
						continue
					}
				}
				src := append(append([]byte{}, data[:cut]...), data[cut+1:]...)
				_, err := CompileFile(f+".yaml", src)
				n++
				fs, _ := errors.AsType[yml.Faults](err)
				if len(fs) > 1 {
					many++
					fmt.Printf("%q: %d\n", data[m[0]:m[1]], len(fs))
					for i, x := range fs {
						if i < 3 {
							fmt.Printf("     %.230s\n", x.Error())
						}
					}
				}
				if len(fs) == 0 {
					none++
					a, b := m[0]-20, m[1]+20
					if a < 0 {
						a = 0
					}
					fmt.Printf("NONE %q in %q\n", data[m[0]:m[1]], data[a:min(b, len(data))])
				}
			}
			fmt.Println(f, pass, "mutations", n, "several faults", many, "no fault", none)
		}
	}
}
