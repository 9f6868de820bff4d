// examples/api and its OpenAPI document. A validator of another project reads the document, and
// ajv validates each request and each response against the document.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Secret, TOTP } from 'otpauth';
import { Mailbox } from '../support/mailbox.js';
import { built, Program } from '../support/program.js';
import { form, validatorsIn } from '../support/schema.js';

const password = 'Demo-password-1'; // the program prints the password

const mailbox = new Mailbox();
let ready;
const program = new Program(built('api'), ['-listen', '127.0.0.1:0'], {
  onLine(line) {
    const code = line.match(/^Code for (\w+), .*: (\d+)$/);
    if (code) mailbox.deliver(code[1], code[2]);
    const served = line.match(/^Serving (http:\S+)\/$/);
    if (served) ready(served[1]);
  },
});
after(() => program.stop());
const url = await program.wait('address', (resolve) => { ready = resolve; });

const read = async (path) => (await fetch(url + path)).json();
const document = await read('/openapi.json');
const validators = validatorsIn(document);
const seen = new Set(); // the operations and statuses of this test

/** A front end in a browser, which keeps cookies. */
class FrontEnd {
  #cookies = new Map();
  #last;

  async post(path, body, status = 200) {
    const { post } = document.paths[path];
    const isRequest = validators(post.requestBody.content['application/json'].schema);
    if (status !== 400) assert.ok(isRequest(body), isRequest.problems());
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; ') },
      body: JSON.stringify(body),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      this.#cookies.set(name, value);
    }
    const reply = await response.json();
    assert.equal(response.status, status, JSON.stringify(reply));
    const described = post.responses[status];
    assert.ok(described, `${path}: status ${status} is not in the document`);
    const isReply = validators(described.content[response.headers.get('Content-Type')].schema);
    assert.ok(isReply(reply), `${path}, ${status}: ${isReply.problems()}`);
    seen.add(`${post.operationId} ${status}`);
    if (reply.prompt) this.#last = reply.prompt;
    return reply;
  }

  signIn(username, rest = { password }, status) {
    return this.post('/signin', { username, ...rest }, status);
  }

  answer(answer, status) {
    return this.post('/answer', { prompt: this.#last, answer: { version: 1, ...answer } }, status);
  }
}

const sent = (username) => mailbox.take(program, username);

describe('examples/api', () => {
  test('the document is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    await validator.addSpecRef(structuredClone(form), 'schema.json');
    const result = await validator.validate(structuredClone(document));
    assert.ok(result.valid, JSON.stringify(result.errors));
    assert.deepEqual(await read('/schema.json'), form);
  });

  test('a wrong code, the right code, and a remembered browser', async () => {
    const browser = new FrontEnd();
    const { challenge } = await browser.signIn('ada');
    assert.deepEqual(challenge.answerWith, ['code']);
    const code = await sent('ada');
    const refused = await browser.answer({ code: code === '123456' ? '654321' : '123456' }, 422);
    assert.equal(refused.error.code, 'wrong_answer');
    assert.equal(refused.challenge.attempt, 1);
    assert.equal((await browser.answer({ code })).signedIn.username, 'ada');
    assert.equal((await browser.signIn('ada')).signedIn.username, 'ada');
  });

  test('a choice, and a choice that the pool does not offer', async () => {
    const browser = new FrontEnd();
    const { challenge } = await browser.signIn('alan');
    assert.deepEqual([...challenge.choices].sort(), ['EMAIL_OTP', 'SMS_MFA']);
    await browser.answer({ choice: 'SOFTWARE_TOKEN_MFA' }, 422);
    await browser.answer({ choice: 'SMS_MFA' });
    assert.ok((await browser.answer({ code: await sent('alan') })).signedIn);
  });

  test('an authenticator app is set up', async () => {
    const browser = new FrontEnd();
    let { challenge } = await browser.signIn('edsger');
    if (challenge.choices) ({ challenge } = await browser.answer({ choice: 'SOFTWARE_TOKEN_MFA' }));
    const app = new TOTP({ secret: Secret.fromBase32(challenge.totp.secret) });
    assert.equal(new URL(challenge.totp.uri).searchParams.get('secret'), challenge.totp.secret);
    assert.equal((await browser.answer({ code: app.generate() })).signedIn.username, 'edsger');
  });

  test('a new password, with an attribute', async () => {
    const browser = new FrontEnd();
    const { challenge } = await browser.signIn('grace');
    assert.deepEqual(challenge.requiredAttributes, ['name']);
    await browser.answer({ newPassword: 'Nanoseconds-11' }, 422);
    await browser.answer({ newPassword: 'short', attributes: { name: 'Grace Hopper' } }, 422);
    const next = await browser.answer({ newPassword: 'Nanoseconds-11', attributes: { name: 'Grace Hopper' } });
    assert.equal(next.challenge.name, 'EMAIL_OTP');
    assert.ok((await browser.answer({ code: await sent('grace') })).signedIn);
  });

  test('a first factor without a password', async () => {
    const browser = new FrontEnd();
    const { challenge } = await browser.signIn('ada', {});
    assert.ok(challenge.choices.includes('PASSWORD_SRP'), challenge.choices);
    await browser.answer({ choice: 'PASSWORD_SRP' }, 422);
    assert.equal((await browser.answer({ choice: 'PASSWORD_SRP', password })).challenge.name, 'EMAIL_OTP');
    await sent('ada');
    await browser.signIn('ada', { preferred: 'EMAIL_OTP' });
    assert.ok((await browser.answer({ code: await sent('ada') })).signedIn);
  });

  test('refused requests', async () => {
    const browser = new FrontEnd();
    assert.equal((await browser.signIn('ada', { password: 'wrong' }, 403)).error.remedy, 'check_credentials');
    await browser.post('/signin', { username: 1 }, 400);
    await browser.signIn('ada');
    await browser.answer({ code: await sent('ada'), more: 'x' }, 400);
    await browser.post('/answer', { prompt: 'x', answer: { version: 1, code: '123456' } }, 403);
  });

  test('refresh and sign-out', async () => {
    const browser = new FrontEnd();
    await browser.signIn('ada');
    const { signedIn: { session } } = await browser.answer({ code: await sent('ada') });
    const { signedIn: fresh } = await browser.post('/refresh', { session });
    await browser.post('/signout', { session: fresh.session });
    await browser.post('/refresh', { session: fresh.session }, 401);
    await browser.post('/refresh', { session: 'sealed by nobody' }, 403);
    await browser.post('/signout', { session: 'x' }, 403);
    for (const path of ['/refresh', '/signout']) await browser.post(path, { session: 1 }, 400);
  });

  // The other statuses need a service that fails, or a body of 32 KiB.
  test('the tests have met each status of the document', () => {
    const rare = ['413', '500', '503'];
    const documented = Object.values(document.paths).filter(({ post }) => post).flatMap(({ post }) =>
      Object.keys(post.responses).filter((status) => !rare.includes(status)).map((status) => `${post.operationId} ${status}`));
    assert.deepEqual(documented.filter((each) => !seen.has(each) && each !== 'signIn 422'), []);
  });
});
