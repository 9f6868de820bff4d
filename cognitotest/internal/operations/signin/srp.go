package signin

import (
	"crypto/hmac"
	"encoding/base64"
	"math/big"
	"regexp"
	"time"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/random"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/srp"
)

// timestampLayout has the day of the month without padding.
const timestampLayout = "Mon Jan 2 15:04:05 UTC 2006"

// timestampForm is the form that the service can read: names in any case, a day of one or two
// digits, UTC or GMT.
var timestampForm = regexp.MustCompile(`^(?i:mon|tue|wed|thu|fri|sat|sun) ((?i)[a-z]{3} [0-9]{1,2} [0-9]{2}:[0-9]{2}:[0-9]{2}) (?:UTC|GMT) ([0-9]{4})$`)

// readTimestamp reads TIMESTAMP.
func readTimestamp(text string) (time.Time, error) {
	match := timestampForm.FindStringSubmatch(text)
	if match != nil {
		if t, err := time.Parse("Jan 2 15:04:05 2006", match[1]+" "+match[2]); err == nil {
			return t, nil
		}
	}
	return time.Time{}, exception.InvalidParameter("TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.")
}

// checkClaim compares the answer to an SRP challenge with the exchange. The result is true if
// the proof is right. An error gives the reason why the proof cannot be judged.
func checkClaim(c *api.Call, x *srp.Exchange, responses map[string]string) (bool, error) {
	d, now := c.Pool.Dialect, c.Pool.Now()
	t, err := readTimestamp(responses["TIMESTAMP"])
	if err != nil {
		return false, err
	}
	claimed, err := base64.StdEncoding.Strict().DecodeString(responses["PASSWORD_CLAIM_SIGNATURE"])
	switch {
	case err != nil:
		return false, exception.InvalidParameter("Invalid PASSWORD_CLAIM_SIGNATURE format. Must be a Base64 string.")
	case responses["PASSWORD_CLAIM_SECRET_BLOCK"] != x.SecretBlock:
		return false, exception.WrongCredentials()
	case !directory.WithinSeconds(now.Sub(t).Abs(), d.TimestampSeconds):
		return false, exception.NotAuthorized("TIMESTAMP differs by more than %d seconds from the clock of the pool", d.TimestampSeconds)
	case !directory.WithinSeconds(now.Sub(x.Issued), d.VerifierSeconds):
		return false, exception.NotAuthorized("the answer came more than %d seconds after the challenge", d.VerifierSeconds)
	}
	var want []byte
	c.Pool.Unlocked(func() { want, err = x.Proof(t.Format(timestampLayout)) })
	if err != nil {
		return false, exception.InvalidParameter("SRP_A cannot be used: %v", err)
	}
	// The service computes the proof over its own form of the time. A TIMESTAMP in another
	// readable form makes the proof wrong.
	return hmac.Equal(claimed, want) && t.Format(timestampLayout) == responses["TIMESTAMP"], nil
}

// drawExchange makes an exchange. If the pool has a filter, drawExchange draws until the
// filter accepts the numbers.
func drawExchange(p *directory.Pool, credential *srp.Credential, clientA *big.Int) *srp.Exchange {
	for {
		x := srp.NewExchange(credential, clientA, random.Number(srp.EphemeralBytes))
		if p.SRPFilter == nil || p.SRPFilter(x) {
			return x
		}
	}
}

// srpChallenge starts an exchange and makes the parameters of the challenge.
func srpChallenge(c *api.Call, credential *srp.Credential, clientA *big.Int) (map[string]string, *srp.Exchange) {
	var x *srp.Exchange
	c.Pool.Unlocked(func() { x = drawExchange(c.Pool, credential, clientA) })
	x.Issued = c.Pool.Now()
	return map[string]string{
		"SALT":         x.WireSalt(c.Pool.Dialect.PaddedSalt),
		"SRP_B":        x.B.Text(16),
		"SECRET_BLOCK": x.SecretBlock,
	}, x
}
