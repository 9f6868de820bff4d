// amazon-cognito-passwordless-auth, which holds one configuration per process
// and speaks the protocol without AWS's SDK.

import { Passwordless } from 'amazon-cognito-passwordless-auth';
import { authenticateWithSRP } from 'amazon-cognito-passwordless-auth/srp';

/** @typedef {{endpoint: string, userPoolId: string, clientId: string, secret?: string}} App */

/** Makes an app the one that is signed in to from now on. Nothing is kept from before. @param {App} app */
export function use({ endpoint, userPoolId, clientId, secret }) {
  Passwordless.configure({ cognitoIdpEndpoint: endpoint, userPoolId, clientId, clientSecret: secret });
}

/**
 * Signs in with SRP. What the pool asks goes to the callbacks that are given.
 *
 * @param {object} how what authenticateWithSRP takes
 * @returns {Promise<{accessToken: string, idToken: string, refreshToken: string, username: string}>}
 */
export function signIn(how) {
  // The package's own callback keeps the tokens, and refreshes them by a timer.
  return authenticateWithSRP({ tokensCb: () => {}, ...how }).signedIn;
}
