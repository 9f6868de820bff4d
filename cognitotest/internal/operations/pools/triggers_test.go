package pools

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/cognitoflow/cognitoflow/cognitotest/trigger"
)

// Each trigger of a configuration has a member of LambdaConfig, and each member has a trigger.
func TestTriggerFields(t *testing.T) {
	var fields []string
	for field := range reflect.TypeFor[trigger.Functions]().Fields() {
		fields = append(fields, field.Name)
	}
	slices.Sort(fields)
	named := slices.Compact(slices.Sorted(maps.Values(triggerFields)))
	if !slices.Equal(fields, named) {
		t.Errorf("the fields %q, in the table %q", fields, named)
	}
}
