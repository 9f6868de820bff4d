// amazon-cognito-identity-js with promises instead of callback maps.

import { AuthenticationDetails, CognitoRefreshToken, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js';

/** A browser that signs in to an endpoint with the client. */
export class Browser {
  #kept = new Map();

  /** @param {{endpoint: string, userPoolId: string, clientId: string}} app */
  constructor({ endpoint, userPoolId, clientId }) {
    // Otherwise the client shares one store between all users.
    this.storage = {
      getItem: (key) => this.#kept.get(key) ?? null,
      setItem: (key, value) => this.#kept.set(key, value),
      removeItem: (key) => this.#kept.delete(key),
      clear: () => this.#kept.clear(),
    };
    this.pool = new CognitoUserPool({
      UserPoolId: userPoolId, ClientId: clientId, endpoint, Storage: this.storage,
      AdvancedSecurityDataCollectionFlag: false,
    });
  }

  /** @returns {SignIn} */
  user(username) {
    return new SignIn(new CognitoUser({ Username: username, Pool: this.pool, Storage: this.storage }));
  }

  /** Changes the stored values of keys with this end. */
  tamper(suffix, value) {
    for (const key of this.#kept.keys()) if (key.endsWith(`.${suffix}`)) this.#kept.set(key, value);
  }

  /** Stores a user who signed in elsewhere as the last user of this browser, with or without a device. */
  moveIn(username, deviceKey) {
    const prefix = `CognitoIdentityServiceProvider.${this.pool.getClientId()}`;
    this.storage.setItem(`${prefix}.LastAuthUser`, username);
    if (deviceKey) this.storage.setItem(`${prefix}.${username}.deviceKey`, deviceKey);
  }
}

class SignIn {
  constructor(user) {
    this.user = user;
  }

  password(Password) {
    const details = new AuthenticationDetails({ Username: this.user.getUsername(), Password });
    return step((callbacks) => this.user.authenticateUser(details, callbacks));
  }

  code(code, mfaType) {
    return step((callbacks) => this.user.sendMFACode(code, callbacks, mfaType));
  }

  newPassword(password, attributes) {
    return step((callbacks) => this.user.completeNewPasswordChallenge(password, attributes, callbacks));
  }

  /** The key of the device that signed in, if the pool tracks devices. */
  get deviceKey() {
    return this.user.deviceKey;
  }

  rememberDevice() {
    return outcome((callbacks) => this.user.setDeviceStatusRemembered(callbacks));
  }

  /** Forgets this device, or another device of the user. */
  forgetDevice(key) {
    return outcome((callbacks) => (key ? this.user.forgetSpecificDevice(key, callbacks) : this.user.forgetDevice(callbacks)));
  }

  refresh(RefreshToken) {
    return new Promise((resolve, reject) => {
      this.user.refreshSession(new CognitoRefreshToken({ RefreshToken }), (error, session) =>
        (error ? reject(error) : resolve({ tokens: texts(session) })));
    });
  }
}

const outcome = (call) => new Promise((onSuccess, onFailure) => { call({ onSuccess, onFailure }); });

const texts = (session) => ({
  accessToken: session.getAccessToken().getJwtToken(),
  idToken: session.getIdToken().getJwtToken(),
  refreshToken: session.getRefreshToken().getToken(),
});

/**
 * Settles with the first call of a callback map: the tokens of the session and whether the
 * user must decide about the device, or the next challenge. Rejects after a refusal.
 */
function step(call) {
  return new Promise((resolve, reject) => {
    const challenge = (name) => (_, parameters) => resolve({ challenge: name, parameters });
    call({
      onSuccess: (session, confirm = false) => resolve({ tokens: texts(session), confirm }),
      onFailure: reject,
      mfaRequired: challenge('SMS_MFA'),
      totpRequired: challenge('SOFTWARE_TOKEN_MFA'),
      newPasswordRequired: (userAttributes, requiredAttributes) =>
        resolve({ challenge: 'NEW_PASSWORD_REQUIRED', userAttributes, requiredAttributes }),
    });
  });
}
