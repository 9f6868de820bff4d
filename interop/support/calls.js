// A program in Python that answers each line with one line, with promises.

import { after } from 'node:test';
import { Program } from './program.js';
import { python, script } from './python.js';

/** One process for one test file. */
export class Calls {
  #program;
  #waiting = []; // the calls without an outcome, the oldest call first

  /** @param {string} name of the program below support */
  constructor(name) {
    this.#program = new Program(python, [script(name)], {
      env: { AWS_EC2_METADATA_DISABLED: 'true' }, // otherwise boto3 looks for credentials in the network
      onLine: (line) => this.#waiting.shift()(JSON.parse(line)),
    });
    after(() => this.#program.stop());
  }

  /** Makes a call. The error has the name of the Python exception, or of the exception of the pool. */
  async call(request) {
    const outcome = await this.#program.wait(`outcome of ${request.method}`, (resolve) => {
      this.#waiting.push(resolve);
      this.#program.write(JSON.stringify(request));
    });
    if (outcome.error) throw Object.assign(new Error(outcome.message), { name: outcome.error });
    return outcome;
  }
}
