package record

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/cognitoflow/cognitoflow/internal/conversation"
	"github.com/cognitoflow/cognitoflow/secrethash"
)

// at is the place of a value.
type at struct {
	operation string
	response  bool
	name      string // the user name in the request
	member    string
}

// rule returns the recorded form of a value. The result ok is false if the rule does not allow
// the value.
type rule func(r *Recorder, where at, value any) (recorded any, ok bool)

// rules has the rule of each member, in all places. The value of a member without a rule is
// Redacted.
var rules = map[string]rule{
	"Session": made("<session>"), "SALT": made("<salt>"), "SRP_B": made("<srp b>"),
	"SECRET_BLOCK": made("<secret block>"), "PASSWORD_CLAIM_SECRET_BLOCK": made("<secret block>"),
	"AccessToken": made("<access token>"), "ACCESS_TOKEN": made("<access token>"), "IdToken": made("<id token>"),
	"RefreshToken": made("<refresh token>"), "REFRESH_TOKEN": made("<refresh token>"), "Token": made("<refresh token>"),
	"DeviceKey": made("<device key>"), "DEVICE_KEY": made("<device key>"), "DeviceGroupKey": made("<device group key>"),
	"SecretCode": made("<totp secret>"), "CREDENTIAL_REQUEST_OPTIONS": made("<passkey options>"),

	"SRP_A": form("<srp a>", `^[0-9a-fA-F]{600,770}$`), "PASSWORD_CLAIM_SIGNATURE": form("<signature>", `^[A-Za-z0-9+/]{43}=$`),
	"PasswordVerifier": form("<device verifier>", `^[A-Za-z0-9+/]{500,600}=*$`), "Salt": form("<device salt>", `^[A-Za-z0-9+/]{20,28}=*$`),
	"TIMESTAMP": timestamp,

	"UserCode": code, "SOFTWARE_TOKEN_MFA_CODE": code, "SMS_MFA_CODE": code, "SMS_OTP_CODE": code, "EMAIL_OTP_CODE": code,

	"USERNAME": known, "Username": known, "USER_ID_FOR_SRP": known, "ClientId": known, "UserPoolId": known,
	"ClientSecret": known, "PASSWORD": known, "NEW_PASSWORD": known, "PreviousPassword": known, "ProposedPassword": known,
	"userAttributes.given_name": known, "FRIENDLY_DEVICE_NAME": known, "EMAIL": known,
	"CODE_DELIVERY_DESTINATION": masked,
	"SECRET_HASH":               hash, "SecretHash": hash,

	"AuthFlow": words, "ChallengeName": words, "CHALLENGE_NAME": words, "PREFERRED_CHALLENGE": words, "ANSWER": words,
	"CODE_DELIVERY_DELIVERY_MEDIUM": words, "question": words,
	"TokenType": words, "Status": words, "AvailableChallenges": words,
	"MFAS_CAN_SETUP": inJSON(words), "MFA_CAN_SETUP": inJSON(words), "MFAS_CAN_CHOOSE": inJSON(words),
	"requiredAttributes": inJSON(words), "userAttributes": inJSON(attributes),
	"TARGET_ACR_VALUES": literal(`^urn:cognito:loa:[1-9]( urn:cognito:loa:[1-9])*$`), "MAX_AGE": literal(`^[0-9]{1,5}$`),
	"ExpiresIn": number, "UserConfirmationNecessary": flag,
}

// containers are the members that hold other members.
var containers = map[string]bool{
	"AuthParameters": true, "ChallengeResponses": true, "ChallengeParameters": true, "AuthenticationResult": true,
	"NewDeviceMetadata": true, "DeviceSecretVerifierConfig": true,
}

var memberName = regexp.MustCompile(`^[A-Za-z][A-Za-z_.:]{0,40}$`)

// object returns the recorded form of an object.
func (r *Recorder) object(where at, body map[string]any) map[string]any {
	recorded := make(map[string]any, len(body))
	for member, value := range body {
		shown := member
		if !memberName.MatchString(member) {
			shown = Redacted
		}
		inner, isObject := value.(map[string]any)
		if containers[member] && isObject {
			recorded[member] = r.object(where, inner)
			continue
		}
		apply, ok := rules[member]
		if ok {
			where.member = member
			recorded[shown], ok = apply(r, where, value)
		}
		if !ok {
			recorded[shown] = Redacted
			r.problem("%s: the value of %s is not recorded", Word(where.operation), shown)
		}
	}
	return recorded
}

// made is for a value that the service makes. A request may only repeat the last value, or the
// refresh token before the last one.
func made(placeholder string) rule {
	return func(r *Recorder, where at, value any) (any, bool) {
		text, ok := value.(string)
		if !ok {
			return nil, false
		}
		if where.response {
			if text != r.last[placeholder] {
				r.former[placeholder] = r.last[placeholder]
			}
			r.last[placeholder] = text
			return placeholder, true
		}
		if placeholder == "<refresh token>" && text == r.former[placeholder] {
			return "<former refresh token>", true
		}
		return placeholder, r.last[placeholder] == text
	}
}

