// Verifies tokens of examples/pool with the verifier of AWS.

import assert from 'node:assert/strict';
import { CognitoJwtVerifier } from 'aws-jwt-verify';

/** Returns the issuer of a pool at AWS with this ID, for the configuration of the pool. */
export const issuer = (userPoolId) =>
  `https://cognito-idp.${userPoolId.split('_')[0]}.amazonaws.com/${userPoolId}`;

/**
 * Verifies both tokens with the keys of the pool: signature, issuer, expiry, token_use and app
 * client.
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
