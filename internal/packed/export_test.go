package packed

import "sync"

// Watch empties the pools. The function made returns the packers and unpackers that Pack and
// Unpack have made since.
func Watch() (made func() []any) {
	var all []any
	for _, pool := range []*sync.Pool{&packers, &unpackers} {
		fresh := pool.New
		*pool = sync.Pool{New: func() any {
			room := fresh()
			all = append(all, room)
			return room
		}}
	}
	return func() []any { return all }
}
