package traffic

import (
	"strconv"
	"testing"
)

// A pool keeps the last requests, up to a number and a size.
func TestRequestsAreBounded(t *testing.T) {
	for _, c := range []struct{ size, want int }{
		{10, keptRequests}, {keptRequestBytes / 4, 4}, {keptRequestBytes + 1, 0},
	} {
		var log requestLog
		for i := range 3 * keptRequests {
			log.add(Request{Operation: strconv.Itoa(i)}, c.size)
		}
		if len(log.list) != c.want || len(log.sizes) != c.want || cap(log.list) > 4*keptRequests {
			t.Errorf("%d bytes each: %d requests and %d sizes in room for %d, want %d", c.size, len(log.list), len(log.sizes), cap(log.list), c.want)
		}
		if c.want > 0 && log.list[c.want-1].Operation != strconv.Itoa(3*keptRequests-1) {
			t.Errorf("the last request is %s", log.list[c.want-1].Operation)
		}
	}
}
