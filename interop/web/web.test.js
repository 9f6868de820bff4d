// examples/web in a browser, with its embedded pool.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { test } from 'node:test';
import jsQR from 'jsqr';
import { URI } from 'otpauth';
import { PNG } from 'pngjs';
import { picture, startBrowser, visit } from './browser.js';
import { enterCode, fillIn, heading, password, startSite, wrong } from './site.js';

const site = await startSite();
const stored = await startSite(['-sessions', 'memory']);
const browser = await startBrowser();

async function signIn(page, username, button) {
  await page.goto(`${site.url}/signin`);
  await fillIn(page, username, button);
}

async function signedIn(page, username) {
  await heading(page, `Hello, ${username}`);
}

/** Waits for the page with the text in its summary of problems. */
const problem = (page, text) => page.getByRole('alert').filter({ hasText: text }).waitFor();

test('sign-up, confirmation and sign-in', async () => {
  const { page, close } = await visit(browser);
  await page.goto(site.url);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await heading(page, 'Create an account');
  await picture(page, 'sign-up');

  await page.getByRole('button', { name: 'Create account' }).click();
  await problem(page, 'Fill in: user name');
  await picture(page, 'sign-up-empty');
  assert.equal(await page.getByRole('alert').getByRole('link').count(), 4);

  await page.getByLabel('User name').fill('katherine');
  await page.getByLabel('E-mail address').fill('katherine@example.com');
  await page.getByLabel('Full name').fill('Katherine Johnson');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await problem(page, 'Password');
  await picture(page, 'sign-up-password-refused');
  assert.equal(await page.getByLabel('User name').inputValue(), 'katherine');
  assert.equal(await page.getByLabel('Password').inputValue(), '');

  await page.getByLabel('Password').fill('Hidden-figures-3');
  await page.getByRole('button', { name: 'Create account' }).click();
  await heading(page, 'Confirm your address');
  await picture(page, 'sign-up-code');
  const code = await site.code('katherine');
  await enterCode(page, wrong(code), 'Confirm');
  await problem(page, 'That code is not right');
  await enterCode(page, code, 'Confirm');
  await signedIn(page, 'katherine');
  await picture(page, 'account');
  await close();
});

test('a code by e-mail, and a remembered browser', async () => {
  const { page, context, close } = await visit(browser);
  await page.goto(`${site.url}/signin`);
  await picture(page, 'sign-in');
  await signIn(page, 'ada');
  const code = await site.code('ada');
  await heading(page, 'Enter your code');
  await picture(page, 'code-by-e-mail');
  assert.equal(await page.getByLabel('Code', { exact: true }).getAttribute('autocomplete'), 'one-time-code');
  await enterCode(page, wrong(code));
  await problem(page, 'That code is not right');
  await picture(page, 'code-wrong');
  await page.getByLabel('Remember this browser').check();
  await enterCode(page, code);
  await signedIn(page, 'ada');

  const kept = async () => (await context.cookies()).find(({ name }) => name === '__Host-tokens-0').value;
  const before = await kept();
  await page.getByRole('button', { name: 'Refresh the tokens' }).click();
  await signedIn(page, 'ada');
  assert.notEqual(await kept(), before);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('status').filter({ hasText: 'signed out' }).waitFor();
  await picture(page, 'signed-out');
  await page.goto(site.url);
  assert.equal(new URL(page.url()).pathname, '/signin');

  // The user signs in with the e-mail address. The browser remembers the user, not the name.
  await signIn(page, 'ada@example.com');
  await signedIn(page, 'ada');
  for (const cookie of await context.cookies()) {
    assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite === 'Lax', cookie.name);
    assert.match(cookie.name, /^__Host-/);
  }

  // The device belongs to this browser. Another browser needs a code.
  const other = await visit(browser);
  await signIn(other.page, 'ada');
  await heading(other.page, 'Enter your code');
  await enterCode(other.page, await site.code('ada'));
  await signedIn(other.page, 'ada');
  await other.close();
  await close();
});

