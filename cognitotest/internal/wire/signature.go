package wire

import (
	"net/http"
	"regexp"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

var authorization = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=[^/]+/\d{8}/([^/]+)/cognito-idp/aws4_request, ?SignedHeaders=[a-z0-9;-]+, ?Signature=[0-9a-f]{64}$`)

// CheckSignature checks the form of a Signature Version 4 header, and returns its region.
// The pool has no AWS account, so CheckSignature accepts each signature and each access key
// ID.
func CheckSignature(r *http.Request) (region string, err error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return "", exception.New("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	match := authorization.FindStringSubmatch(header)
	if match == nil || r.Header.Get("X-Amz-Date") == "" {
		return "", exception.New("IncompleteSignatureException", "Authorization is not a Signature Version 4 for cognito-idp, or X-Amz-Date is missing")
	}
	return match[1], nil
}