// form is for a value that the client makes.
func form(placeholder, pattern string) rule {
	fits := regexp.MustCompile(pattern)
	return func(_ *Recorder, _ at, value any) (any, bool) {
		text, ok := value.(string)
		return placeholder, ok && fits.MatchString(text)
	}
}

// literal is for a text of the protocol.
func literal(pattern string) rule {
	fits := regexp.MustCompile(pattern)
	return func(_ *Recorder, _ at, value any) (any, bool) {
		text, ok := value.(string)
		return text, ok && fits.MatchString(text)
	}
}

// known is for a value with an invented value. An empty text stays.
func known(r *Recorder, _ at, value any) (any, bool) {
	text, ok := value.(string)
	if ok && text == "" {
		return "", true
	}
	madeUp, found := r.known[text]
	return madeUp, ok && found
}

var (
	maskedEmail = regexp.MustCompile(`^[a-z]\*\*\*@[a-z]\*\*\*$`)
	maskedPhone = regexp.MustCompile(`^(\+\*+)\d{4}$`)
)

// MadeUpEmail is the address of users in recordings.
const MadeUpEmail = "ada@example.com"

const phoneEnd = "0123" // the end of invented numbers, which a mask shows

// MadeUpPhone returns an invented phone number that is as long as the real one. The masks of
// both then have the same length.
func MadeUpPhone(real string) string {
	return "+" + strings.Repeat("1", max(0, len(real)-1-len(phoneEnd))) + phoneEnd
}

// masked is for an address that the service has masked. The result is the mask of the invented
// address.
func masked(_ *Recorder, _ at, value any) (any, bool) {
	text, _ := value.(string)
	if phone := maskedPhone.FindStringSubmatch(text); phone != nil {
		return phone[1] + phoneEnd, true
	}
	return MadeUpEmail[:1] + "***@e***", maskedEmail.MatchString(text)
}

// code is for a code that the user enters.
func code(r *Recorder, _ at, value any) (any, bool) {
	text, _ := value.(string)
	placeholder, ok := r.codes[text]
	return placeholder, ok
}

// nearly is the distance of a TIMESTAMP from the clock that counts as the time of the clock.
const nearly = time.Minute

// timestamp keeps the distance of TIMESTAMP from the clock, and replaces the clock with the clock
// of conversations.
func timestamp(r *Recorder, _ at, value any) (any, bool) {
	text, _ := value.(string)
	sent, err := time.Parse(conversation.TimestampLayout, text)
	if err != nil || sent.Format(conversation.TimestampLayout) != text {
		return nil, false
	}
	off := sent.Sub(r.now()).Round(time.Second)
	if off.Abs() < nearly {
		return "<timestamp>", true
	}
	return conversation.Start.Add(r.elapsed + off).Format(conversation.TimestampLayout), true
}

// hash returns the hash of the invented name and secret. The rule does not allow a hash over
// other values.
func hash(r *Recorder, where at, value any) (any, bool) {
	s := r.secrets
	madeUp, ok := r.known[where.name]
	if !ok || s.Secret == "" || secrethash.Compute(where.name, s.ClientID, s.Secret) != value {
		return nil, false
	}
	return secrethash.Compute(madeUp, s.MadeUpClientID, s.MadeUpSecret), true
}

// attributeName is the name of an attribute, with the prefix of requiredAttributes.
var attributeName = regexp.MustCompile(`^[A-Za-z][A-Za-z_.]{0,60}$`)

// words is for a name of the protocol, or a list of names.
func words(_ *Recorder, _ at, value any) (any, bool) {
	switch value := value.(type) {
	case string:
		return value, attributeName.MatchString(value)
	case []any:
		for _, one := range value {
			text, ok := one.(string)
			if !ok || !attributeName.MatchString(text) {
				return nil, false
			}
		}
		return value, true
	}
	return nil, false
}

// attributes is for an object of attributes. Names stay, and invented values replace the values.
func attributes(r *Recorder, where at, value any) (any, bool) {
	object, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	recorded := map[string]any{}
	for name, one := range object {
		if one == "true" || one == "false" {
			recorded[name] = one
		} else if recorded[name], ok = known(r, where, one); !ok {
			return nil, false
		}
		if !attributeName.MatchString(name) {
			return nil, false
		}
	}
	return recorded, true
}

// inJSON is for JSON in a text.
func inJSON(inner rule) rule {
	return func(r *Recorder, where at, value any) (any, bool) {
		text, _ := value.(string)
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return nil, false
		}
		recorded, ok := inner(r, where, v)
		if !ok {
			return nil, false
		}
		written, err := json.Marshal(recorded)
		return string(written), err == nil
	}
}

func number(_ *Recorder, _ at, value any) (any, bool) {
	n, ok := value.(float64)
	return n, ok && n == float64(int(n)) && n >= 0 && n <= 86400
}

func flag(_ *Recorder, _ at, value any) (any, bool) {
	b, ok := value.(bool)
	return b, ok
}

// String hides the values that a recorder knows.
func (r *Recorder) String() string { return "recorder" }

// Format hides the values that a recorder knows from each verb.
func (r *Recorder) Format(state fmt.State, _ rune) {
	_, _ = strings.NewReader(r.String()).WriteTo(state)
}
