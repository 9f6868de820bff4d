// Package srp computes the client's half of SRP-6a as Amazon Cognito user
// pools speak it, for users and for remembered devices.
package srp
