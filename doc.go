// Package cognitoflow is the root of a library that signs users in to Amazon Cognito user
// pools. The root has no code. Begin with package flow, and in tests with package cognitotest.
package cognitoflow
