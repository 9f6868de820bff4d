// The AWS SDK for JavaScript signs in to examples/pool with the SRP of cognito-srp-helper, which
// is independent and knows client secrets.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  CognitoIdentityProviderClient, InitiateAuthCommand, RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  createSecretHash, createSrpSession, signSrpSession, wrapAuthChallenge, wrapInitiateAuth,
} from 'cognito-srp-helper';
import { startPool } from '../support/pool.js';
import { issuer, verify } from '../support/tokens.js';
import { clientSecret, password, settings } from '../support/users.js';

const userPoolId = 'eu-central-1_Interop02';
const username = 'plain';
const clients = [{ id: 'public' }, { id: 'confidential', secret: clientSecret }];

const pool = await startPool({ pools: [{ id: userPoolId, issuer: issuer(userPoolId), clients, ...settings }] });
const api = new CognitoIdentityProviderClient({ region: 'eu-central-1', endpoint: pool.endpoint });
after(() => api.destroy());

// SECRET_HASH covers the USERNAME of the same request.
function hash(client, name) {
  return client.secret ? { SECRET_HASH: createSecretHash(name, client.id, client.secret) } : {};
}

async function signIn(client, typed, typedPassword) {
  const session = createSrpSession(typed, typedPassword, userPoolId, false);
  const initiated = await api.send(new InitiateAuthCommand(wrapInitiateAuth(session, {
    ClientId: client.id, AuthFlow: 'USER_SRP_AUTH', AuthParameters: { USERNAME: typed, ...hash(client, typed) },
  })));
  assert.equal(initiated.ChallengeName, 'PASSWORD_VERIFIER');
  const resolved = initiated.ChallengeParameters.USERNAME;
  return api.send(new RespondToAuthChallengeCommand(wrapAuthChallenge(signSrpSession(session, initiated), {
    ClientId: client.id, ChallengeName: 'PASSWORD_VERIFIER', Session: initiated.Session,
    ChallengeResponses: { USERNAME: resolved, ...hash(client, resolved) },
  })));
}

describe('AWS SDK for JavaScript with cognito-srp-helper', () => {
  for (const client of clients) {
    test(`${client.id} client: the right password`, async () => {
      const { AuthenticationResult: tokens } = await signIn(client, username, password);
      const { access } = await verify(pool.endpoint, userPoolId, client.id, {
        accessToken: tokens.AccessToken, idToken: tokens.IdToken,
      });
      assert.equal(access.username, username);
    });

    test(`${client.id} client: by e-mail address`, async () => {
      assert.ok((await signIn(client, 'plain@example.com', password)).AuthenticationResult);
    });

    test(`${client.id} client: a wrong password`, () =>
      assert.rejects(signIn(client, username, 'Wrong-horse-1'), { name: 'NotAuthorizedException' }));
  }

  test('a wrong client secret', () =>
    assert.rejects(signIn({ ...clients[1], secret: `${clientSecret}_not` }, username, password), {
      name: 'NotAuthorizedException',
    }));
});
