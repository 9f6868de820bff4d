package site

import (
	"net"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
)

// threats tell the pool about the browser of a request, for threat protection. Without them
// the pool sees the address of this program for every user.
//
// The site knows the address. EncodedData is left out: it is a description of the browser
// that AWS's script collects there (AmazonCognitoAdvancedSecurityData.getData), and the
// securityPolicy lets in no script of others. A site that wants EncodedData serves a copy of
// the script, puts its result into a hidden field of each form, and passes the field on here.
func (s *site) threats(r *http.Request) func(*flow.Options) {
	return func(o *flow.Options) {
		if s.threatProtected {
			o.UserContextData = &types.UserContextDataType{IpAddress: aws.String(s.browserAddress(r))}
		}
	}
}

const forwardedFor = "X-Forwarded-For"

// browserAddress is the IP address that a request comes from. The browser may have sent a
// list of its own. A proxy in front appends the address, so only the last entry is true.
func (s settings) browserAddress(r *http.Request) string {
	if s.tlsProxy || s.listen == inherited {
		entries := strings.Split(strings.Join(r.Header.Values(forwardedFor), ","), ",")
		return strings.TrimSpace(entries[len(entries)-1])
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
