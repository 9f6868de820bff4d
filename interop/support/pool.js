// Runs examples/pool for one test file.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { temporaryDirectory } from './directory.js';
import { Mailbox } from './mailbox.js';
import { built, Program } from './program.js';

/**
 * Starts examples/pool with a configuration, and stops the program after the tests of the file.
 *
 * @param {object} config the file for -config
 * @returns {Promise<{endpoint: string, code: (username: string) => Promise<string>}>}
 *   code returns the next code that the pool sent to the user.
 */
export async function startPool(config) {
  const file = join(temporaryDirectory('pool'), 'pool.json');
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });

  const mailbox = new Mailbox();
  let ready;
  const events = {
    ready: (event) => ready(event),
    code: ({ username, code }) => mailbox.deliver(username, code),
  };

  const program = new Program(built('pool'), ['-config', file], {
    onLine(line) {
      const event = JSON.parse(line);
      events[event.event]?.(event);
    },
  });
  after(() => program.stop());

  const { endpoint } = await program.wait('ready line', (resolve) => { ready = resolve; });
  return {
    endpoint,
    code: (username) => mailbox.take(program, username),
  };
}
