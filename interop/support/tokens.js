// Tokens of examples/pool as AWS's own verifier sees them.

import assert from 'node:assert/strict';
import { CognitoJwtVerifier } from 'aws-jwt-verify';

/** The issuer that a real pool of this ID has, for the pool's configuration. */
export const issuer = (userPoolId) =>
  `https://cognito-idp.${userPoolId.split('_')[0]}.amazonaws.com/${userPoolId}`;

/**
 * Verifies both tokens with the keys that the pool serves: signature, issuer,
 * expiry, token_use and the app client.
 *
 * @returns {Promise<{access: object, id: object}>} the claims
 */
export async function verify(endpoint, userPoolId, clientId, { accessToken, idToken }) {
  const response = await fetch(`${endpoint}/${userPoolId}/.well-known/jwks.json`);
  assert.equal(response.status, 200, 'status of the JWKS');
  const verifier = CognitoJwtVerifier.create({ userPoolId, clientId });
  verifier.cacheJwks(await response.json());
  const [access, id] = await Promise.all([
    verifier.verify(accessToken, { tokenUse: 'access' }),
    verifier.verify(idToken, { tokenUse: 'id' }),
  ]);
  assert.equal(access.sub, id.sub);
  return { access, id };
}