test('an authenticator app, set up from the QR code', async () => {
  const { page, close } = await visit(browser);
  await signIn(page, 'edsger');
  await heading(page, 'Add a second step');
  await picture(page, 'set-up-choice');
  await page.getByRole('button', { name: 'Authenticator app' }).click();
  await heading(page, 'Set up your authenticator app');
  await picture(page, 'set-up-authenticator');

  const { data, width, height } = PNG.sync.read(await page.locator('img.qr').screenshot());
  const { data: uri } = jsQR(new Uint8ClampedArray(data), width, height);
  const totp = URI.parse(uri);
  assert.equal(totp.issuer, 'cognitoflow example');
  assert.equal(totp.label, 'edsger');
  assert.equal(totp.secret.base32, await page.locator('code').innerText());

  await enterCode(page, wrong(totp.generate()));
  await problem(page, 'That code is not right');
  await picture(page, 'set-up-wrong-code');
  await enterCode(page, totp.generate());
  await signedIn(page, 'edsger');
  await page.getByRole('button', { name: 'Sign out' }).click();

  await signIn(page, 'edsger');
  await heading(page, 'Enter your code');
  await picture(page, 'code-of-authenticator');
  // A code works once, so the test takes the code after the code of the set-up.
  await enterCode(page, wrong(totp.generate({ timestamp: Date.now() + 30_000 })));
  await problem(page, 'That code is not right');
  await enterCode(page, totp.generate({ timestamp: Date.now() + 30_000 }));
  await signedIn(page, 'edsger');
  await close();
});

test('a new password, with an attribute that is required', async () => {
  const { page, close } = await visit(browser);
  await signIn(page, 'grace');
  await heading(page, 'Choose a new password');
  await picture(page, 'new-password');
  await page.getByLabel('New password').fill('Nanoseconds-11');
  await page.getByRole('button', { name: 'Continue' }).click();
  await problem(page, 'full name');
  await picture(page, 'new-password-incomplete');
  await page.getByLabel('New password').fill('Nanoseconds-11');
  await page.getByLabel('Full name').fill('Grace Hopper');
  await page.getByRole('button', { name: 'Continue' }).click();
  await enterCode(page, await site.code('grace'));
  await signedIn(page, 'grace');
  assert.match(await page.locator('main').innerText(), /Grace Hopper/);
  await close();
});

test('a passkey, and a sign-in with the passkey', async () => {
  const { page, context, close } = await visit(browser);
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
  } });

  await signIn(page, 'ada');
  await enterCode(page, await site.code('ada'));
  await signedIn(page, 'ada');
  await page.getByRole('link', { name: 'Ways to sign in' }).click();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await heading(page, 'Add a passkey');
  await picture(page, 'passkey-add');
  await page.getByRole('button', { name: 'Create a passkey' }).click();
  await heading(page, 'Ways to sign in');
  await page.getByText('Added on').waitFor();
  await picture(page, 'factors-with-passkey');
  await page.getByRole('link', { name: 'Your account' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();

  await signIn(page, 'ada', 'Use a passkey');
  await heading(page, 'Use your passkey');
  await picture(page, 'passkey');
  await page.getByRole('button', { name: 'Continue with passkey' }).click();
  await signedIn(page, 'ada');
  const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
  assert.equal(credentials.length, 1);
  assert.ok(credentials[0].signCount > 1);

  // A passkey replaces a password and a code.
  await page.getByRole('link', { name: 'Secret page' }).click();
  await heading(page, 'Confirm that it is you');
  await page.getByRole('button', { name: 'Continue' }).click();
  await heading(page, 'Choose how to continue');
  await picture(page, 'step-up-choice');
  await page.getByRole('button', { name: 'Passkey' }).click();
  await page.getByRole('button', { name: 'Continue with passkey' }).click();
  await heading(page, 'Secret page');

  await page.goto(`${site.url}/factors`);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('None yet').waitFor();
  await close();
});

test('a forgotten password', async () => {
  const { page, close } = await visit(browser);
  await page.goto(`${site.url}/signin`);
  await page.getByRole('link', { name: 'Forgotten your password?' }).click();
  await heading(page, 'Forgotten password');
  await picture(page, 'forgotten');
  const ask = async (username) => {
    await page.getByLabel('User name').fill(username);
    await page.getByRole('button', { name: 'Send a code' }).click();
    await heading(page, 'Reset your password');
    return (await page.locator('main').innerText()).replaceAll(username, '');
  };
  const unknown = await ask('nobody');
  await page.getByRole('link', { name: 'Start again' }).click();
  assert.equal(await ask('emilie'), unknown, 'the page tells who has an account');
  await picture(page, 'reset');

  const code = await site.code('emilie');
  const reset = async (code, wanted) => {
    await page.getByLabel('Code', { exact: true }).fill(code);
    await page.getByLabel('New password').fill(wanted);
    await page.getByRole('button', { name: 'Set the new password' }).click();
  };
  await reset(wrong(code), 'Principia-1759');
  await problem(page, 'That code was not accepted');
  await picture(page, 'reset-wrong-code');
  await reset(code, 'short');
  await problem(page, 'Password');
  await page.getByRole('button', { name: 'Send another code' }).click();
  await heading(page, 'Reset your password');
  await reset(await site.code('emilie'), 'Principia-1759');
  await enterCode(page, await site.code('emilie')); // the pool asks for the second factor all the same
  await signedIn(page, 'emilie');
  assert.match(await page.locator('main').innerText(), /Émilie du Châtelet/);
  await picture(page, 'account-with-name');
  await close();
});

