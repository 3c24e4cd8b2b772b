package grammar

import "github.com/polylink-dev/polylink/record"

// Codecs are the converters that as: can name, and the type of slot that
// each fills.
var Codecs = map[string]record.Type{
	"string": record.Text, "word": record.Text, "url": record.Text, "uuid": record.Text, "email": record.Text, "currency": record.Text,
	"bool": record.Bool, "int": record.Int, "number": record.Any, "enum": record.Enum,
	"money.minor": record.Money, "money.major": record.Money, "money.text": record.Money,
	"time.rfc3339": record.Time, "time.unix": record.Time, "time.unix_ms": record.Time, "time.in": record.Time,
	"map": record.Map, "list": record.List, "object": record.Any, "json": record.Any,
}

// CodecNames lists what as: can be: the converters, and group.
func CodecNames() []string {
	words := []string{"group"}
	for name := range Codecs {
		words = append(words, name)
	}
	return words
}
