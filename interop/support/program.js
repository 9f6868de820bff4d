// Child processes that a test waits for by what they say, never by the clock.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

// A deadline turns a hang into a failure that names what was waited for.
const deadline = 20_000;

/** The path of a program in Go that run.js has built. */
export function built(name) {
  const bin = process.env.COGNITOFLOW_BIN;
  if (!bin) throw new Error('COGNITOFLOW_BIN is not set: start the tests with "npm test"');
  return join(bin, name);
}

/** A running program whose output is read line by line. */
export class Program {
  #child;
  #stderr = '';
  #waiting = new Set();
  #ended;

  /**
   * @param {string} command path of the program
   * @param {string[]} args
   * @param {{cwd?: string, env?: object, onLine?: (line: string) => void, onErrorLine?: (line: string) => void}} options
   *   what is told of each line on standard output and on standard error
   */
  constructor(command, args, { cwd, env, onLine = () => {}, onErrorLine = () => {} }) {
    this.#child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
    // A test file that fails to load runs none of its clean-up.
    const kill = () => this.#child.kill();
    process.once('exit', kill);
    this.#child.on('close', () => process.off('exit', kill));
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.on('close', (code, signal) =>
      this.#fail(new Error(`${command} ended with ${signal ?? `exit code ${code}`}\n${this.#stderr}`)));
    this.#child.stderr.setEncoding('utf8').on('data', (text) => { this.#stderr += text; });
    this.#child.stdin.on('error', () => {}); // that it has ended is told by "close"
    createInterface({ input: this.#child.stdout }).on('line', onLine);
    createInterface({ input: this.#child.stderr }).on('line', onErrorLine);
  }

  /** Writes a line to its standard input. */
  write(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  #fail(error) {
    this.#ended ??= error;
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** Settles as the executor says, or fails when the program ends or the deadline passes. */
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

  /** Ends the program and waits until it is gone. */
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
 * @param {Iterable<string> | AsyncIterable<string>} [options.lines] what it reads, one at a time
 * @param {(stderr: string) => void} [options.onStderr] told all of it whenever there is more
 * @param {number} [options.limit] milliseconds after which the program is stopped
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
    // Whoever waits for the next line must not hold up a program that has ended.
    await Promise.race([closed, feed()]);
    const [code] = await closed;
    return { code, ...output };
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
