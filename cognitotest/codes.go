package cognitotest

import (
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

func noTOTP() error {
	return exception.New("SoftwareTokenMFANotFoundException", "Software Token MFA has not been enabled by the user.")
}
