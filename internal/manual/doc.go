// Package manual checks the documentation of this module: the language, the
// links, the programs and the commands. The tests are the checks. CONTRIBUTING.md
// says how to read their findings.
package manual
