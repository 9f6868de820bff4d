package device

import "reflect"

// CredentialsJSON and WalletJSON are the types of stored device credentials and wallets.
var (
	CredentialsJSON = reflect.TypeFor[record]()
	WalletJSON      = reflect.TypeFor[walletJSON]()
)
