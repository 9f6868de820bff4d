package vectors

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestLoad(t *testing.T) {
	f := Load(t)
	if len(f.User) != 12 || len(f.Device) != 6 || len(f.InvalidPublicValues.Hex) != 6 {
		t.Errorf("%d user, %d device vectors, %d invalid values", len(f.User), len(f.Device), len(f.InvalidPublicValues.Hex))
	}
	caught := map[string]bool{}
	note := func(e Exchange) {
		for _, name := range e.Catches {
			caught[name] = true
			if f.Mistakes[name] == "" {
				t.Errorf("%s catches %q, and the file does not explain this mistake", e.Name, name)
			}
		}
	}
	for _, v := range f.User {
		note(v.Exchange)
	}
	for _, v := range f.Device {
		note(v.Exchange)
	}
	for name := range f.Mistakes {
		if !caught[name] {
			t.Errorf("no vector catches %q", name)
		}
	}
}

func TestParseRefusesOtherFiles(t *testing.T) {
	refusesOtherFiles(t, data, "u_hex", "s_hex", func(data []byte) error { _, err := Parse(data); return err })
}

func TestParseAWSRefusesOtherFiles(t *testing.T) {
	parse := func(data []byte) error { _, err := ParseAWS(data); return err }
	refusesOtherFiles(t, awsData, "user_id", "pool_name", parse)
	replace := func(old, new string) []byte { return replaced(t, awsData, old, new) }
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"unknown figure":          {replace(`"u": "ea59`, `"w": "ea59`), `unknown field "w"`},
		"figure missing":          {replace(`"u": "ea59c4fbad16e946413594f5840300a12667b784a36d810af3cf455aa375cc68",`, ""), "figures"},
		"figure in both":          {replace(`"signature": "QwHb`, `"u": "ea", "signature": "QwHb`), "figures"},
		"figure empty":            {replace(`"ea59c4fbad16e946413594f5840300a12667b784a36d810af3cf455aa375cc68"`, `""`), "figures"},
		"block without signature": {replace(`"signature": "ehnqdfUzwXcTYDzTtjDIe5nbKwsHuC0I9LhPfsYQ9qM="`, ""), "figures"},
		"block without time":      {replace(`"timestamp": "Thu Jun 15 07:00:00 UTC 2017",`, ""), "timestamp"},
		"nothing published": {replace(`"published": {
    "key": "LmbB`, `"published": {}, "computed": {
    "key": "LmbB`), "published none"},
		"list missing":             {replace(`"secret_hash": [`, `"claims": [], "secret_hash": [`), "missing or empty"},
		"secret hash without name": {replace(`"username": "Mess",`, ""), "a field is missing"},
		"device hash without key":  {replace(`"device_key": "User5",`, ""), "a field is missing"},
	} {
		if err := parse(test.data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func replaced(t *testing.T, data []byte, old, new string) []byte {
	t.Helper()
	if !bytes.Contains(data, []byte(old)) {
		t.Fatalf("the file has no %s", old)
	}
	return bytes.Replace(slices.Clone(data), []byte(old), []byte(new), 1)
}

// refusesOtherFiles changes a field of the file, and wants an error of parse. The field other is in
// the same object.
func refusesOtherFiles(t *testing.T, data []byte, field, other string, parse func([]byte) error) {
	t.Helper()
	replace := func(new string) []byte { return replaced(t, data, `"`+field+`"`, `"`+new+`"`) }
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"unknown field":    {replace("unheard_of"), `unknown field "unheard_of"`},
		"field twice":      {replace(other), "a field is missing"},
		"other case":       {replace(strings.ToUpper(field[:1]) + field[1:]), "a field is missing"},
		"list missing":     {[]byte(`{}`), "missing or empty"},
		"not JSON":         {data[:len(data)/2], "unexpected EOF"},
		"something behind": {append(slices.Clone(data), "{}"...), "after top-level value"},
	} {
		if err := parse(test.data); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// Each entry has a unique label and a source. The file has all 17 figures.
func TestLoadAWS(t *testing.T) {
	f := LoadAWS(t)
	labels := map[string]bool{}
	note := func(label, source string) {
		if label == "" || labels[label] {
			t.Errorf("the label %q is empty, or two entries have it", label)
		}
		if source == "" {
			t.Errorf("%s has no source", label)
		}
		labels[label] = true
	}
	figures, published := 0, 0
	for _, c := range f.Claims {
		note(c.Label, c.Source)
		for _, figure := range c.Figures() {
			figures++
			if figure.Published {
				published++
			}
		}
	}
	for _, h := range f.SecretHashes {
		note(h.Label, h.Source)
	}
	for _, h := range f.DeviceHashes {
		note(h.Label, h.Source)
	}
	if figures != 17 || published != 7 || len(f.SecretHashes) != 1 || len(f.DeviceHashes) != 1 {
		t.Errorf("%d figures of claims (%d published), %d secret hashes, %d device hashes",
			figures, published, len(f.SecretHashes), len(f.DeviceHashes))
	}
}

// LoadAWS returns each text of the file in a field.
func TestAWSIsLoadedWhole(t *testing.T) {
	var document any
	if err := json.Unmarshal(awsData, &document); err != nil {
		t.Fatal(err)
	}
	var texts []string
	var collect func(any)
	collect = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, member := range v {
				collect(member)
			}
		case []any:
			for _, element := range v {
				collect(element)
			}
		case string:
			texts = append(texts, v)
		default:
			t.Errorf("the file has a %T", v)
		}
	}
	collect(document)
	f := LoadAWS(t)
	loaded := []string{f.About}
	for _, c := range f.Claims {
		loaded = append(loaded, c.Label, c.Source, c.PoolName, c.UserID, c.Password, c.A, c.Salt, c.B)
		if c.SecretBlock != "" {
			loaded = append(loaded, c.SecretBlock, c.Timestamp)
		}
		for _, figure := range c.Figures() {
			loaded = append(loaded, figure.Value)
		}
	}
	for _, h := range f.SecretHashes {
		loaded = append(loaded, h.Label, h.Source, h.Username, h.ClientID, h.ClientSecret, h.Published)
	}
	for _, h := range f.DeviceHashes {
		loaded = append(loaded, h.Label, h.Source, h.GroupKey, h.DeviceKey, h.Password, h.Published)
	}
	slices.Sort(texts)
	slices.Sort(loaded)
	if !slices.Equal(texts, loaded) {
		t.Errorf("the file has %d texts, and LoadAWS returns %d other or fewer texts", len(texts), len(loaded))
	}
}
