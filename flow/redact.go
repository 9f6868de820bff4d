package flow

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"github.com/cognitoflow/cognitoflow/challenge"
	"github.com/cognitoflow/cognitoflow/internal/traits"
	"github.com/cognitoflow/cognitoflow/secret"
)

// secrets lists the values that must not reach the text of an error about r. The values are
// those of all requests of the call, and of r. A server may repeat a value much later.
func (e *engine) secrets(r request) []secret.String {
	values := map[string]bool{e.st.session: true}
	for _, r := range append(slices.Clip(e.in.sent), r) {
		values[r.code], values[r.session], values[r.clientSecret.Reveal()] = true, true, true
		for name, value := range r.params {
			if !isPublic(r.challenge, name, value) {
				values[value] = true
			}
		}
	}
	var list []secret.String
	for value := range values {
		list = append(list, secret.New(value))
	}
	return list
}

// quietError wraps an error of another package whose text may quote the server. The text of a
// quietError has no secret of the call.
type quietError struct {
	error
	sent []secret.String
}

func (q quietError) Error() string { return Error{Err: q.error, sent: q.sent}.clean(q.error.Error()) }

func (q quietError) Unwrap() error { return q.error }

// isPublic reports whether a parameter of the answer to c names the user, the
// device or a choice that the protocol defines. A choice is public only where
// the challenge asks for one: the answer to a custom challenge may be PASSWORD.
func isPublic(c challenge.Name, parameter, value string) bool {
	switch parameter {
	case "USERNAME", "DEVICE_KEY", "CHALLENGE_NAME", "PREFERRED_CHALLENGE", targetLevels, "MAX_AGE":
		return true
	case "ANSWER":
		return traits.Of(c).TakesChoice && slices.Contains(challengeNames(), types.ChallengeNameType(value))
	}
	return false
}

// challengeNames has the names of the API model. The SDK makes a new list at each call.
var challengeNames = sync.OnceValue(types.ChallengeNameType("").Values)

// redact replaces the secrets that were sent before this error, and before an error in Err.
func (e Error) redact(text string) string {
	sent := slices.Clone(e.sent)
	for inner := new(Error); errors.As(e.Err, &inner); e = *inner {
		sent = append(sent, inner.sent...)
	}
	return redact(text, sent)
}

// span is the part text[start:end] of a text.
type span struct{ start, end int }

// redact puts a placeholder in place of each secret, also where the service
// escaped the secret. One placeholder stands for secrets that overlap.
func redact(text string, secrets []secret.String) string {
	var found []span
	for _, view := range views(text) {
		for _, s := range secrets {
			// The SDK client sends U+FFFD for each byte that is not UTF-8.
			for _, value := range slices.Compact([]string{s.Reveal(), string([]rune(s.Reveal()))}) {
				for _, o := range occurrences(view.text, value) {
					found = append(found, view.origin(o))
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Or(a.start-b.start, a.end-b.end) })
	var result strings.Builder
	done := 0
	for i := 0; i < len(found); {
		whole := found[i]
		for i++; i < len(found) && found[i].start < whole.end; i++ {
			whole.end = max(whole.end, found[i].end)
		}
		result.WriteString(text[done:whole.start])
		result.WriteString(secret.New(text[whole.start:whole.end]).String())
		done = whole.end
	}
	return result.String() + text[done:]
}

// occurrences finds a secret in a text.
//
// The text consists mostly of words that the service sends to everybody. A
// placeholder for such a word garbles the text, and tells a reader that the
// word is the secret. Where a secret is replaced depends on how much it looks
// like one of these words:
//
//   - A word of the protocol (see vocabulary), or a secret shorter than any
//     code, is replaced only where the text marks it as a value. Marks are
//     quotes, brackets, and an equals sign or a colon directly before the
//     secret. If the password is PASSWORD or password, then USER_PASSWORD_AUTH
//     and "Incorrect username or password." stay whole. The service could write
//     the same sentence to any user, so the sentence does not tell the password.
//   - Other text without digits is replaced where it is a separate word, not
//     inside a longer run of letters, digits and underscores.
//   - Text with digits, such as a code, is replaced everywhere but inside a
//     longer number.
//   - Long text of many different characters is replaced everywhere.
func occurrences(text, value string) []span {
	if value == "" || !strings.Contains(text, value) {
		return nil
	}
	var found []span
	meant := meaning(value)
	for from := 0; ; {
		i := strings.Index(text[from:], value)
		if i < 0 {
			return found
		}
		start, end := from+i, from+i+len(value)
		if meant(text[:start], text[end:]) {
			found = append(found, span{start, end})
		}
		from = start + 1 // the next occurrence may overlap this one
	}
}

// meaning returns the condition under which a value in a text is the secret and
// not part of the text's own words. The condition sees the text before and after.
func meaning(value string) func(before, after string) bool {
	const long, diverse = 12, 8
	distinct := map[rune]bool{}
	for _, r := range value {
		distinct[r] = true
	}
	switch {
	case isCommon(value):
		return setOff
	case utf8.RuneCountInString(value) >= long && len(distinct) >= diverse:
		return func(string, string) bool { return true }
	}
	joins := isWordRune
	if strings.ContainsFunc(value, unicode.IsDigit) {
		joins = unicode.IsDigit
	}
	return func(before, after string) bool {
		return !(joins(firstRune(value)) && joins(lastRune(before))) && !(joins(lastRune(value)) && joins(firstRune(after)))
	}
}

// isCommon reports whether a value consists of the protocol's own words, joined
// by underscores, or is shorter than any code.
func isCommon(value string) bool {
	const shortest = 4
	if utf8.RuneCountInString(value) < shortest {
		return true
	}
	for word := range strings.SplitSeq(strings.ToLower(value), "_") {
		if !vocabulary()[word] {
			return false
		}
	}
	return true
}

// setOff reports whether a text marks the part between before and after as a value.
func setOff(before, after string) bool {
	const quotes = "\"'`“”„‘’‚«»"
	next := firstRune(after)
	switch open := lastRune(before); {
	case open == '=' || open == ':':
		return !isWordRune(next)
	case strings.ContainsRune(quotes, open):
		return strings.ContainsRune(quotes, next)
	default:
		i := strings.IndexRune("([{<", open)
		return i >= 0 && next == rune(")]}>"[i])
	}
}

func isWordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

// firstRune and lastRune return utf8.RuneError, which is no word, for "".
func firstRune(text string) rune {
	r, _ := utf8.DecodeRuneInString(text)
	return r
}

func lastRune(text string) rune {
	r, _ := utf8.DecodeLastRuneInString(text)
	return r
}

// view is a text after some escapes were undone.
type view struct {
	text string
	at   []int // by index in text, the index in the original. Nil: the same
}

func (v view) origin(s span) span {
	if v.at == nil {
		return s
	}
	return span{v.at[s.start], v.at[s.end]}
}

// views returns the text as it is, and after undoing the escapes of JSON,
// JavaScript and Go. A service may put JSON into a string of JSON, so the escapes
// are undone up to three times.
func views(text string) []view {
	const nested = 3
	all := []view{{text: text}}
	for range nested {
		last := all[len(all)-1]
		next := last.unescape()
		if next.text == last.text {
			break
		}
		all = append(all, next)
	}
	return all
}

func (v view) unescape() view {
	if !strings.Contains(v.text, `\`) {
		return v
	}
	var text []byte
	var at []int
	for i := 0; i < len(v.text); {
		before := len(text)
		r, size := unescapeRune(v.text[i:])
		if size == 0 {
			text, size = append(text, v.text[i]), 1
		} else {
			text = utf8.AppendRune(text, r)
		}
		for range len(text) - before {
			at = append(at, v.origin(span{start: i}).start)
		}
		i += size
	}
	return view{string(text), append(at, v.origin(span{end: len(v.text)}).end)}
}

// unescapeRune returns the character that the escape at the beginning of text
// stands for, and the length of the escape: 0 if there is none.
func unescapeRune(text string) (rune, int) {
	if len(text) < 2 || text[0] != '\\' {
		return 0, 0
	}
	switch text[1] {
	case '"', '\'', '/', '`':
		return rune(text[1]), 2
	case 'u': // perhaps half of a character, which strconv refuses
		if r := utf16.DecodeRune(unit(text), unit(text[min(6, len(text)):])); r != utf8.RuneError {
			return r, 12
		}
	}
	r, _, rest, err := strconv.UnquoteChar(text, 0)
	if err != nil {
		return 0, 0
	}
	return r, len(text) - len(rest)
}

// unit returns the number of an escape such as \u00e9, 0 if text begins with none.
func unit(text string) rune {
	if len(text) < 6 || text[:2] != `\u` {
		return 0
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	if err != nil {
		return 0
	}
	return rune(n)
}

// vocabulary has the words, in lower case, that make up the service's
// enumerations, parameter names and messages.
var vocabulary = sync.OnceValue(func() map[string]bool {
	text := fmt.Sprint(
		types.AuthFlowType("").Values(), types.ExplicitAuthFlowsType("").Values(), types.ChallengeNameType("").Values(),
		types.DeliveryMediumType("").Values(), types.UserStatusType("").Values(), types.DeviceRememberedStatusType("").Values(),
		parameters, sentences)
	words := map[string]bool{}
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		words[word] = true
	}
	return words
})

const parameters = `USERNAME PASSWORD NEW_PASSWORD USER_ID_FOR_SRP SECRET_HASH SECRET_BLOCK SALT SRP_A SRP_B TIMESTAMP
	PASSWORD_CLAIM_SIGNATURE PASSWORD_CLAIM_SECRET_BLOCK DEVICE_KEY DEVICE_GROUP_KEY SESSION REFRESH_TOKEN ACCESS_TOKEN
	CHALLENGE_NAME PREFERRED_CHALLENGE ANSWER SMS_MFA_CODE SMS_OTP_CODE EMAIL_OTP_CODE SOFTWARE_TOKEN_MFA_CODE CREDENTIAL
	CLIENT_ID CLIENT_METADATA USER_POOL_ID USER_ATTRIBUTES EMAIL PHONE_NUMBER`

// sentences has the words of the service's known messages. A missing word
// garbles the message that a user gets whose secret is this word.
const sentences = `a account administrator already an and app at attempts auth been can cannot change client code confirmed
	conform correct credentials did disabled does email enabled error exceeded exist exists expired failed flow for found
	group has have hash id in incorrect invalid is it key limit match member message mfa missing modify must not of once
	only operation or parameter password policy pool provided registered request required requirements reset revoked
	satisfy secret session signed state string supported temporary that the this to token too try type unable unknown used
	user username value verification verify was with wrong your`
