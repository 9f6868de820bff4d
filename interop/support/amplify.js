// aws-amplify v6 in Node. The package knows no client secrets, and keeps one signed-in user per
// process. authenticator.js has the passkeys.

import assert from 'node:assert/strict';
import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';
import { ConsoleLogger } from 'aws-amplify/utils';
import { verify } from './tokens.js';

// Node 20 has no navigator. Without a navigator, the package confirms no device and reports no
// error.
globalThis.navigator ??= { userAgent: `Node.js ${process.version}` };
ConsoleLogger.LOG_LEVEL = 'ERROR'; // the package warns of each endpoint outside AWS

// signUp with autoSignIn leaves a timer of three minutes, and Node would wait for it.
// autoSignIn sets a timer of 300 ms. While the timer runs, another autoSignIn does not end.
const { setTimeout } = globalThis;
let mayAutoSignIn = Promise.resolve();
globalThis.setTimeout = (callback, delay, ...args) => {
  if (delay === 300) {
    let fired;
    mayAutoSignIn = new Promise((resolve) => { fired = resolve; });
    return setTimeout(() => {
      callback(...args);
      fired();
    }, delay);
  }
  const timer = setTimeout(callback, delay, ...args);
  return delay === 180_000 ? timer.unref() : timer;
};

/** Runs autoSignIn after the timer of the former autoSignIn. */
export async function autoSignIn() {
  await mayAutoSignIn;
  return auth.autoSignIn();
}

/** @typedef {{endpoint: string, userPoolId: string, clientId: string}} App */

/** Chooses the app client for later calls. @param {App} app */
export function use({ endpoint, userPoolId, clientId }) {
  Amplify.configure({
    Auth: { Cognito: { userPoolId, userPoolClientId: clientId, userPoolEndpoint: endpoint } },
  });
}

/** Checks that a step was the last step, and verifies the tokens. @param {App} app */
export async function signedIn(app, result, username) {
  assert.deepEqual(result, { isSignedIn: true, nextStep: { signInStep: 'DONE' } });
  const claims = await verify(app.endpoint, app.userPoolId, app.clientId, await tokens());
  assert.equal(claims.access.username, username);
  return claims;
}

/** Returns the stored values of the signed-in user: the three tokens, and the device if there is one. */
export async function tokens() {
  const session = await auth.fetchAuthSession();
  const { refreshToken, deviceMetadata } = await cognitoUserPoolsTokenProvider.authTokenStore.loadTokens();
  return {
    accessToken: session.tokens.accessToken.toString(),
    idToken: session.tokens.idToken.toString(),
    refreshToken,
    device: deviceMetadata,
  };
}
