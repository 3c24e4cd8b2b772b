package yml

import (
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// JSON is a value as JSON text: the order of keys and the digits of numbers are
// kept. Numbers that JSON cannot write are reported and become null.
func JSON(n *Node, report func(n *Node, format string, args ...any)) []byte {
	return appendJSON(nil, n, report)
}

// appendJSON writes a YAML value as JSON.
func appendJSON(dst []byte, n *Node, report func(n *Node, format string, args ...any)) []byte {
	switch n.Kind {
	case Mapping:
		dst = append(dst, '{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(record.AppendQuote(dst, n.Content[i].Value), ':')
			dst = appendJSON(dst, n.Content[i+1], report)
		}
		return append(dst, '}')
	case Sequence:
		dst = append(dst, '[')
		for i, c := range n.Content {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, c, report)
		}
		return append(dst, ']')
	}
	switch n.Tag {
	case "!!null":
		return append(dst, "null"...)
	case "!!bool":
		b, _ := strconv.ParseBool(strings.ToLower(n.Value))
		return strconv.AppendBool(dst, b)
	case "!!int", "!!float":
		if jsontext.IsNumber(n.Value) {
			return append(dst, n.Value...)
		}
		report(n, "write the number as JSON has it, or quote it to make it a text")
		return append(dst, "null"...)
	}
	return record.AppendQuote(dst, n.Value)
}
