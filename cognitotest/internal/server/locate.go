package server

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// locate returns the pool of a request, and the app client if the request names one. The first
// present member of UserPoolId, ClientId, Session and AccessToken decides.
func locate(s *directory.Service, c *api.Call, body wire.Members) error {
	poolID, clientID, session := body.Text("UserPoolId"), body.Text("ClientId"), body.Text("Session")
	if poolID == "" && clientID == "" && session != "" {
		if c.Pool = s.PoolOfSession(session); c.Pool == nil {
			return exception.InvalidSession()
		}
		return nil
	}
	if poolID == "" && clientID == "" {
		if c.Client = s.Client(clientOfToken(body.Text("AccessToken"))); c.Client == nil {
			return exception.NotAuthorized("Invalid Access Token")
		}
		c.Pool, c.Client = c.Client.Pool, nil
		return nil
	}
	if poolID != "" {
		if c.Pool = s.Pool(poolID); c.Pool == nil {
			return exception.New("ResourceNotFoundException", "User pool %s does not exist.", poolID)
		}
	}
	if clientID == "" {
		return nil
	}
	found := s.Client(clientID)
	if found == nil || c.Pool != nil && c.Pool != found.Pool {
		return exception.New("ResourceNotFoundException", "User pool client %s does not exist.", clientID)
	}
	c.Pool, c.Client = found.Pool, found
	return nil
}

// clientOfToken reads client_id of a token and verifies nothing. The result only chooses the
// pool that judges the token.
func clientOfToken(token string) string {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		ClientID string `json:"client_id"`
	}
	if json.Unmarshal(payload, &claims) != nil {
		return ""
	}
	return claims.ClientID
}
