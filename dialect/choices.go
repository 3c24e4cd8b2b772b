package dialect

// Choice is a rule that is ours and not the provider's word.
type Choice struct {
	Path string // dotted path in the file
	File string
	Line int
	Is   string // the value chosen, when it is a plain one
	Why  string
}
