// A sign-in server with the server half of SRP of the package cognito-srp. cognito-local has no
// SRP. The authors of the package know neither this module nor its pool. The server checks
// passwords and devices. For the package, a device is a user, and the pool is the device group.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { randomBytes, randomUUID } from 'node:crypto';
import { after } from 'node:test';
import { UserPool } from 'cognito-srp';

/**
 * Serves USER_SRP_AUTH for one user and one app client without a client secret. Each
 * ConfirmDevice call adds a remembered device.
 *
 * @param {{username: string, password: string}} user
 * @returns {Promise<{endpoint: string, region: string, userPoolId: string, clientId: string,
 *   deviceProofs: {accepted: number, refused: number}}>}
 */
export async function startSRPServer({ username, password }) {
  const app = { region: 'local-1', userPoolId: 'local-1_CognitoSRP', clientId: 'cognitosrp' };
  const deviceGroupKey = '-Gr_0upKey'; // a client must use the whole key, and not the part after the underscore
  const users = new Prover('PASSWORD_VERIFIER', app.userPoolId.split('_')[1]);
  const devices = new Prover('DEVICE_PASSWORD_VERIFIER', deviceGroupKey);
  const user = await users.pool.createUser({ username, password });
  const confirmed = new Map(); // from a device key to the input of ConfirmDevice

  const operations = {
    async InitiateAuth({ AuthFlow, ClientId, AuthParameters: { USERNAME, SRP_A } }) {
      if (AuthFlow !== 'USER_SRP_AUTH' || ClientId !== app.clientId || USERNAME !== username) throw refusal('request');
      return users.challenge(user, SRP_A, { USERNAME: username, USER_ID_FOR_SRP: username });
    },

    async RespondToAuthChallenge({ ChallengeName, ChallengeResponses: answer, Session }) {
      switch (ChallengeName) {
        case 'PASSWORD_VERIFIER':
          users.check(answer, Session);
          if (!confirmed.has(answer.DEVICE_KEY)) {
            const DeviceKey = `${app.region}_${randomUUID()}`;
            return signedIn({ DeviceKey, DeviceGroupKey: deviceGroupKey });
          }
          return { ChallengeName: 'DEVICE_SRP_AUTH', Session: newSession(), ChallengeParameters: {} };
        case 'DEVICE_SRP_AUTH': {
          const device = confirmed.get(answer.DEVICE_KEY);
          if (!device) throw refusal('device');
          return devices.challenge(device, answer.SRP_A, { USERNAME: username, DEVICE_KEY: answer.DEVICE_KEY });
        }
        case 'DEVICE_PASSWORD_VERIFIER':
          devices.check(answer, Session);
          return signedIn();
        default:
          throw refusal('challenge');
      }
    },

    async ConfirmDevice({ DeviceKey, DeviceSecretVerifierConfig: { Salt, PasswordVerifier } }) {
      const hex = (base64) => Buffer.from(base64, 'base64').toString('hex');
      confirmed.set(DeviceKey, { username: DeviceKey, salt: hex(Salt), verifier: hex(PasswordVerifier) });
      return { UserConfirmationNecessary: false };
    },
  };
  const signedIn = (NewDeviceMetadata) => ({
    ChallengeParameters: {}, AuthenticationResult: { ...tokens(app, username), NewDeviceMetadata },
  });

  return { endpoint: await serve(operations), ...app, deviceProofs: devices.proofs };
}

/** Returns one of the two challenges that ask for the proof of a password. */
class Prover {
  #sessions = new Map();

  proofs = { accepted: 0, refused: 0 };

  constructor(name, poolName) {
    this.name = name;
    this.pool = new UserPool(poolName);
  }

  async challenge(user, A, names) {
    const { B, session } = await this.#exchange(user, A);
    const secretBlock = randomBytes(1200).toString('base64');
    const id = newSession();
    this.#sessions.set(id, { session, secretBlock });
    return {
      ChallengeName: this.name,
      Session: id,
      ChallengeParameters: { ...names, SALT: user.salt, SRP_B: B.toString('hex'), SECRET_BLOCK: secretBlock },
    };
  }

  // cognito-srp pads B and S to 384 bytes, and the service drops leading zero bytes. One
  // exchange in 128 has such a B or S, and its proof would be wrong.
  async #exchange(user, A) {
    for (;;) {
      const challenge = await this.pool.getServerChallenge(user);
      const B = challenge.calculateB();
      const session = challenge.getSession(A);
      if (B[0] !== 0 && session.key[0] !== 0) return { B, session };
    }
  }

  check(answer, id) {
    const { session, secretBlock } = this.#sessions.get(id) ?? {};
    this.#sessions.delete(id);
    if (!session || answer.PASSWORD_CLAIM_SECRET_BLOCK !== secretBlock) throw refusal('session');
    const right = session.calculateSignature(secretBlock, answer.TIMESTAMP) === answer.PASSWORD_CLAIM_SIGNATURE;
    this.proofs[right ? 'accepted' : 'refused'] += 1;
    if (!right) throw refusal('signature');
  }
}

const newSession = () => randomBytes(30).toString('base64');

const refusal = (what) => Object.assign(new Error(`Refused: ${what}`), { code: 'NotAuthorizedException' });

/** Serves operations on loopback for a test file, and returns the endpoint. */
async function serve(operations) {
  const server = createServer(async (request, response) => {
    try {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      const operation = operations[request.headers['x-amz-target'].split('.')[1]];
      if (!operation) throw refusal('operation');
      send(response, 200, await operation(JSON.parse(body)));
    } catch (error) {
      send(response, 400, { __type: error.code ?? 'InternalErrorException', message: error.message });
    }
  }).listen(0, '127.0.0.1');
  after(() => server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${server.address().port}`;
}

function send(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}

// No test verifies these tokens. The tests are about the proofs.
function tokens({ clientId }, username) {
  const seconds = Math.floor(Date.now() / 1000);
  const jwt = (claims) => [{ alg: 'RS256', kid: 'none' }, { sub: username, iat: seconds, exp: seconds + 3600, ...claims }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).concat('c2lnbmF0dXJl').join('.');
  return {
    AccessToken: jwt({ token_use: 'access', username, client_id: clientId }),
    IdToken: jwt({ token_use: 'id', 'cognito:username': username, aud: clientId }),
    RefreshToken: 'a-refresh-token', TokenType: 'Bearer', ExpiresIn: 3600,
  };
}
