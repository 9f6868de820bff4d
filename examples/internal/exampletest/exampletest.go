// Package exampletest is what the tests of several examples share: an output that goroutines
// write, and a pseudo-terminal.
//
// Only tests import the package. A user who copies an example can therefore compile the
// program without this package.
package exampletest

import (
	"bytes"
	"sync"
)

// Buffer keeps the text that several goroutines write.
type Buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write appends data to the text.
func (b *Buffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(data)
}

// String returns the text that was written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
