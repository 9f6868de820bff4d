// The AWS SDK for JavaScript makes pools in examples/pool. For each exception of examples/pool,
// the SDK throws the class of the service's model.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, test } from 'node:test';
import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import { startPool } from '../support/pool.js';

const userPoolId = 'eu-central-1_Interop11';
const clientId = 'sdk';

// All classes, except the class for unknown exceptions.
const classes = Object.entries(sdk).filter(([name, value]) =>
  value.prototype instanceof sdk.CognitoIdentityProviderServiceException && name.endsWith('Exception'));

const pool = await startPool({
  pools: [{ id: userPoolId, clients: [{ id: clientId }] }],
  faults: classes.map(([error]) => ({ pool: userPoolId, operation: 'InitiateAuth', error })),
});
// A second attempt would get the next exception.
const api = new sdk.CognitoIdentityProviderClient({ region: 'eu-central-1', endpoint: pool.endpoint, maxAttempts: 1 });
after(() => api.destroy());

test('each exception of the model arrives as its own class', async (t) => {
  assert.ok(classes.length >= 59, `the model has ${classes.length} exceptions`);
  const wrong = [];
  for (const [name, Exception] of classes) {
    const error = await api.send(new sdk.InitiateAuthCommand({
      ClientId: clientId, AuthFlow: 'USER_SRP_AUTH', AuthParameters: { USERNAME: 'anyone', SRP_A: '2' },
    })).catch((reason) => reason);
    const own = error instanceof Exception && error.name === name && error.message !== ''
      && error.$fault === (error.$metadata.httpStatusCode < 500 ? 'client' : 'server');
    if (!own) wrong.push(`${name}: ${error.name}, ${error.$fault} fault, status ${error.$metadata?.httpStatusCode}`);
  }
  t.diagnostic(`${classes.length - wrong.length} of ${classes.length} exceptions`);
  assert.deepEqual(wrong, []);
});

// Only the endpoint differs from a program for the service.
test('a pool, an app client and a user made by operations', async () => {
  const admin = new sdk.CognitoIdentityProvider({
    region: 'us-east-1', endpoint: pool.endpoint, credentials: { accessKeyId: 'AKIDMADEUP0000000000', secretAccessKey: 'made up' },
  });
  after(() => admin.destroy());
  const { UserPool: { Id: UserPoolId, SchemaAttributes } } = await admin.createUserPool({
    PoolName: 'shop', AutoVerifiedAttributes: ['email'],
    Policies: { PasswordPolicy: { MinimumLength: 6 } },
    Schema: [{ Name: 'email', Required: true }, { Name: 'team', AttributeDataType: 'String', Mutable: true }],
  });
  assert.match(UserPoolId, /^us-east-1_[0-9A-Za-z]{9}$/);
  assert.ok(SchemaAttributes.some(({ Name }) => Name === 'custom:team'));
  const { UserPoolClient: { ClientId, ClientSecret } } = await admin.createUserPoolClient({
    UserPoolId, ClientName: 'web', GenerateSecret: true, ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    IdTokenValidity: 10, TokenValidityUnits: { IdToken: 'minutes' },
  });
  const hash = (secret) => createHmac('sha256', secret).update(`ada${ClientId}`).digest('base64');
  const signIn = (secret) => admin.initiateAuth({
    ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'ada', PASSWORD: 'simple', SECRET_HASH: hash(secret) },
  });

  await admin.signUp({
    ClientId, Username: 'ada', Password: 'simple', SecretHash: hash(ClientSecret), UserAttributes: [{ Name: 'email', Value: 'ada@example.com' }],
  });
  await admin.confirmSignUp({ ClientId, Username: 'ada', SecretHash: hash(ClientSecret), ConfirmationCode: await pool.code('ada') });
  const { AuthenticationResult } = await signIn(ClientSecret);
  const { exp, iat } = JSON.parse(Buffer.from(AuthenticationResult.IdToken.split('.')[1], 'base64url'));
  assert.equal(exp - iat, 600);

  const { ClientSecretDescriptor: { ClientSecretValue } } = await admin.addUserPoolClientSecret({ UserPoolId, ClientId });
  const { ClientSecrets: [{ ClientSecretId }] } = await admin.listUserPoolClientSecrets({ UserPoolId, ClientId });
  await signIn(ClientSecretValue);
  await admin.deleteUserPoolClientSecret({ UserPoolId, ClientId, ClientSecretId });
  await assert.rejects(signIn(ClientSecret), sdk.NotAuthorizedException);
  await signIn(ClientSecretValue);

  await admin.setUserPoolMfaConfig({ UserPoolId, MfaConfiguration: 'ON', SoftwareTokenMfaConfiguration: { Enabled: true } });
  assert.equal((await signIn(ClientSecretValue)).ChallengeName, 'MFA_SETUP');

  await admin.deleteUserPoolClient({ UserPoolId, ClientId });
  await assert.rejects(signIn(ClientSecretValue), sdk.ResourceNotFoundException);
  await admin.deleteUserPool({ UserPoolId });
  const { UserPools } = await admin.listUserPools({ MaxResults: 60 });
  assert.deepEqual(UserPools.map(({ Id }) => Id), [userPoolId]);
});
