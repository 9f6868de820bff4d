package wire

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cognitoflow/cognitoflow/cognitotest/internal/exception"
)

// shape has the demands of the API model on a string member.
type shape struct {
	min, max int // in characters, max 0 for no limit
	pattern  *regexp.Regexp
	enum     []string
}

// shapes has the string shapes of the API model by their names in struct tags.
var shapes = map[string]shape{
	"AccessToken":      {pattern: regexp.MustCompile(`^[A-Za-z0-9\-_=.]+$`)},
	"Arn":              {min: 20, max: 2048, pattern: regexp.MustCompile(`^arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?$`)},
	"Description":      {max: 2048},
	"GroupName":        {min: 1, max: 128, pattern: regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$`)},
	"AuthFlow":         {enum: authFlowNames},
	"ChallengeName":    {enum: challengeNames},
	"DeviceKey":        {min: 1, max: 55, pattern: regexp.MustCompile(`^[\w-]+_[0-9a-f-]+$`)},
	"ClientId":         {min: 1, max: 128, pattern: regexp.MustCompile(`^[\w+]+$`)},
	"AttributeName":    {min: 1, max: 32, pattern: regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+$`)},
	"ConfirmationCode": {min: 1, max: 2048, pattern: regexp.MustCompile(`^\S+$`)},
	"ClientSecret":     {min: 24, max: 64, pattern: regexp.MustCompile(`^[\w+]+$`)},
	"ClientName":       {min: 1, max: 128, pattern: nameForm},
	"PoolName":         {min: 1, max: 128, pattern: nameForm},
	"DeviceName":       {min: 1, max: 1024},
	"DeviceStatus":     {enum: []string{"remembered", "not_remembered"}},
	"MessageAction":    {enum: []string{"RESEND", "SUPPRESS"}},
	"Page":             {min: 1, pattern: regexp.MustCompile(`^\S+$`)},
	"Filter":           {max: 256},
	"Password":         {max: 256, pattern: regexp.MustCompile(`^[\S]+.*[\S]+$`)},
	"Session":          {min: 20, max: 2048},
	"UserCode":         {min: 6, max: 6, pattern: regexp.MustCompile(`^[0-9]+$`)},
	"Username":         {min: 1, max: 128, pattern: regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$`)},
	"UserPoolId":       {min: 1, max: 55, pattern: regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`)},
}

// numbers has the limits of the number shapes of the API model by their names in struct tags.
var numbers = map[string]struct{ min, max int }{
	"QueryLimit":                    {0, 60},
	"WebAuthnCredentialsQueryLimit": {0, 20},
	"Precedence":                    {0, math.MaxInt32},
}

var nameForm = regexp.MustCompile(`^[\w\s+=,.@-]+$`)

// authFlowNames and challengeNames are enumerations of the API model, in its order. The pool
// does not know each flow and challenge of the model.
var (
	authFlowNames = []string{
		"USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH",
		"ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH",
		"USER_AUTH",
	}
	challengeNames = []string{
		"SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE",
		"MFA_SETUP", "PASSWORD_VERIFIER", "CUSTOM_CHALLENGE",
		"SELECT_CHALLENGE", "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER",
		"ADMIN_NO_SRP_AUTH", "NEW_PASSWORD_REQUIRED", "SMS_OTP", "PASSWORD",
		"WEB_AUTHN", "PASSWORD_SRP",
	}
)

// Violation returns the demand of a shape that a text breaks, or an empty string. The result
// does not repeat the text, which may be a secret.
func Violation(shapeName, text string) string { return shapes[shapeName].violation(text) }

func (s shape) violation(text string) string {
	length := utf8.RuneCountInString(text)
	switch {
	case s.enum != nil && !slices.Contains(s.enum, text):
		return "Member must satisfy enum value set: [" + strings.Join(s.enum, ", ") + "]"
	case length < s.min:
		return fmt.Sprintf("Member must have length greater than or equal to %d", s.min)
	case s.max != 0 && length > s.max:
		return fmt.Sprintf("Member must have length less than or equal to %d", s.max)
	case s.pattern != nil && !s.pattern.MatchString(text):
		return "Member must satisfy regular expression pattern: " + s.pattern.String()
	}
	return ""
}

