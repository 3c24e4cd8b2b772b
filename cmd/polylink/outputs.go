package main

import (
	"fmt"
	"io"
)

// output is a stream to write to. It keeps the first error, so that a command
// whose answer nobody got does not end as a success.
type output struct {
	to  io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if err != nil && o.err == nil {
		o.err = fmt.Errorf("write the answer: %w", err)
	}
	return n, err
}
