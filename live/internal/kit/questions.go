package kit

import (
	"slices"
	"strings"
)

// questions has the probes about what no recording settles.
func questions() []Probe {
	return slices.Concat(
		sessionQuestions(), timestampQuestions(), deviceQuestions(), refreshQuestions(), passwordQuestions(),
		levelQuestions(), poolQuestions(), userQuestions(), accountQuestions(), mailQuestions(), passkeyQuestions(),
	)
}

// unrecordable says why the conversation cannot be replayed.
func (sc *Scene) unrecordable(why string) { sc.notReplayed = why }

// aside is the scene without its recorder, for requests that no replay can follow. Both have one
// judgement.
func (sc *Scene) aside() *Scene {
	unrecorded := *sc
	unrecorded.api = sc.stage
	return &unrecorded
}

// exceptionOr says which exception an error is, or what came without one.
func (sc *Scene) exceptionOr(err error, otherwise string) string {
	if err != nil {
		return sc.describe(err)
	}
	return otherwise
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func joined(parts ...string) string { return strings.Join(parts, "; ") }
