// examples/signin signs in to cognito-local by USER_PASSWORD_AUTH. cognito-local does not check
// proofs of SRP.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { startCognitoLocal } from '../support/cognito-local.js';
import { refused, signedIn, signIn } from '../support/signin.js';

const alice = { username: 'alice', password: 'Correct-horse-1', attributes: { email: 'alice@example.com' } };
const how = { flow: 'USER_PASSWORD_AUTH', ...alice };
const server = await startCognitoLocal(alice);

describe('examples/signin against cognito-local', () => {
  test('the right password gives tokens', async () => {
    const { claims } = signedIn(await signIn(server, how), alice.username);
    assert.equal(claims.email, alice.attributes.email);
    assert.equal(claims.aud, server.clientId);
  });

  test('a wrong password is refused', async () => {
    const password = 'Wrong-horse-1';
    refused(await signIn(server, { ...how, password }), password);
  });
});
