// Package cognitoflow is the root of a library that signs users in to Amazon
// Cognito user pools. It has no code of its own: begin with package flow, and
// with package cognitotest for tests.
package cognitoflow
