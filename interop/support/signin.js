// Runs examples/signin without a terminal. The test writes a line for each answer.

import assert from 'node:assert/strict';
import { built, runToEnd } from './program.js';

/**
 * Runs examples/signin -json to its end.
 *
 * An answer is a line, or a function that returns a line when its turn comes. The argument of
 * the function waits until standard error matches a pattern.
 *
 * @param {{endpoint: string, region?: string, userPoolId: string, clientId: string, secret?: string}} server
 * @param {object} how
 * @param {string} how.flow
 * @param {string} [how.username]
 * @param {string} [how.password]
 * @param {string} [how.refreshToken]
 * @param {Record<string, string>} [how.flags] more flags, without the dash
 * @param {{accessKeyId: string, secretAccessKey: string}} [how.admin] credentials of an administrator
 * @param {(string | ((told: (pattern: RegExp) => Promise<RegExpMatchArray>) => Promise<string> | string))[]} [how.answers]
 * @returns {Promise<{code: number, stdout: string, stderr: string}>}
 */
export function signIn(server, { flow, username, password = '', refreshToken = '', flags = {}, admin, answers = [] }) {
  const all = {
    flow, username, admin: admin !== undefined, ...flags,
    endpoint: server.endpoint, region: server.region, 'user-pool-id': server.userPoolId, 'client-id': server.clientId,
  };
  let stderr = '';
  let look = () => {};
  const told = (pattern) => new Promise((resolve) => {
    look = () => {
      const match = stderr.match(pattern);
      if (match) resolve(match);
    };
    look();
  });
  async function* lines() {
    for (const answer of answers) yield typeof answer === 'function' ? await answer(told) : answer;
  }
  return runToEnd(
    built('signin'),
    ['-json', ...Object.entries(all).flatMap(([flag, value]) => (value ? [`-${flag}=${value}`] : []))],
    {
      env: {
        COGNITO_PASSWORD: password, COGNITO_REFRESH_TOKEN: refreshToken, COGNITO_CLIENT_SECRET: server.secret ?? '',
        ...(admin && { AWS_ACCESS_KEY_ID: admin.accessKeyId, AWS_SECRET_ACCESS_KEY: admin.secretAccessKey }),
      },
      lines: lines(),
      onStderr: (text) => {
        stderr = text;
        look();
      },
    },
  );
}

/**
 * Runs interop/internal/tokens on the tokens that examples/signin has printed.
 *
 * @param {{endpoint: string, region: string, userPoolId: string, clientId: string, secret?: string}} server
 * @param {'refresh' | 'refresh-by-auth-flow' | 'sign-out' | 'global-sign-out'} what
 * @param {object} tokens the result of signedIn
 * @returns {Promise<{code: number, stdout: string, stderr: string}>}
 */
export function later({ endpoint, region, userPoolId, clientId, secret = '' }, what, { claims, ...tokens }) {
  const flags = [`-endpoint=${endpoint}`, `-region=${region}`, `-user-pool-id=${userPoolId}`, `-client-id=${clientId}`];
  return runToEnd(built('tokens'), [...flags, what], {
    env: { COGNITO_CLIENT_SECRET: secret }, lines: [JSON.stringify(tokens)],
  });
}

/**
 * Checks the object that -json prints after a sign-in.
 *
 * @returns {object} the object, with the unverified claims of the ID token
 */
export function signedIn({ code, stdout, stderr }, username) {
  assert.equal(code, 0, stderr);
  const tokens = JSON.parse(stdout);
  assert.equal(tokens.username, username);
  for (const name of ['accessToken', 'idToken', 'refreshToken']) assert.ok(tokens[name], name);
  assert.ok(Date.parse(tokens.expiresAt) > Date.now(), `expiresAt ${tokens.expiresAt}`);
  return { ...tokens, claims: JSON.parse(Buffer.from(tokens.idToken.split('.')[1], 'base64url')) };
}

/** Checks that a sign-in was refused: exit code 1, and one line without the secret. */
export function refused({ code, stdout, stderr }, secret) {
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^[^\n]+\n$/);
  assert.ok(!stderr.includes(secret), 'a secret is on standard error');
}
