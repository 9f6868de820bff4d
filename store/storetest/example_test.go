package storetest_test

import (
	"context"
	"fmt"

	"github.com/cognitoflow/cognitoflow/store"
	"github.com/cognitoflow/cognitoflow/store/storetest"
)

// Check tests your store outside of a test, for some seconds. In a test use TestStore.
func ExampleCheck() {
	fmt.Println(storetest.Check(context.Background(), new(store.Memory)))
	// Output: <nil>
}
