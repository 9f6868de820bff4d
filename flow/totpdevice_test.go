package flow_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	cip "github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/pquerna/otp/totp"

	"github.com/cognitoflow/cognitoflow/cognitotest"
	"github.com/cognitoflow/cognitoflow/flow"
)

// Users of other clients report that the refresh token is refused once an
// authenticator app is set up at a tracked device (amplify-js 6283, 7051,
// 7851). The device key goes along here, and the token stays good.
func TestRefreshAfterTOTPSetUpAtADevice(t *testing.T) {
	for name, option := range map[string]func(*flow.Options){
		"GetTokensFromRefreshToken": func(*flow.Options) {}, "REFRESH_TOKEN_AUTH": byAuthFlow,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t, func(c *cognitotest.PoolConfig) { c.Users[0].TOTPSecret = "" })
			tokens, api := d.signIn(srpAuth("ada"), 0), d.pool.Client()
			access := aws.String(tokens.AccessToken.Reveal())
			made, err := api.AssociateSoftwareToken(t.Context(), &cip.AssociateSoftwareTokenInput{AccessToken: access})
			if err != nil {
				t.Fatal(err)
			}
			code, err := totp.GenerateCode(*made.SecretCode, d.clock.Now())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := api.VerifySoftwareToken(t.Context(), &cip.VerifySoftwareTokenInput{AccessToken: access, UserCode: &code}); err != nil {
				t.Fatal(err)
			}
			if _, err := api.SetUserMFAPreference(t.Context(), &cip.SetUserMFAPreferenceInput{
				AccessToken: access, SoftwareTokenMfaSettings: &types.SoftwareTokenMfaSettingsType{Enabled: true, PreferredMfa: true},
			}); err != nil {
				t.Fatal(err)
			}
			refreshed, err := d.driver().Refresh(t.Context(), tokens, option)
			if err != nil {
				t.Fatal(err)
			}
			if refreshed.Device.Key != tokens.Device.Key || refreshed.Device.Key == "" {
				t.Errorf("device %q, want %q", refreshed.Device.Key, tokens.Device.Key)
			}
		})
	}
}
