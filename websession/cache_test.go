package websession

import (
	"fmt"
	"testing"
)

// A slow reader does not put former tokens in place of newer ones. Of one generation,
// the last version counts.
func TestCacheKeepsNewerTokens(t *testing.T) {
	c := newCache(10)
	for _, step := range []struct {
		version    string
		generation int
		want       string
	}{{"a", 1, "a"}, {"c", 2, "c"}, {"a", 1, "c"}, {"d", 2, "d"}} {
		c.put(&record{name: "n", version: step.version, state: state{Generation: step.generation}})
		if got := c.get("n").version; got != step.want {
			t.Errorf("after version %s of generation %d there is %s, want %s", step.version, step.generation, got, step.want)
		}
	}
	c.drop("n")
	c.put(&record{name: "n", version: "a", state: state{Generation: 1}})
	if c.get("n") == nil {
		t.Error("nothing is kept after drop")
	}
}

func TestCacheIsBounded(t *testing.T) {
	const size, others = 3, 20
	c := newCache(size)
	c.put(&record{name: "used"})
	for n := range others {
		c.put(&record{name: fmt.Sprint(n)})
		if c.get("used") == nil {
			t.Fatalf("what is used all the time was dropped for record %d", n)
		}
	}
	if len(c.byName) != size || len(c.ring) != size {
		t.Errorf("%d names and %d slots, want %d", len(c.byName), len(c.ring), size)
	}
	if c.get(fmt.Sprint(others-1)) == nil || c.get("0") != nil {
		t.Error("the first of the others is kept, or the last one is not")
	}
}

// Drops at every place leave a cache that works.
func TestCacheDrops(t *testing.T) {
	c := newCache(4)
	for n := range 200 {
		for k := range 6 {
			c.put(&record{name: fmt.Sprint(n + k)})
		}
		for k := range 1 + n%4 {
			c.drop(fmt.Sprint(n + 5 - (k+n)%6))
		}
		if len(c.ring) != len(c.byName) || len(c.ring) > 4 {
			t.Fatalf("%d names and %d slots", len(c.byName), len(c.ring))
		}
		for place, s := range c.ring {
			if s.place != place || c.byName[s.record.name] != s {
				t.Fatalf("the slot at %d is of place %d", place, s.place)
			}
		}
	}
}
