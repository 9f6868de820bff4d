// boto3 in a separate process, with promises for its calls.

import { Calls } from './calls.js';

/** A boto3 client for one server, for one test file. */
export class Boto3 {
  #calls = new Calls('boto3_calls.py');
  #endpoint;

  /** The methods of the calls so far. */
  called = new Set();

  constructor(endpoint) {
    this.#endpoint = endpoint;
  }

  /** Calls a method by its name in Python. Rejects if the service's model does not allow the answer. */
  async call(method, parameters) {
    this.called.add(method);
    const { result } = await this.#calls.call({ endpoint: this.#endpoint, method, with: parameters });
    return result;
  }
}
