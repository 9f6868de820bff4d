// examples/signin against a server that others wrote.

import assert from 'node:assert/strict';
import { example, runToEnd } from './program.js';

/**
 * Runs examples/signin -json to its end, without a terminal.
 *
 * @param {{endpoint: string, region: string, userPoolId: string, clientId: string}} server
 * @param {{flow: string, username: string, password: string}} how
 * @returns {Promise<{code: number, stdout: string, stderr: string}>}
 */
export function signIn(server, { flow, username, password }) {
  return runToEnd(example('signin'), [
    '-flow', flow, '-endpoint', server.endpoint, '-region', server.region,
    '-user-pool-id', server.userPoolId, '-client-id', server.clientId, '-username', username, '-json',
  ], { env: { COGNITO_PASSWORD: password } });
}

/**
 * Checks the object that -json prints after a sign-in.
 *
 * @returns {object} the claims of the ID token, unverified
 */
export function signedIn({ code, stdout, stderr }, username) {
  assert.equal(code, 0, stderr);
  const tokens = JSON.parse(stdout);
  assert.equal(tokens.username, username);
  for (const name of ['accessToken', 'idToken', 'refreshToken']) assert.ok(tokens[name], name);
  assert.ok(Date.parse(tokens.expiresAt) > Date.now(), `expiresAt ${tokens.expiresAt}`);
  return JSON.parse(Buffer.from(tokens.idToken.split('.')[1], 'base64url'));
}

/** Checks that a sign-in was refused: exit code 1, and one line without the password. */
export function refused({ code, stdout, stderr }, password) {
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^[^\n]+\n$/);
  assert.ok(!stderr.includes(password), 'the password is on standard error');
}
