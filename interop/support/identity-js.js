// amazon-cognito-identity-js with promises in place of its callback maps.

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js';

/** A sign-in by that client against an endpoint. One object is one browser. */
export class Browser {
  #kept = new Map();

  /** @param {{endpoint: string, userPoolId: string, clientId: string}} app */
  constructor({ endpoint, userPoolId, clientId }) {
    // It would share one store between all users otherwise.
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
}

/**
 * What a callback map was told first: the session's tokens, or the challenge
 * that has to be answered next. A refusal rejects.
 */
function step(call) {
  return new Promise((resolve, reject) => {
    const challenge = (name) => (_, parameters) => resolve({ challenge: name, parameters });
    call({
      onSuccess: (session) => resolve({
        tokens: {
          accessToken: session.getAccessToken().getJwtToken(),
          idToken: session.getIdToken().getJwtToken(),
          refreshToken: session.getRefreshToken().getToken(),
        },
      }),
      onFailure: reject,
      mfaRequired: challenge('SMS_MFA'),
      totpRequired: challenge('SOFTWARE_TOKEN_MFA'),
      newPasswordRequired: (userAttributes, requiredAttributes) =>
        resolve({ challenge: 'NEW_PASSWORD_REQUIRED', userAttributes, requiredAttributes }),
    });
  });
}
