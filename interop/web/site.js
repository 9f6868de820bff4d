// examples/web with its embedded pool, for one test file.

import { after } from 'node:test';
import { Mailbox } from '../support/mailbox.js';
import { built, Program } from '../support/program.js';

/** The password of the demo users, as the program prints it. */
export const password = 'Demo-password-1';

/**
 * Starts the program and stops it after the file's tests.
 *
 * @param {string[]} args
 * @param {string} [sessions] the URL of the store; without it, the site needs none
 * @returns {Promise<{url: string, code: (username: string) => Promise<string>, instances: Map<number, number>}>}
 *   code gives the next code that a user was sent; instances has the process ID of each instance.
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

/** Waits for the page with that heading. */
export function heading(page, title) {
  return page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
}

/** Fills in the first page of a sign-in, which is on the screen, and goes on by a button. */
export async function fillIn(page, username, button = 'Sign in') {
  await page.getByLabel('User name').fill(username);
  if (button === 'Sign in') await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: button, exact: true }).click();
}

/** Answers the page that asks for a code. */
export async function enterCode(page, code, button = 'Continue') {
  await page.getByLabel('Code', { exact: true }).fill(code);
  await page.getByRole('button', { name: button }).click();
}

/** A code that is not the right one. */
export const wrong = (code) => (code === '000000' ? '000001' : '000000');