// fieldsOf returns the fields of a struct and of its embedded structs.
func fieldsOf(t reflect.Type) []reflect.StructField {
	return slices.DeleteFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return f.Anonymous })
}

// Decoder returns a function that reads a request into a struct. A field gets the member with
// exactly its name. The fields of an embedded struct count too. A field of type Members gets
// all members. Without such a field the function ignores other members.
//
// The tag of a field has the demands of the API model, such as `model:"required,ClientId"`.
// Both parts are optional: the word required, and the name of a shape. A number with a shape
// is a *int. Decoder panics if there is no such shape, or if the field cannot have the shape.
func Decoder[In any]() func(Members) (*In, error) {
	for _, field := range fieldsOf(reflect.TypeFor[In]()) {
		if _, shapeName := parseTag(field.Tag.Get("model")); shapeName == "" {
			continue
		} else if !canHaveShape(field.Type, shapeName) {
			panic(fmt.Sprintf("%v.%s cannot have the shape %q", reflect.TypeFor[In](), field.Name, shapeName))
		}
	}
	return func(body Members) (*In, error) {
		in := new(In)
		if err := decode(body, in); err != nil {
			return nil, err
		}
		return in, check(in)
	}
}

func canHaveShape(t reflect.Type, shapeName string) bool {
	_, isText := shapes[shapeName]
	_, isNumber := numbers[shapeName]
	return isText && t.Kind() == reflect.String || isNumber && t == reflect.TypeFor[*int]()
}

// numberViolation is Violation for a number.
func numberViolation(shapeName string, number int) string {
	switch limits := numbers[shapeName]; {
	case number < limits.min:
		return fmt.Sprintf("Member must have value greater than or equal to %d", limits.min)
	case number > limits.max:
		return fmt.Sprintf("Member must have value less than or equal to %d", limits.max)
	}
	return ""
}

// decode fills the fields of the struct that in points to.
func decode(body Members, in any) error {
	v := reflect.ValueOf(in).Elem()
	for _, field := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(field.Index)
		if field.Type == reflect.TypeFor[Members]() {
			value.Set(reflect.ValueOf(body))
			continue
		}
		raw, ok := body[field.Name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(raw, value.Addr().Interface()); err != nil {
			// The error of encoding/json would quote the value, which may be a secret.
			return exception.New("SerializationException", "member %s has the wrong type", field.Name)
		}
	}
	return nil
}

// check compares the fields of the struct that in points to with their tags.
func check(in any) error {
	v := reflect.ValueOf(in).Elem()
	var violations []string
	for _, field := range fieldsOf(v.Type()) {
		value := v.FieldByIndex(field.Index)
		required, shapeName := parseTag(field.Tag.Get("model"))
		problem, given := "", "" // given stays empty for a text, which may be a secret
		switch {
		case value.IsZero() && required:
			problem = "Member must not be null"
		case value.IsZero() || shapeName == "":
		case value.Kind() == reflect.Pointer:
			number := int(value.Elem().Int())
			problem, given = numberViolation(shapeName, number), fmt.Sprintf("'%d' ", number)
		default:
			problem = Violation(shapeName, value.String())
		}
		if problem != "" {
			violations = append(violations, fmt.Sprintf("Value %sat '%s' failed to satisfy constraint: %s", given, lowerFirst(field.Name), problem))
		}
	}
	switch len(violations) {
	case 0:
		return nil
	case 1:
		return exception.InvalidParameter("1 validation error detected: %s", violations[0])
	default:
		return exception.InvalidParameter("%d validation errors detected: %s", len(violations), strings.Join(violations, "; "))
	}
}

func parseTag(tag string) (required bool, shapeName string) {
	for part := range strings.SplitSeq(tag, ",") {
		if part == "required" {
			required = true
		} else {
			shapeName = part
		}
	}
	return required, shapeName
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }
