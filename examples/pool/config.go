package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// demo is what is served without -config. Its password is no secret: it is
// printed, and stands here for everyone to read.
var demo = cognitotest.PoolConfig{
	ID: "local-1_demo",
	Clients: []cognitotest.ClientConfig{{
		ID:        "demo",
		AuthFlows: []string{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
	}},
	MFA:             "OPTIONAL",
	AliasAttributes: []string{"email"},
	Users: []cognitotest.UserConfig{{
		Name:       "demo",
		Password:   "Demo-password-1",
		Attributes: map[string]string{"email": "demo@example.com", "email_verified": "true"},
		MFA:        []string{"EMAIL_OTP"},
	}},
}

// load returns what a configuration file says, and what the ready event shows
// of its pools. Without a file that is the demo pool, password included.
func load(file string) (configuration, []shownPool, error) {
	if file == "" {
		shown := show(demo)
		shown.Users[0].Password = demo.Users[0].Password
		return configuration{Pools: []cognitotest.PoolConfig{demo}}, []shownPool{shown}, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return configuration{}, nil, err
	}
	config, err := decode(text)
	if err != nil {
		return configuration{}, nil, inFile(file, err)
	}
	shown := make([]shownPool, len(config.Pools))
	for i, pool := range config.Pools {
		// The default is cognitotest's; the ready event has to name it.
		if pool.ID == "" {
			return configuration{}, nil, inFile(file, fmt.Errorf("pools[%d].id: missing; use region_name, such as \"local-1_test\"", i))
		}
		shown[i] = show(pool)
	}
	return config, shown, nil
}

type configuration struct {
	Pools  []cognitotest.PoolConfig `json:"pools"`
	Faults []fault                  `json:"faults"`
}

// decode refuses what it does not know: a misspelt field would otherwise turn
// a setting off in silence.
func decode(text []byte) (configuration, error) {
	var config configuration
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		return config, explain(text, err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return config, fmt.Errorf("line %d: text after the end of the configuration", line(text, decoder.InputOffset()))
	}
	if len(config.Pools) == 0 {
		return config, errors.New("pools: at least one is needed")
	}
	return config, nil
}

// explain says where in the text a decoding error is, and names the field.
func explain(text []byte, err error) error {
	var wrongType *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &wrongType):
		return fmt.Errorf("line %d: %s: want %s, have %s",
			line(text, wrongType.Offset), wrongType.Field, wrongType.Type, wrongType.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: %w", line(text, syntax.Offset), err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("line %d: ends in the middle", line(text, int64(len(text))))
	}
	var have any
	if json.Unmarshal(text, &have) == nil {
		if path := unknownField(reflect.TypeFor[configuration](), have); path != "" {
			return fmt.Errorf("%s: there is no such field", strings.TrimPrefix(path, "."))
		}
	}
	return err
}

// unknownField returns the path of a field in a decoded text that the type it
// is for does not have, "" if there is none. The error of encoding/json names
// the field and not where it is.
func unknownField(want reflect.Type, have any) string {
	switch have := have.(type) {
	case []any:
		for i, element := range have {
			if path := unknownField(want.Elem(), element); path != "" {
				return fmt.Sprintf("[%d]%s", i, path)
			}
		}
	case map[string]any:
		if want.Kind() == reflect.Pointer {
			want = want.Elem()
		}
		if want.Kind() != reflect.Struct {
			return "" // a map takes any name
		}
		fields := reflect.VisibleFields(want)
		for _, name := range slices.Sorted(maps.Keys(have)) {
			i := slices.IndexFunc(fields, func(f reflect.StructField) bool {
				return strings.EqualFold(f.Tag.Get("json"), name)
			})
			if i < 0 {
				return "." + name
			}
			if path := unknownField(fields[i].Type, have[name]); path != "" {
				return "." + name + path
			}
		}
	}
	return ""
}

func line(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(int(offset), len(text))], []byte("\n"))
}

func inFile(file string, err error) error {
	return fmt.Errorf("%s: %w", file, err)
}