test('a change of the password', async () => {
  const { page, close } = await visit(browser);
  await signIn(page, 'emilie'); // the reset has changed the password
  await problem(page, 'is not right');
  await page.getByLabel('Password').fill('Principia-1759');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await enterCode(page, await site.code('emilie'));
  await signedIn(page, 'emilie');
  await page.getByRole('link', { name: 'Change your password' }).click();
  await heading(page, 'Change your password');
  await picture(page, 'change-password');
  const change = async (previous, wanted) => {
    await page.getByLabel('Present password').fill(previous);
    await page.getByLabel('New password').fill(wanted);
    await page.getByRole('button', { name: 'Change the password' }).click();
  };
  await change('Wrong-institutions-1', 'Institutions-1740');
  await problem(page, 'not your present password');
  await picture(page, 'change-password-wrong');
  await change('Principia-1759', 'Institutions-1740');
  await heading(page, 'Your password is changed');
  await picture(page, 'password-changed');
  await page.getByRole('link', { name: 'Your account' }).click();
  await signedIn(page, 'emilie');
  await close();
});

test('second factors and remembered browsers', async () => {
  const { page, close } = await visit(browser);
  await signIn(page, 'alan');
  await page.getByRole('button', { name: 'Code by e-mail' }).click();
  await page.getByLabel('Remember this browser').check();
  await enterCode(page, await site.code('alan'));
  await signedIn(page, 'alan');
  await page.getByRole('link', { name: 'Ways to sign in' }).click();
  await heading(page, 'Ways to sign in');
  await page.getByRole('button', { name: 'Prefer: Code by e-mail' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Code by e-mail' }).getByText('Preferred').waitFor();
  await picture(page, 'factors');

  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await heading(page, 'Set up your authenticator app');
  await page.getByLabel('Name of this app').fill('Téléphone d’Alan');
  const { data, width, height } = PNG.sync.read(await page.locator('img.qr').screenshot());
  const totp = URI.parse(jsQR(new Uint8ClampedArray(data), width, height).data);
  assert.equal(totp.label, 'alan@example.com');
  await enterCode(page, wrong(totp.generate()));
  await problem(page, 'That code is not right');
  await picture(page, 'factors-authenticator-wrong-code');
  assert.equal(await page.getByLabel('Name of this app').inputValue(), 'Téléphone d’Alan');
  await enterCode(page, totp.generate());
  await heading(page, 'Ways to sign in');
  await page.getByRole('button', { name: 'Turn off: Authenticator app' }).click();
  await page.getByRole('button', { name: 'Turn on: Authenticator app' }).waitFor();

  await page.getByRole('button', { name: 'Forget' }).click();
  await page.getByRole('status').filter({ hasText: 'This browser is forgotten' }).waitFor();
  await signIn(page, 'alan'); // the pool sends a code in the preferred way again
  await heading(page, 'Enter your code');
  await enterCode(page, await site.code('alan'));
  await signedIn(page, 'alan');
  await page.getByRole('link', { name: 'Ways to sign in' }).click();
  await page.getByRole('button', { name: 'Turn off: Code by e-mail' }).click(); // no preference is left
  await page.getByRole('button', { name: 'Turn on: Code by e-mail' }).click();
  await page.getByRole('button', { name: 'Prefer: Code by e-mail' }).waitFor();
  await close();
});

test('a step-up before the secret page', async () => {
  const { page, close } = await visit(browser);
  await signIn(page, 'ada');
  await enterCode(page, await site.code('ada'));
  await signedIn(page, 'ada');
  await page.getByRole('link', { name: 'Secret page' }).click();
  await heading(page, 'Confirm that it is you');
  await picture(page, 'step-up');
  const begin = async (password) => {
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Password' }).click();
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Continue' }).click();
  };
  await begin('Wrong-password-1');
  await problem(page, 'is not right');
  await picture(page, 'step-up-refused');
  await page.getByRole('link', { name: 'Your account' }).click();
  await signedIn(page, 'ada'); // the user is still signed in

  await page.getByRole('link', { name: 'Secret page' }).click();
  await begin(password);
  await heading(page, 'Enter your code');
  await enterCode(page, await site.code('ada'));
  await heading(page, 'Secret page');
  await picture(page, 'secret');
  await page.goto(`${site.url}/secret`); // without another step-up
  await heading(page, 'Secret page');
  await close();
});

test('a choice of second factors, and of first factors', async () => {
  const { page, close } = await visit(browser);
  await signIn(page, 'alan');
  await heading(page, 'Choose how to continue');
  await picture(page, 'choice-of-second-step');
  await page.getByRole('button', { name: 'Code by text message' }).click();
  await heading(page, 'Enter your code');
  await picture(page, 'code-by-text-message');
  await enterCode(page, await site.code('alan'));
  await signedIn(page, 'alan');
  await page.getByRole('button', { name: 'Sign out' }).click();

  await signIn(page, 'alan', 'More ways to sign in');
  await heading(page, 'Choose how to continue');
  await picture(page, 'choice-of-first-step');
  await page.getByRole('button', { name: 'Password' }).click();
  await heading(page, 'Enter your password');
  await picture(page, 'password');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Continue' }).click();
  await heading(page, 'Choose how to continue');
  await close();
});

test('a question of the pool', async () => {
  const { page, close } = await visit(browser);
  await signIn(page, 'ada', 'Answer a question');
  await heading(page, 'One more question');
  await picture(page, 'question');
  await page.getByLabel('mascot').fill('gopher');
  await page.getByRole('button', { name: 'Continue' }).click();
  await signedIn(page, 'ada');
  await close();
});

test('without JavaScript', async () => {
  const { page, close } = await visit(browser, { javaScriptEnabled: false });
  await signIn(page, 'ada');
  await enterCode(page, await site.code('ada'));
  await signedIn(page, 'ada');
  await page.getByRole('link', { name: 'Ways to sign in' }).click();
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await heading(page, 'Set up your authenticator app');
  await page.goto(`${site.url}/secret`);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('button', { name: 'Password' }).click();
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Continue' }).click();
  await enterCode(page, await site.code('ada'));
  await heading(page, 'Secret page');
  await close();
});

test('another browser\'s prompt is refused', async () => {
  const [mine, theirs] = [await visit(browser), await visit(browser)];
  for (const { page } of [mine, theirs]) await signIn(page, 'ada');
  await site.code('ada'); // the code of this browser
  const theirCode = await site.code('ada');

  const stolen = await theirs.page.locator('[name=prompt]').inputValue();
  await mine.page.locator('[name=prompt]').evaluate((input, value) => { input.value = value; }, stolen);
  await enterCode(mine.page, theirCode);
  await heading(mine.page, 'Not accepted');
  await picture(mine.page, 'refused');

  await enterCode(theirs.page, theirCode); // the other browser can still use its code
  await signedIn(theirs.page, 'ada');
  for (const { close } of [mine, theirs]) await close();
});

test('with sessions in a store, signed out everywhere', async () => {
  const [phone, desk] = [await visit(browser), await visit(browser)];
  for (const { page } of [phone, desk]) {
    await page.goto(`${stored.url}/signin`);
    await fillIn(page, 'ada');
    await enterCode(page, await stored.code('ada'));
    await signedIn(page, 'ada');
  }
  await picture(desk.page, 'account-in-a-store');
  const size = (await desk.context.cookies()).reduce((sum, { name, value }) => sum + name.length + value.length, 0);
  assert.ok(size < 200, `cookies of ${size} bytes`);
  await desk.page.getByRole('button', { name: 'Sign out everywhere' }).click();
  for (const { page } of [phone, desk]) {
    await page.goto(stored.url);
    await heading(page, 'Sign in');
  }
  for (const { close } of [phone, desk]) await close();
});

test('a form of another site is refused', async () => {
  const other = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<form method="post" action="${site.url}/signout"><button>Win a prize</button></form>`);
  }).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { page, close } = await visit(browser);
  await signIn(page, 'ada');
  await enterCode(page, await site.code('ada'));
  await signedIn(page, 'ada');
  await page.goto(`http://127.0.0.1:${other.address().port}/`);
  await page.getByRole('button').click();
  await heading(page, 'Not accepted');
  await page.goto(site.url);
  await signedIn(page, 'ada');
  other.close();
  await close();
});
