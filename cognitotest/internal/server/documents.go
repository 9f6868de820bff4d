package server

import (
	"net/http"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/issue"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/wire"
)

// serveDocument answers requests for the documents under the URL of the issuer.
func (h *handler) serveDocument(w http.ResponseWriter, r *http.Request) {
	poolID, document, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	p := h.service.Pool(poolID)
	if p == nil {
		refuse(w, nil, "", &exception.Error{Name: "ResourceNotFoundException", Message: "no such user pool", Status: http.StatusNotFound})
		return
	}
	base := wire.BaseURL(r)
	switch document {
	case ".well-known/jwks.json":
		keys, err := issue.PublicKeys()
		if err != nil {
			refuse(w, p, "", err)
			return
		}
		wire.WriteDocument(w, keys)
	case ".well-known/openid-configuration":
		p.Lock()
		issuer := p.IssuerAt(base)
		p.Unlock()
		wire.WriteDocument(w, map[string]any{
			"issuer":                                issuer,
			"jwks_uri":                              base + "/" + p.ID + "/.well-known/jwks.json",
			"id_token_signing_alg_values_supported": []string{"RS256"},
			"response_types_supported":              []string{"code", "token"},
			"subject_types_supported":               []string{"public"},
		})
	default:
		refuse(w, p, "", &exception.Error{Name: "ResourceNotFoundException", Message: "no such document", Status: http.StatusNotFound})
	}
}
