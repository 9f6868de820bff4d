// An authenticator for passkeys, and the parts of a browser that aws-amplify needs for the
// authenticator. Node has no such parts.

import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

const es256 = -7; // the number of the algorithm in COSE
const present = 0x01;
const verified = 0x04;
const attested = 0x40;

const sha256 = (data) => createHash('sha256').update(data).digest();
const exact = (buffer) => Uint8Array.from(buffer).buffer; // an ArrayBuffer with these bytes only

// The parts of CBOR (RFC 8949) for a key and an attestation.
function cbor(value) {
  const head = (major, n) => {
    if (n < 24) return Buffer.from([major << 5 | n]);
    if (n < 256) return Buffer.from([major << 5 | 24, n]);
    return Buffer.from([major << 5 | 25, n >> 8, n & 255]);
  };
  if (Number.isInteger(value)) return value < 0 ? head(1, -1 - value) : head(0, value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
}

class PublicKeyCredential {
  type = 'public-key';
  authenticatorAttachment = 'platform';

  constructor(id, response) {
    this.id = id.toString('base64url');
    this.rawId = exact(id);
    this.response = response;
  }

  getClientExtensionResults() {
    return {};
  }
}

class Response {
  constructor(members) {
    Object.assign(this, members);
  }
}
class AuthenticatorAttestationResponse extends Response {}
class AuthenticatorAssertionResponse extends Response {}

/** The passkeys of one person at one origin. */
class Authenticator {
  #origin;
  #passkeys = []; // the oldest passkey first

  constructor(origin) {
    this.#origin = origin;
  }

  #clientData(type, challenge) {
    return Buffer.from(JSON.stringify({
      type, challenge: Buffer.from(challenge).toString('base64url'), origin: this.#origin, crossOrigin: false,
    }));
  }

  #data(rpId, flags, count, rest = Buffer.alloc(0)) {
    const fixed = Buffer.alloc(5);
    fixed.writeUInt8(flags);
    fixed.writeUInt32BE(count, 1);
    return Buffer.concat([sha256(rpId), fixed, rest]);
  }

  /** navigator.credentials.create */
  async create({ publicKey: { rp, user, challenge, pubKeyCredParams } }) {
    if (!pubKeyCredParams.some(({ alg }) => alg === es256)) throw new Error('the pool does not take ES256');
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const id = randomBytes(32);
    this.#passkeys.push({ id, privateKey, rpId: rp.id, userHandle: user.id, count: 0 });

    const { x, y } = publicKey.export({ format: 'jwk' });
    const coordinate = (text) => Buffer.from(text, 'base64url');
    const key = cbor(new Map([[1, 2], [3, es256], [-1, 1], [-2, coordinate(x)], [-3, coordinate(y)]]));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const authData = this.#data(rp.id, present | verified | attested, 0, Buffer.concat([Buffer.alloc(16), length, id, key]));
    return new PublicKeyCredential(id, new AuthenticatorAttestationResponse({
      clientDataJSON: exact(this.#clientData('webauthn.create', challenge)),
      attestationObject: exact(cbor(new Map([['fmt', 'none'], ['attStmt', new Map()], ['authData', authData]]))),
      getTransports: () => ['internal'],
      getPublicKeyAlgorithm: () => es256,
      getAuthenticatorData: () => exact(authData),
      getPublicKey: () => exact(publicKey.export({ format: 'der', type: 'spki' })),
    }));
  }

  /** navigator.credentials.get */
  async get({ publicKey: { rpId, challenge, allowCredentials } }) {
    const allowed = allowCredentials.map(({ id }) => Buffer.from(id).toString('base64url'));
    const passkey = this.#passkeys.find((key) => key.rpId === rpId
      && (allowed.length === 0 || allowed.includes(key.id.toString('base64url'))));
    if (!passkey) throw new Error(`no passkey for ${rpId}`);
    const clientData = this.#clientData('webauthn.get', challenge);
    const data = this.#data(rpId, present | verified, ++passkey.count);
    return new PublicKeyCredential(passkey.id, new AuthenticatorAssertionResponse({
      clientDataJSON: exact(clientData),
      authenticatorData: exact(data),
      signature: exact(sign('sha256', Buffer.concat([data, sha256(clientData)]), passkey.privateKey)),
      userHandle: passkey.userHandle,
    }));
  }
}

/**
 * Runs a function with the globals of a browser that has an authenticator.
 *
 * @param {string} origin of the page
 * @param {() => Promise<void>} run
 */
export async function withAuthenticator(origin, run) {
  const globals = { PublicKeyCredential, AuthenticatorAttestationResponse, AuthenticatorAssertionResponse };
  const window = { document: {}, isSecureContext: true, PublicKeyCredential };
  Object.assign(globalThis, globals, { window });
  Object.defineProperty(navigator, 'credentials', { value: new Authenticator(origin), configurable: true });
  try {
    await run();
  } finally {
    delete navigator.credentials;
    for (const name of ['window', ...Object.keys(globals)]) delete globalThis[name];
  }
}
