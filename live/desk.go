package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// desk asks questions at the terminal of the person who runs the program.
type desk struct {
	answers   io.Reader
	questions io.Writer

	once  sync.Once
	lines chan string // the lines of the answers, closed at the end of the input
}

// inTurns allows one writing goroutine at a time.
type inTurns struct {
	mu sync.Mutex
	w  io.Writer
}

func (t *inTurns) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.w.Write(text)
}

// read starts a goroutine that reads the answers, because nobody can interrupt a read.
func (d *desk) read() {
	d.lines = make(chan string)
	go func() {
		defer close(d.lines)
		for scanner := bufio.NewScanner(d.answers); scanner.Scan(); {
			d.lines <- strings.TrimSpace(scanner.Text())
		}
	}()
}

// ask asks one question. The error is io.EOF if nobody can answer, or the error of ctx.
func (d *desk) ask(ctx context.Context, question string) (string, error) {
	d.once.Do(d.read)
	fmt.Fprint(d.questions, question)
	select {
	case line, ok := <-d.lines:
		if !ok {
			return "", io.EOF
		}
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

var digits = regexp.MustCompile(`^([0-9]{6}|[0-9]{8})$`)

// agrees asks a question with the answers yes and no.
func (d *desk) agrees(ctx context.Context, question string) (bool, error) {
	line, err := d.ask(ctx, question)
	line = strings.ToLower(line)
	return line == "y" || line == "yes", err
}

// sure asks whether a refused code was the newest one.
func (d *desk) sure(ctx context.Context) (bool, error) {
	return d.agrees(ctx, "The service refused the code that you typed last. Was it that of the newest message? [y/N]\n")
}

// code asks for the code of a message, and asks again until the answer has the form of a code.
func (d *desk) code(ctx context.Context, probe, to string) (string, error) {
	for {
		line, err := d.ask(ctx, fmt.Sprintf("%s: the service has sent a new code to %s. Type the newest code:\n", probe, to))
		if err != nil {
			return "", fmt.Errorf("reading a code: %w", err)
		}
		if digits.MatchString(line) {
			return line, nil
		}
		fmt.Fprintln(d.questions, "A code has 6 or 8 digits.")
	}
}
