// AWS's SDK for JavaScript makes an exception of its own class of whatever
// examples/pool refuses. The classes are those of the service's model.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as sdk from '@aws-sdk/client-cognito-identity-provider';
import { startPool } from '../support/pool.js';

const userPoolId = 'eu-central-1_Interop11';
const clientId = 'sdk';

// All but the class that the SDK gives to what it does not know.
const classes = Object.entries(sdk).filter(([name, value]) =>
  value.prototype instanceof sdk.CognitoIdentityProviderServiceException && name.endsWith('Exception'));

const pool = await startPool({
  pools: [{ id: userPoolId, clients: [{ id: clientId }] }],
  faults: classes.map(([error]) => ({ pool: userPoolId, operation: 'InitiateAuth', error })),
});
// A second attempt would meet the next exception.
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
