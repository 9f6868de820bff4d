package pools

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/api"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/directory"
	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

type setMFAInput struct {
	UserPoolId                    string `model:"required,UserPoolId"`
	MfaConfiguration              string
	SmsMfaConfiguration           json.RawMessage
	EmailMfaConfiguration         json.RawMessage
	SoftwareTokenMfaConfiguration *struct{ Enabled bool }
	WebAuthnConfiguration         *webAuthnConfiguration
}

type webAuthnConfiguration struct {
	RelyingPartyId      string
	UserVerification    string
	FactorConfiguration string `json:",omitempty"`
}

// withDetails are the factors with details, in the order in which a challenge offers them.
// factorMembers are the members with the details.
var (
	withDetails   = []string{"SMS_MFA", "EMAIL_OTP"}
	factorMembers = map[string]string{"SMS_MFA": "SmsMfaConfiguration", "EMAIL_OTP": "EmailMfaConfiguration"}
)

// setUserPoolMfaConfig does not change the configuration of a factor that the request lacks.
func setUserPoolMfaConfig(c *api.Call, in *setMFAInput) (*shown, error) {
	p := c.Pool
	s := p.Settings
	s.MFA = cmp.Or(in.MfaConfiguration, s.MFA)
	factors := directory.Members{}
	maps.Copy(factors, p.Factors)
	offer := func(factor string, offered bool) {
		s.MFATypes = slices.DeleteFunc(slices.Clone(s.MFATypes), func(f string) bool { return f == factor })
		if offered {
			s.MFATypes = append(s.MFATypes, factor)
		}
	}
	details := map[string]json.RawMessage{"SMS_MFA": in.SmsMfaConfiguration, "EMAIL_OTP": in.EmailMfaConfiguration}
	for _, factor := range withDetails {
		if raw := details[factor]; raw != nil {
			offer(factor, true)
			factors[factorMembers[factor]] = raw
		}
	}
	if app := in.SoftwareTokenMfaConfiguration; app != nil {
		offer("SOFTWARE_TOKEN_MFA", app.Enabled)
	}
	if s.MFA != "OFF" && len(s.MFATypes) == 0 {
		return nil, exception.InvalidParameter("Invalid MFA configuration given, can't turn off all MFA types when MFA is required/optional.")
	}
	if w := in.WebAuthnConfiguration; w != nil {
		var err error
		if s.WebAuthn, err = relyingParty(p, w); err != nil {
			return nil, err
		}
	}
	if err := p.Configure(s); err != nil {
		return nil, newRefusal(err)
	}
	p.Factors = factors
	return getUserPoolMfaConfig(c, nil)
}

// relyingParty makes the relying party of passkeys. A relying party of the configuration keeps
// its origins. Another one has the origin of the service: https:// and the domain.
func relyingParty(p *directory.Pool, in *webAuthnConfiguration) (*webauthn.WebAuthn, error) {
	id, verification := in.RelyingPartyId, in.UserVerification
	origins := []string{"https://" + id}
	if was := p.WebAuthn; was != nil {
		if id == "" || id == was.Config.RPID {
			id, origins = was.Config.RPID, was.Config.RPOrigins
		}
		if verification == "" {
			verification = string(was.Config.AuthenticatorSelection.UserVerification)
		}
	}
	switch {
	case id == "":
		return nil, exception.InvalidParameter("WebAuthnConfiguration: RelyingPartyId is missing, and the pool has no domain.")
	case verification != "" && verification != "preferred" && verification != "required":
		return nil, exception.InvalidParameter("WebAuthnConfiguration: UserVerification is neither required nor preferred")
	case in.FactorConfiguration != "" && in.FactorConfiguration != "SINGLE_FACTOR":
		return nil, exception.InvalidParameter("WebAuthnConfiguration: a passkey is a single factor in this pool. Use SINGLE_FACTOR.")
	case verification == "":
		verification = "preferred"
	}
	made, err := directory.NewWebAuthn(id, origins, verification)
	if err != nil {
		return nil, exception.InvalidParameter("WebAuthnConfiguration: %v", err)
	}
	return made, nil
}

func getUserPoolMfaConfig(c *api.Call, _ *poolRequest) (*shown, error) {
	p, out := c.Pool, shown{"MfaConfiguration": c.Pool.MFA}
	for factor, name := range factorMembers {
		if slices.Contains(p.MFATypes, factor) {
			out[name] = shown{}
		}
	}
	if sms, ok := p.Members["SmsConfiguration"]; ok {
		out["SmsMfaConfiguration"] = shown{"SmsConfiguration": sms}
	}
	out.with(p.Factors)
	if slices.Contains(p.MFATypes, "SOFTWARE_TOKEN_MFA") {
		out["SoftwareTokenMfaConfiguration"] = shown{"Enabled": true}
	}
	if w := p.WebAuthn; w != nil {
		out["WebAuthnConfiguration"] = shown{
			"RelyingPartyId": w.Config.RPID, "UserVerification": w.Config.AuthenticatorSelection.UserVerification,
		}
	}
	return &out, nil
}
