// boto3, in a process of its own, with promises for its calls.

import { Calls } from './calls.js';

/** boto3's client of one server, for one test file. */
export class Boto3 {
  #calls = new Calls('boto3_calls.py');
  #endpoint;

  /** The methods that were called. */
  called = new Set();

  constructor(endpoint) {
    this.#endpoint = endpoint;
  }

  /** Calls a method by its name in Python. An answer that the service's model does not allow rejects. */
  async call(method, parameters) {
    this.called.add(method);
    const { result } = await this.#calls.call({ endpoint: this.#endpoint, method, with: parameters });
    return result;
  }
}
