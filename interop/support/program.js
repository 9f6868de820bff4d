// Child processes. A test waits for the output of a process, and not for a time.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// After the deadline a test fails, and the failure names the missing output.
const deadline = 20_000;

/** Returns the path of a Go program that run.js has built. */
export function built(name) {
  const bin = process.env.COGNITOFLOW_BIN;
  if (!bin) throw new Error('COGNITOFLOW_BIN is not set: start the tests with "npm test"');
  return join(bin, name);
}

/** A running program with functions for each line of its output. */
export class Program {
  #child;
  #stderr = '';
  #waiting = new Set();
  #ended;

  /**
   * @param {string} command path of the program
   * @param {string[]} args
   * @param {{cwd?: string, env?: object, onLine?: (line: string) => void, onErrorLine?: (line: string) => void}} options
   *   functions for each line of standard output and of standard error
   */
  constructor(command, args, { cwd, env, onLine = () => {}, onErrorLine = () => {} }) {
    this.#child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
    // If a test file fails to load, node does not run its clean-up.
    const kill = () => this.#child.kill();
    process.once('exit', kill);
    this.#child.on('close', () => process.off('exit', kill));
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('close', (code, signal) =>
      this.#fail(new Error(`${command} ended with ${signal ?? `exit code ${code}`}\n${this.#stderr}`)));
    this.#child.stderr.setEncoding('utf8').on('data', (text) => { this.#stderr += text; });
    this.#child.stdin.on('error', () => {}); // the event "close" reports the end
    createInterface({ input: this.#child.stdout }).on('line', onLine);
    createInterface({ input: this.#child.stderr }).on('line', onErrorLine);
  }

  /** Writes a line to the standard input of the program. */
  write(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  #fail(error) {
    this.#ended ??= error;
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** Settles by the executor. Rejects at the end of the program or at the deadline. */
  wait(what, executor) {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail(new Error(`no ${what} within ${deadline} ms\n${this.#stderr}`)), deadline);
      const done = (settle) => (value) => {
        clearTimeout(timer);
        this.#waiting.delete(fail);
        settle(value);
      };
      const fail = done(reject);
      this.#waiting.add(fail);
      executor(done(resolve));
    });
  }

  /** Ends the program, and waits for its end. */
  async stop() {
    if (this.#ended) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await closed;
  }
}

/**
 * Runs a program to its end.
 *
 * @param {string} command path of the program
 * @param {string[]} args
 * @param {object} [options]
 * @param {object} [options.env]
 * @param {Iterable<string> | AsyncIterable<string>} [options.lines] lines of standard input
 * @param {(stderr: string) => void} [options.onStderr] called with all text of standard error after each new text
 * @param {number} [options.limit] milliseconds until the program is stopped
 * @returns {Promise<{code: number, stdout: string, stderr: string}>}
 */
export async function runToEnd(command, args, { env, lines = [], onStderr, limit = deadline } = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env } });
  const closed = once(child, 'close');
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => { output[stream] += text; });
  }
  if (onStderr) child.stderr.on('data', () => onStderr(output.stderr));
  child.stdin.on('error', () => {}); // a program may end without reading its input
  const feed = async () => {
    for await (const line of lines) child.stdin.write(`${line}\n`);
    child.stdin.end();
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), limit);
  try {
    // A source of lines that waits must not delay the end of the run.
    await Promise.race([closed, feed()]);
    const [code] = await closed;
    return { code, ...output };
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
