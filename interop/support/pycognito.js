// pycognito, in a process of its own, with promises for its calls.

import { after } from 'node:test';
import { Program } from './program.js';
import { python, script } from './python.js';

/** pycognito for one test file. */
export class PyCognito {
  #program;
  #waiting = []; // the calls without an outcome, oldest first
  #users = 0;

  constructor() {
    this.#program = new Program(python, [script('pycognito_calls.py')], {
      env: { AWS_EC2_METADATA_DISABLED: 'true' }, // boto3 looks for credentials in the network
      onLine: (line) => this.#waiting.shift()(JSON.parse(line)),
    });
    after(() => this.#program.stop());
  }

  /**
   * A user of an app, signed in or not.
   *
   * @param {{endpoint: string, userPoolId: string, clientId: string, secret?: string}} app
   * @param {string} username
   */
  async user({ endpoint, userPoolId, clientId, secret }, username) {
    const number = this.#users++;
    const call = (method, keywords) => this.#call(number, method, keywords);
    await call('Cognito', {
      user_pool_id: userPoolId, client_id: clientId, client_secret: secret, username,
      access_key: 'AKIAINTEROPINTEROP00', secret_key: 'a key of nobody', boto3_client_kwargs: { endpoint_url: endpoint },
    });
    return new User(call);
  }

  async #call(user, method, keywords = {}) {
    const outcome = await this.#program.wait(`outcome of ${method}`, (resolve) => {
      this.#waiting.push(resolve);
      this.#program.write(JSON.stringify({ user, method, with: keywords }));
    });
    if (outcome.error) throw Object.assign(new Error(outcome.message), { name: outcome.error });
    return outcome;
  }
}

/** One object of the class Cognito, or what a test needs beside it. */
class User {
  #call;

  constructor(call) {
    this.#call = call;
  }

  /** The tokens that the object has verified and kept. */
  tokens = {};

  /** Calls a method. An exception rejects under its name, a refusal of the pool under the refusal's. */
  async call(method, keywords) {
    const { result, tokens } = await this.#call(method, keywords);
    this.tokens = { accessToken: tokens.access_token, idToken: tokens.id_token, refreshToken: tokens.refresh_token };
    return result;
  }

  signIn(password) {
    return this.call('authenticate', { password });
  }
}
