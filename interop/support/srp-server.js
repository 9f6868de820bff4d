// A sign-in server whose SRP is the server half of npm's cognito-srp: the part
// of the service that cognito-local lacks, by people who know neither this
// module nor its pool.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { UserPool } from 'cognito-srp';

/**
 * Serves USER_SRP_AUTH for one user and one app client without a secret.
 *
 * @param {{username: string, password: string}} user
 * @returns {Promise<{endpoint: string, region: string, userPoolId: string, clientId: string}>}
 */
export async function startSRPServer({ username, password }) {
  const app = { region: 'local-1', userPoolId: 'local-1_CognitoSRP', clientId: 'cognito-srp' };
  const srpPool = new UserPool(app.userPoolId.split('_')[1]);
  const user = await srpPool.createUser({ username, password });
  const sessions = new Map();

  const operations = {
    async InitiateAuth({ AuthFlow, ClientId, AuthParameters: { USERNAME, SRP_A } }) {
      if (AuthFlow !== 'USER_SRP_AUTH' || ClientId !== app.clientId || USERNAME !== username) throw refused('request');
      const { B, session } = await exchange(SRP_A);
      const secretBlock = randomBytes(1200).toString('base64');
      const id = randomBytes(30).toString('base64');
      sessions.set(id, { session, secretBlock });
      return {
        ChallengeName: 'PASSWORD_VERIFIER',
        Session: id,
        ChallengeParameters: {
          USERNAME: username, USER_ID_FOR_SRP: username, SALT: user.salt,
          SRP_B: B.toString('hex'), SECRET_BLOCK: secretBlock,
        },
      };
    },

    async RespondToAuthChallenge({ ChallengeName, ChallengeResponses: answer, Session }) {
      const { session, secretBlock } = sessions.get(Session) ?? {};
      sessions.delete(Session);
      if (ChallengeName !== 'PASSWORD_VERIFIER' || answer.PASSWORD_CLAIM_SECRET_BLOCK !== secretBlock) {
        throw refused('session');
      }
      if (session.calculateSignature(secretBlock, answer.TIMESTAMP) !== answer.PASSWORD_CLAIM_SIGNATURE) {
        throw refused('signature');
      }
      return { ChallengeParameters: {}, AuthenticationResult: tokens(app, username) };
    },
  };

  // cognito-srp pads B and S to 384 bytes where the service drops leading zero
  // bytes: one exchange in 128 has such a B or S and would be refused.
  async function exchange(A) {
    for (;;) {
      const challenge = await srpPool.getServerChallenge(user);
      const B = challenge.calculateB();
      const session = challenge.getSession(A);
      if (B[0] !== 0 && session.key[0] !== 0) return { B, session };
    }
  }

  const server = createServer(async (request, response) => {
    try {
      let body = '';
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
      const operation = operations[request.headers['x-amz-target'].split('.')[1]];
      if (!operation) throw refused('operation');
      send(response, 200, await operation(JSON.parse(body)));
    } catch (error) {
      send(response, 400, { __type: error.code ?? 'InternalErrorException', message: error.message });
    }
  }).listen(0, '127.0.0.1');
  after(() => server.close());
  await once(server, 'listening');
  return { endpoint: `http://127.0.0.1:${server.address().port}`, ...app };
}

function send(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}

function refused(what) {
  return Object.assign(new Error(`Refused: ${what}`), { code: 'NotAuthorizedException' });
}

// Tokens that nobody verifies: the proof is what this server is about.
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
