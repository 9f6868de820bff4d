// Sign-ins that go on while the instances of examples/web die under them. The
// pool and the proxy are in the process that starts them, and live on.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { startBrowser, visit } from './browser.js';
import { enterCode, fillIn, heading, startSite, wrong } from './site.js';

const total = 100;

const site = await startSite(['-instances', '3']);
const browser = await startBrowser();

let killed = 0;

/** Between two requests: kills none, one or two of the instances. */
function disturb() {
  for (let n = randomInt(4) - 1; n > 0; n--) {
    const running = [...site.instances];
    if (running.length === 0) return;
    const [number, pid] = running[randomInt(running.length)];
    site.instances.delete(number); // until it says that it is back
    process.kill(pid, randomInt(2) === 0 ? 'SIGKILL' : 'SIGTERM');
    killed++;
  }
}

// One way to sign in each, as steps between which instances die.
const signIns = [
  ['ada', (page, code) => [
    () => enterCode(page, wrong(code)),
    () => heading(page, 'Enter your code'),
    () => enterCode(page, code),
  ]],
  ['alan', (page) => [
    () => page.getByRole('button', { name: 'Code by text message' }).click(),
    async () => enterCode(page, await site.code('alan')),
  ]],
];

async function signIn(page, username, steps) {
  disturb();
  await page.goto(`${site.url}/signin`);
  disturb();
  await fillIn(page, username);
  const code = username === 'ada' ? await site.code(username) : undefined;
  for (const step of steps(page, code)) {
    await page.waitForLoadState();
    disturb();
    await step();
  }
  await heading(page, `Hello, ${username}`);
}

test(`${total} sign-ins while instances are killed and restarted`, { timeout: 400_000 }, async (t) => {
  const { page, context, close } = await visit(browser);
  let completed = 0;
  for (; completed < total; completed++) {
    await context.clearCookies();
    try {
      await signIn(page, ...signIns[completed % signIns.length]);
    } catch (error) {
      const shown = await page.locator('body').innerText();
      throw new Error(`sign-in ${completed + 1} ended at ${page.url()}: ${shown}`, { cause: error });
    }
  }
  t.diagnostic(`${completed} of ${total} sign-ins completed, ${killed} instances killed`);
  assert.ok(killed > total, `${killed} kills`);
  await close();
});
