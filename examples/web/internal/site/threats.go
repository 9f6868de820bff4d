package site

import (
	"net"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/flow"
)

// threats sends the address of the browser to the pool, for threat protection. Without
// UserContextData the pool sees the address of this program for all users.
//
// The site does not send EncodedData, a description of the browser. A script of AWS collects
// EncodedData in the browser (AmazonCognitoAdvancedSecurityData.getData), and securityPolicy
// allows no script of another site. To add EncodedData, serve a copy of the script. Put the
// result into a hidden field of each form, and set EncodedData to the field in this function.
func (s *site) threats(r *http.Request) func(*flow.Options) {
	return func(o *flow.Options) {
		if s.threatProtected {
			o.UserContextData = &types.UserContextDataType{IpAddress: aws.String(s.browserAddress(r))}
		}
	}
}

const forwardedFor = "X-Forwarded-For"

// browserAddress returns the IP address of the browser. With a proxy in front, the address is
// the last entry of X-Forwarded-For, which the proxy appends. A browser can invent the other
// entries.
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
