package seal

import (
	"net/http"

	"github.com/cognitoflow/cognitoflow/device"
)

// Cookies is the store of the holder that Device returns.
func (s *Sealer) Cookies(w http.ResponseWriter, r *http.Request) device.Store {
	return &cookies{sealer: s, w: w, r: r}
}
