// Chromium, and the checks for each page of examples/web.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const artefacts = fileURLToPath(new URL('../artefacts/', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Starts the browser and stops it after the file's tests. */
export async function startBrowser() {
  mkdirSync(artefacts, { recursive: true });
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  after(() => browser.close());
  return browser;
}

/**
 * Opens a separate browser session, which collects errors.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} options
 */
export async function visit(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 720, height: 860 }, ...options });
  context.setDefaultTimeout(15_000);
  const wrong = [];
  context.on('request', (request) => {
    // Values of a form belong in the body of a request, not in the URL.
    if (new URL(request.url()).search) wrong.push(`query in ${request.url()}`);
  });
  context.on('console', (message) => {
    // Chromium reports statuses such as 422 as errors. The site uses 422 for a form with a problem.
    const status = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !status) wrong.push(message.text());
  });
  context.on('weberror', (error) => wrong.push(String(error.error())));
  const page = await context.newPage();
  return {
    context,
    page,
    async close() {
      await context.close();
      assert.deepEqual(wrong, []);
    },
  };
}

/**
 * Keeps pictures of a page in light and dark colours. Checks the page with axe, and on the width of a phone.
 *
 * @param {import('playwright-core').Page} page
 * @param {string} name
 */
export async function picture(page, name) {
  const violations = [];
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${artefacts}${name}-${colorScheme}.png`, fullPage: true });
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run());
    violations.push(...found.violations.map((v) => `${colorScheme}: ${v.id}: ${v.nodes[0].failureSummary}`));
  }
  await page.emulateMedia({ colorScheme: null });
  const wide = page.viewportSize();
  await page.setViewportSize({ width: 320, height: wide.height });
  const needed = await page.evaluate(() => document.documentElement.scrollWidth);
  if (needed > 320) violations.push(`${needed} pixels wide on a screen of 320`);
  await page.setViewportSize(wide);
  assert.deepEqual(violations, [], name);
}
