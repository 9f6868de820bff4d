package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/cognitoflow/cognitoflow/cognitotest"
)

// demo is the pool without -config. The program prints the password of its user.
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

// load reads a configuration file. If file is empty, load returns the demo pool.
func load(file string) (configuration, error) {
	if file == "" {
		return configuration{Pools: []pool{{PoolConfig: demo}}}, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return configuration{}, fmt.Errorf("-config: %w", err)
	}
	config, err := decode(text)
	if err != nil {
		return configuration{}, inFile(file, err)
	}
	return config, nil
}

type configuration struct {
	Pools  []pool  `json:"pools"`
	Faults []fault `json:"faults"`
}

// pool is a pool of the file. Hostile stands for the dialect [cognitotest.Hostile], which a
// file cannot call.
type pool struct {
	cognitotest.PoolConfig
	Hostile bool `json:"hostile"`
}

// decode refuses an unknown field, because a misspelt field would turn a setting off
// without notice.
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
		return config, errors.New("pools: the file has no pool, want at least one")
	}
	for i := range config.Pools {
		pool := &config.Pools[i]
		// cognitotest has a default ID, but the ready event must name the ID.
		if pool.ID == "" {
			return config, fmt.Errorf("pools[%d].id: missing, want region_name, such as \"local-1_test\"", i)
		}
		if !pool.Hostile {
			continue
		}
		if !reflect.ValueOf(pool.Dialect).IsZero() {
			return config, fmt.Errorf("pools[%d].hostile: the pool has a dialect already, want one of the two", i)
		}
		pool.Dialect = cognitotest.Hostile()
	}
	return config, nil
}

// explain adds the place in the text to a decoding error.
func explain(text []byte, err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: %w", line(text, syntax.Offset), err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("line %d: the text ends in the middle of a value", line(text, int64(len(text))))
	}
	var have any
	if json.Unmarshal(text, &have) == nil {
		if path, problem := misfit(reflect.TypeFor[configuration](), have); problem != "" {
			path = strings.TrimPrefix(path, ".")
			if !strings.ContainsAny(path, ".[") {
				problem += " (the file has pools and faults)"
			}
			return errors.New(strings.TrimPrefix(path+": "+problem, ": "))
		}
	}
	return err
}

// misfit finds the first part of a decoded text that has the wrong type. The errors of
// encoding/json do not help users: they name Go types, and their paths have no indexes.
func misfit(want reflect.Type, have any) (path, problem string) {
	if want.Kind() == reflect.Pointer {
		want = want.Elem()
	}
	if have == nil {
		return "", ""
	}
	if needs, has := jsonWord(want.Kind()), jsonWord(reflect.TypeOf(have).Kind()); needs != has {
		return "", fmt.Sprintf("want %s, have %s", needs, has)
	}
	switch have := have.(type) {
	case float64:
		if have != math.Trunc(have) {
			return "", fmt.Sprintf("want a whole number, have %v", have)
		}
	case []any:
		for i, element := range have {
			if path, problem := misfit(want.Elem(), element); problem != "" {
				return fmt.Sprintf("[%d]%s", i, path), problem
			}
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(have)) {
			of, ok := memberType(want, name)
			if !ok {
				return "." + name, "there is no such field"
			}
			if path, problem := misfit(of, have[name]); problem != "" {
				return "." + name + path, problem
			}
		}
	}
	return "", ""
}

// jsonWord returns the word for a JSON value of a kind. All numbers of the configuration are
// whole numbers.
func jsonWord(kind reflect.Kind) string {
	switch kind {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	}
	return "a number"
}

// memberType returns the type of a member of an object. A map has members of any name.
func memberType(object reflect.Type, name string) (reflect.Type, bool) {
	if object.Kind() == reflect.Map {
		return object.Elem(), true
	}
	for _, field := range reflect.VisibleFields(object) {
		if tag := field.Tag.Get("json"); tag != "" && tag != "-" && strings.EqualFold(tag, name) {
			return field.Type, true
		}
	}
	return nil, false
}

func line(text []byte, offset int64) int {
	return 1 + bytes.Count(text[:min(int(offset), len(text))], []byte("\n"))
}

func inFile(file string, err error) error {
	return fmt.Errorf("%s: %w", file, err)
}
