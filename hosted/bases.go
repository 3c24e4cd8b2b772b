package hosted

import "context"

type baseKey struct{}

// WithBase tells pages by which address whoever asks reaches polylink, with the
// prefix of a sandbox: that of a dialect's own paths, and for "" that of pages.
func WithBase(ctx context.Context, base func(dialect string) string) context.Context {
	return context.WithValue(ctx, baseKey{}, base)
}

// Base returns such an address, and a bare path where none is known.
func Base(ctx context.Context, dialect string) string {
	if base, ok := ctx.Value(baseKey{}).(func(string) string); ok {
		return base(dialect)
	}
	if dialect == "" {
		return ""
	}
	return "/" + dialect
}
