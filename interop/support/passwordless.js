// amazon-cognito-passwordless-auth. The package has one configuration per process, and speaks the
// protocol without the AWS SDK.

import { Passwordless } from 'amazon-cognito-passwordless-auth';
import { authenticateWithSRP } from 'amazon-cognito-passwordless-auth/srp';

/** @typedef {{endpoint: string, userPoolId: string, clientId: string, secret?: string}} App */

/** Chooses the app client for later calls, and deletes stored values. @param {App} app */
export function use({ endpoint, userPoolId, clientId, secret }) {
  Passwordless.configure({ cognitoIdpEndpoint: endpoint, userPoolId, clientId, clientSecret: secret });
}

/**
 * Signs in with SRP. The callbacks answer the challenges of the pool.
 *
 * @param {object} how members for authenticateWithSRP
 * @returns {Promise<{accessToken: string, idToken: string, refreshToken: string, username: string}>}
 */
export function signIn(how) {
  // The callback of the package keeps the tokens, and refreshes them by a timer.
  return authenticateWithSRP({ tokensCb: () => {}, ...how }).signedIn;
}
