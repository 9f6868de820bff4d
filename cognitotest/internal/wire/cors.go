package wire

import (
	"net/http"
	"strings"
)

// AllowOrigins lets a page of any origin read an answer.
func AllowOrigins(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")
}

// allowedHeaders is what browser clients send: those of the SDK for
// JavaScript and of the libraries that speak the protocol themselves.
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
