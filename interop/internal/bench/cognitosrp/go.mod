module github.com/cognitoflow/cognitoflow/interop/internal/bench/cognitosrp

go 1.26.0

replace github.com/cognitoflow/cognitoflow => ../../../..

require (
	github.com/alexrudd/cognito-srp/v4 v4.1.0
	github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider v1.74.1
	github.com/cognitoflow/cognitoflow v0.0.0
)

require (
	github.com/aws/aws-sdk-go-v2 v1.47.7 // indirect
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.5.10 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.8.10 // indirect
	github.com/aws/smithy-go v1.28.8 // indirect
)
