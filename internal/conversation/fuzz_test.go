package conversation_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/cognitoflow/cognitoflow/internal/conversation"
)

// FuzzParse reads any data as a conversation.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("../../testdata/conversations/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("there are no recordings: %v", err)
	}
	for _, file := range files[:min(len(files), 8)] {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"exchanges":[{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := conversation.Parse(data)
		if err == nil && len(c.Sequence()) == 0 {
			t.Error("a recording without an exchange")
		}
	})
}
