package filestore

// Sealed is a value as the file has it.
func Sealed(key, value string) []byte { return sealed([]byte(key), []byte(value)) }

// Limit bounds the file, as a full disk does; 0 is no bound.
func (f *File) Limit(bytes int) { f.bolt.MaxSize = bytes }
