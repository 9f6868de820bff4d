// Package cognitotest is an in-process Amazon Cognito user pool for tests,
// examples and local development.
package cognitotest
