// Starts examples/web with its embedded pool, for one test file.

import { after } from 'node:test';
import { Mailbox } from '../support/mailbox.js';
import { built, Program } from '../support/program.js';

/** The password of the demo users, which the program prints. */
export const password = 'Demo-password-1';

/**
 * Starts the program, and stops the program after the tests of the file.
 *
 * @param {string[]} args
 * @param {string} [sessions] the URL of the store. Without a URL, the site uses no store
 * @returns {Promise<{url: string, code: (username: string) => Promise<string>, instances: Map<number, number>}>}
 *   code returns the next code for a user. instances has the process ID of each instance.
 */
export async function startSite(args = [], sessions = undefined) {
  const mailbox = new Mailbox();
  const instances = new Map();
  let ready;
  const program = new Program(built(sessions ? 'stores' : 'web'), ['-listen', '127.0.0.1:0', ...args], {
    env: { WEB_SESSIONS: sessions ?? '' },
    onLine(line) {
      const [, username, code] = line.match(/^Code for (\S+), .*: (\d+)$/) ?? [];
      if (code) mailbox.deliver(username, code);
      const [, number, pid] = line.match(/^Instance (\d+) is process (\d+)/) ?? [];
      if (pid) instances.set(Number(number), Number(pid));
      const [, url] = line.match(/^Serving (\S+)\/$/) ?? [];
      if (url) ready(url);
    },
  });
  after(() => program.stop());
  const url = await program.wait('address', (resolve) => { ready = resolve; });
  return { url, instances, code: (username) => mailbox.take(program, username) };
}

/** Waits for the page with the heading. */
export function heading(page, title) {
  return page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
}

/** Fills in the first page of a sign-in, and presses a button. */
export async function fillIn(page, username, button = 'Sign in') {
  await page.getByLabel('User name').fill(username);
  if (button === 'Sign in') await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: button, exact: true }).click();
}

/** Fills in the page that asks for a code. */
export async function enterCode(page, code, button = 'Continue') {
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: button }).click();
}

/** Returns a wrong code. */
export const wrong = (code) => (code === '000000' ? '000001' : '000000');
