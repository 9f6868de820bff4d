//go:build unix

// Package usage reads the CPU time and the memory of this process, for programs that
// measure sign-ins.
package usage

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"time"
)

// CPU returns the CPU time of the process, user and system. Other programs on the machine
// lengthen the time by the clock, but not the CPU time.
func CPU() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err) // getrusage fails for wrong arguments only
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// PeakMemory returns the largest resident set of the process, in bytes. On systems other
// than Linux, PeakMemory returns 0.
func PeakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kilobytes int64
	if _, after, ok := bytes.Cut(status, []byte("VmHWM:")); ok {
		fmt.Sscan(string(after), &kilobytes)
	}
	return kilobytes << 10
}
