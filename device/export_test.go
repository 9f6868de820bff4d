package device

// Enrol is New with a password of the test's choice and without the check of
// the keys. The keys in the tests of AWS's .NET client do not look like a pool's.
var Enrol = enrol
