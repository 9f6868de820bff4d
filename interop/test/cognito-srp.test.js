// examples/signin proves a password to the server half of cognito-srp.

import { describe, test } from 'node:test';
import { refused, signedIn, signIn } from '../support/signin.js';
import { startSRPServer } from '../support/srp-server.js';

const alice = { username: 'alice', password: 'Grüße-пароль-9' };
const how = { flow: 'USER_SRP_AUTH', ...alice };
const server = await startSRPServer(alice);

describe('examples/signin against cognito-srp', () => {
  test('the right password, ten times', async () => {
    for (let i = 0; i < 10; i++) signedIn(await signIn(server, how), alice.username);
  });

  test('a wrong password is refused', async () => {
    const password = 'Wrong-horse-1';
    refused(await signIn(server, { ...how, password }), password);
  });
});
