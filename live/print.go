package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/cognitoflow/cognitoflow/internal/conversation"
	"github.com/cognitoflow/cognitoflow/live/internal/kit"
)

// printList lists probes, with the flags that each lacks.
func (s settings) printList(w io.Writer, probes []kit.Probe) error {
	for _, p := range probes {
		lacks := s.given.Lacks(p)
		if lacks != "" {
			lacks = " (" + lacks + ")"
		}
		if _, err := fmt.Fprintf(w, "%s: %s%s\n", p.Name, p.Title, lacks); err != nil {
			return err
		}
	}
	return nil
}

func printJSON(w io.Writer, results []kit.Result) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "\t")
	return encoder.Encode(results)
}

// printTable prints the results: the skipped probes by reason, and the others one by one.
func printTable(w io.Writer, results []kit.Result) {
	skipped := map[string]int{}
	var reasons []string
	counts := map[string]int{}
	for _, r := range results {
		counts[r.Outcome]++
		switch r.Outcome {
		case kit.Skipped:
			if skipped[r.Reason]++; skipped[r.Reason] == 1 {
				reasons = append(reasons, r.Reason)
			}
			continue
		case kit.Failed:
			fmt.Fprintf(w, "FAILED   %s\n         %s\n", r.Name, r.Reason)
		case kit.Same:
			fmt.Fprintf(w, "same     %s\n         %s\n", r.Name, r.Answer)
		case kit.Differs:
			fmt.Fprintf(w, "DIFFERS  %s: %s\n         the service: %s\n         cognitotest: %s\n", r.Name, r.Title, r.Answer, r.Default)
			if r.Row != "" {
				fmt.Fprintf(w, "         the row in docs/evidence.md: %s\n", r.Row)
			}
		}
		if len(r.Unrecorded) > 0 {
			fmt.Fprintf(w, "         the recording: %s\n", strings.Join(r.Unrecorded, "; "))
		}
	}
	for _, reason := range reasons {
		fmt.Fprintf(w, "skipped  %s: %s\n", count(skipped[reason], "probe"), reason)
	}
	fmt.Fprintf(w, "%d same, %d differ, %d failed, %d skipped\n", counts[kit.Same], counts[kit.Differs], counts[kit.Failed], counts[kit.Skipped])
}

// printEnd prints the end of a run: the recordings, the error, and the pools that may exist.
func (s settings) printEnd(w io.Writer, service *kit.Service, files *files, results []kit.Result, err error) {
	if files.complete+files.incomplete > 0 {
		fmt.Fprintf(w, "%s in %s", count(files.complete, "recording"), files.dir)
		if files.incomplete > 0 {
			fmt.Fprintf(w, ", and %d in %s, which nobody can replay yet", files.incomplete, filepath.Join(files.dir, incomplete))
		}
		fmt.Fprintln(w)
	}
	if files.err != nil {
		fmt.Fprintln(w, "live: a recording was not written:", files.err)
	}
	if s.keep {
		fmt.Fprintf(w, "The pools of the run %s still exist. Delete them with -clean -run %s.\n", service.Run, service.Run)
	}
	if err == nil {
		return
	}
	asked := 0
	for _, r := range results {
		if r.Outcome != kit.Skipped {
			asked++
		}
	}
	there := errors.As(err, new(*kit.NotDeletedError))
	switch {
	case errors.Is(err, kit.ErrLost), errors.Is(err, context.Canceled):
		fmt.Fprintf(w, "live: the run ended after %d of %s: %s\n", asked, count(len(results), "probe"), kit.Tell(err, nil))
	default:
		fmt.Fprintf(w, "live: %s\n", kit.Tell(err, nil))
	}
	if there || errors.Is(err, kit.ErrLost) {
		fmt.Fprintf(w, "live: pools may still exist. Delete them with -clean -run %s.\n", service.Run)
	}
}

// files are the recordings of a run.
type files struct {
	dir                  string // empty: no recordings
	complete, incomplete int    // the numbers of recordings
	err                  error
}

// incomplete is the subdirectory for recordings that nobody can replay.
const incomplete = "incomplete"

// newFiles makes the directory. In the default directory each run has a subdirectory.
func newFiles(dir, run string) (*files, error) {
	if dir == "" {
		return &files{}, nil
	}
	if dir == defaultRecord {
		dir = filepath.Join(dir, run)
	}
	return &files{dir: dir}, os.MkdirAll(dir, 0o755)
}

// write writes the recording of a result, if there is one. printEnd reports an error.
func (f *files) write(r kit.Result) {
	if f.dir == "" || r.Recording == nil {
		return
	}
	text, err := encode(r.Recording)
	dir := f.dir
	if err == nil {
		if _, problem := conversation.Parse(text); problem != nil || len(r.Unrecorded) > 0 {
			dir = filepath.Join(dir, incomplete)
			err = os.MkdirAll(dir, 0o755)
			f.incomplete++
		} else {
			f.complete++
		}
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, r.Name+".json"), text, 0o644))
	}
	f.err = errors.Join(f.err, err)
}

func encode(c *conversation.Conversation) ([]byte, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false) // placeholders have angle brackets
	encoder.SetIndent("", "\t")
	err := encoder.Encode(c)
	return []byte(b.String()), err
}
