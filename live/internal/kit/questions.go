package kit

import (
	"slices"
	"strings"
)

// questions returns the probes about open rows of docs/evidence.md.
func questions() []Probe {
	return slices.Concat(
		sessionQuestions(), timestampQuestions(), deviceQuestions(), refreshQuestions(), passwordQuestions(),
		levelQuestions(), poolQuestions(), userQuestions(), accountQuestions(), mailQuestions(), passkeyQuestions(),
	)
}

// unrecordable sets the reason why nobody can replay the conversation.
func (sc *Scene) unrecordable(why string) { sc.notReplayed = why }

// aside returns the scene without its recorder, for requests that no replay can follow. Both scenes
// share the judgement.
func (sc *Scene) aside() *Scene {
	unrecorded := *sc
	unrecorded.api = sc.stage
	return &unrecorded
}

// exceptionOr returns the name of the exception, or the text otherwise if err is nil.
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
