package expiring

import (
	"testing"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
)

func TestSessionsAreSwept(t *testing.T) {
	var e Map[int]
	now := time.Unix(0, 0)
	for i := range 5000 {
		now = now.Add(time.Minute)
		e.Put(random.Token(8), i, now, now.Add(time.Minute))
	}
	if e.Len() > 100 {
		t.Errorf("%d entries kept", e.Len())
	}
}
