// aws-amplify v6 in Node. It knows no client secrets, holds one signed-in user
// per process, and has no passkeys: WEB_AUTHN takes a browser.

import assert from 'node:assert/strict';
import { Amplify } from 'aws-amplify';
import { fetchAuthSession } from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';
import { ConsoleLogger } from 'aws-amplify/utils';
import { verify } from './tokens.js';

// Node 20 has no navigator; without one it confirms no device and does not say so.
globalThis.navigator ??= { userAgent: `Node.js ${process.version}` };
ConsoleLogger.LOG_LEVEL = 'ERROR'; // it warns of every endpoint that is not the service's

/** @typedef {{endpoint: string, userPoolId: string, clientId: string}} App */

/** Makes an app the one that is signed in to from now on. @param {App} app */
export function use({ endpoint, userPoolId, clientId }) {
  Amplify.configure({
    Auth: { Cognito: { userPoolId, userPoolClientId: clientId, userPoolEndpoint: endpoint } },
  });
}

/** Checks that a step was the last, and the tokens. @param {App} app */
export async function signedIn(app, result, username) {
  assert.deepEqual(result, { isSignedIn: true, nextStep: { signInStep: 'DONE' } });
  const claims = await verify(app.endpoint, app.userPoolId, app.clientId, await tokens());
  assert.equal(claims.access.username, username);
  return claims;
}

/** What it keeps of the signed-in user: the three tokens, and the device if there is one. */
export async function tokens() {
  const session = await fetchAuthSession();
  const { refreshToken, deviceMetadata } = await cognitoUserPoolsTokenProvider.authTokenStore.loadTokens();
  return {
    accessToken: session.tokens.accessToken.toString(),
    idToken: session.tokens.idToken.toString(),
    refreshToken,
    device: deviceMetadata,
  };
}
