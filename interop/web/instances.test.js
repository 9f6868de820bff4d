// Visits of examples/web while its instances die. The pool, the proxy and the store do not
// die.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { orSkip, startPostgres, startRedis } from '../support/servers.js';
import { startBrowser, visit } from './browser.js';
import { enterCode, fillIn, heading, startSite, wrong } from './site.js';

const total = 100;

const browser = await startBrowser();

/** Ends instances. An instance can end again after its restart only. */
class Killer {
  killed = 0;
  #instances;
  #timer;

  constructor(instances) {
    this.#instances = instances;
  }

  #kill(signal) {
    const running = [...this.#instances];
    if (running.length === 0) return;
    const [number, pid] = running[randomInt(running.length)];
    this.#instances.delete(number);
    process.kill(pid, signal);
    this.killed++;
  }

  /** Kills up to two instances between two requests. */
  disturb() {
    for (let n = randomInt(4) - 1; n > 0; n--) this.#kill(randomInt(2) === 0 ? 'SIGKILL' : 'SIGTERM');
  }

  /** Ends instances at any moment from now on. An instance answers the requests under way before its end. */
  start() {
    this.#timer = setTimeout(() => {
      this.#kill('SIGTERM');
      this.start();
    }, randomInt(2_000));
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

async function killAndVisit(t, killer, site) {
  // Each entry is a way to sign in. Instances die between its steps.
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

  async function stay(page, username, steps) {
    killer.disturb();
    await page.goto(`${site.url}/signin`);
    killer.disturb();
    await fillIn(page, username);
    const code = username === 'ada' ? await site.code(username) : undefined;
    for (const step of [
      ...steps(page, code),
      () => heading(page, `Hello, ${username}`),
      () => page.goto(site.url), // the instance may not have seen this browser
      () => heading(page, `Hello, ${username}`),
      () => page.getByRole('button', { name: 'Sign out', exact: true }).click(),
    ]) {
      await page.waitForLoadState();
      killer.disturb();
      await step();
    }
    await page.getByRole('status').filter({ hasText: 'signed out' }).waitFor();
  }

  const { page, context, close } = await visit(browser);
  let completed = 0;
  killer.start();
  try {
    for (; completed < total; completed++) {
      await context.clearCookies();
      await stay(page, ...signIns[completed % signIns.length]);
    }
  } catch (error) {
    const shown = await page.locator('body').innerText();
    throw new Error(`visit ${completed + 1} ended at ${page.url()}: ${shown}`, { cause: error });
  } finally {
    killer.stop();
    t.diagnostic(`${completed} of ${total} visits completed, ${killer.killed} instances killed`);
  }
  assert.ok(killer.killed > total, `${killer.killed} kills`);
  await close();
}

// All servers and sites start before the first test. Otherwise node ends the file after the
// tests that node knows.
const kinds = [];
for (const [where, start] of [
  ['in cookies', async () => undefined],
  ['in PostgreSQL', startPostgres],
  ['in Redis', startRedis],
]) {
  const { url, skip } = await orSkip(start);
  kinds.push({ where, skip, site: skip ? undefined : await startSite(['-instances', '3'], url) });
}

for (const { where, skip, site } of kinds) {
  test(`${total} visits, with sessions ${where}, while instances are killed and restarted`, { skip, timeout: 400_000 },
    (t) => killAndVisit(t, new Killer(site.instances), site));
}
