// pycognito in a separate process, with promises for its calls.

import { Calls } from './calls.js';

/** pycognito for one test file. */
export class PyCognito {
  #calls = new Calls('pycognito_calls.py');
  #users = 0;

  /**
   * A user of an app, signed in or not.
   *
   * @param {{endpoint: string, userPoolId: string, clientId: string, secret?: string}} app
   * @param {string} username
   */
  async user({ endpoint, userPoolId, clientId, secret }, username) {
    const number = this.#users++;
    const call = (method, keywords = {}) => this.#calls.call({ user: number, method, with: keywords });
    await call('Cognito', {
      user_pool_id: userPoolId, client_id: clientId, client_secret: secret, username,
      access_key: 'AKIAINTEROPINTEROP00', secret_key: 'a key of nobody', boto3_client_kwargs: { endpoint_url: endpoint },
    });
    return new User(call);
  }
}

/** An object of the class Cognito, with more functions for tests. */
class User {
  #call;

  constructor(call) {
    this.#call = call;
  }

  /** The tokens that the object has verified and kept. */
  tokens = {};

  /** Calls a method. The error has the name of the Python exception, or of the exception of the pool. */
  async call(method, keywords) {
    const { result, tokens } = await this.#call(method, keywords);
    this.tokens = { accessToken: tokens.access_token, idToken: tokens.id_token, refreshToken: tokens.refresh_token };
    return result;
  }

  signIn(password) {
    return this.call('authenticate', { password });
  }
}
