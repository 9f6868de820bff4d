package wire

import (
	"net/http"
	"strings"
)

// AllowOrigins lets a page of any origin read the response.
func AllowOrigins(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")
}

// allowedHeaders are the headers of browser clients: the SDK for JavaScript, and libraries with
// their own protocol code.
var allowedHeaders = strings.Join([]string{
	"Authorization", "Content-Type", "Cache-Control", "X-Amz-Date",
	"X-Amz-Security-Token", "X-Amz-Target", "X-Amz-User-Agent",
	"X-Amz-Content-Sha256", "Amz-Sdk-Invocation-Id", "Amz-Sdk-Request",
}, ",")

// AnswerPreflight answers the OPTIONS request of a browser.
func AnswerPreflight(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "POST")
	h.Set("Access-Control-Allow-Headers", allowedHeaders)
	h.Set("Access-Control-Max-Age", "172800")
	w.WriteHeader(http.StatusOK)
}
