//go:build unix

// Package usage tells the CPU time and the memory of this process, for programs that
// measure sign-ins.
package usage

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"time"
)

// CPU returns the CPU time of the process, user and system. Unlike the time by the
// clock, the CPU time does not grow when other programs run beside.
func CPU() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err) // the arguments are right
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// PeakMemory returns the largest resident set of the process, in bytes. Outside Linux
// it returns 0.
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
