// The JSON Schema of package frontend against the challenges and answers of its Go tests. The
// schema allows all JSON that the package writes and reads, and no other JSON. The validator is
// ajv.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { form, validatorOf } from '../support/schema.js';

const shared = (name) => JSON.parse(readFileSync(new URL(`../../frontend/testdata/${name}.json`, import.meta.url)));
const cases = shared('cases');
const limits = shared('limits');
const isChallenge = validatorOf('challenge');
const isAnswer = validatorOf('answer');
const isError = validatorOf('error');

describe('the schema of package frontend', () => {
  for (const { what, json, answers, refused = [] } of cases) {
    test(`${json.name}: ${what}`, () => {
      assert.ok(isChallenge(json), isChallenge.problems());
      for (const answer of answers) assert.ok(isAnswer(answer.json), isAnswer.problems());
      for (const { text, code, beyondSchema = false } of refused) {
        // An answer that does not fit this challenge may fit another challenge.
        if (code === 'malformed') assert.equal(isAnswer(parsed(text)), beyondSchema, text);
      }
    });
  }

  test('an incomplete challenge', () => {
    const whole = cases.find(({ json }) => json.name === 'WEB_AUTHN').json;
    for (const name of ['version', 'name', 'answerWith', 'attempt', 'passkeyRequest']) {
      const { [name]: _, ...rest } = whole;
      assert.ok(!isChallenge(rest), `without ${name}`);
    }
    for (const change of [
      { version: 2 }, { name: '' }, { answerWith: [] }, { answerWith: ['session'] }, { attempt: -1 }, { passkeyRequest: '{}' },
      { noAnswerNeeded: true }, { delivery: 'EMAIL' }, { choices: 'EMAIL_OTP' }, { totp: {} }, { parameters: { a: 1 } }, { session: 'x' },
    ]) {
      assert.ok(!isChallenge({ ...whole, ...change }), JSON.stringify(change));
    }
  });

  // The longest value, and a value with one more character. A letter outside the basic plane is
  // one character.
  test('limits of an answer', () => {
    const letter = '\u{1F511}';
    const parts = {
      characters: (size) => letter.repeat(size),
      name: (size) => ({ [letter.repeat(size)]: '' }),
      value: (size) => ({ name: letter.repeat(size) }),
      members: (size) => Object.fromEntries(Array.from({ length: size }, (_, i) => [`${i}`, ''])),
    };
    for (const { member, most, of } of limits) {
      const answer = (size) => ({ version: 1, ...(member === 'attributes' && { newPassword: 'x' }), [member]: parts[of](size) });
      assert.ok(isAnswer(answer(most)), isAnswer.problems());
      assert.ok(!isAnswer(answer(most + 1)), `${member}, ${most} ${of} and one more`);
    }
  });

  test('errors', () => {
    const whole = { version: 1, code: 'wrong_answer', remedy: 'answer_prompt', message: 'Invalid code.', answerable: true };
    assert.ok(isError(whole), isError.problems());
    assert.ok(isError({ version: 1, code: 'internal', answerable: false }), isError.problems());
    for (const change of [{ version: 2 }, { code: 'Wrong' }, { remedy: '' }, { message: '' }, { answerable: 'yes' }, { operation: 'InitiateAuth' }]) {
      assert.ok(!isError({ ...whole, ...change }), JSON.stringify(change));
    }
  });

  test('every member is described', () => {
    const undescribed = [];
    (function walk(schema, path) {
      for (const [name, part] of Object.entries(schema.properties ?? {})) {
        if (part.type && !part.description && !part.title) undescribed.push(`${path}.${name}`);
        walk(part, `${path}.${name}`);
      }
    })({ properties: Object.fromEntries(Object.entries(form.$defs)) }, '');
    assert.deepEqual(undescribed, []);
  });
});

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the file is no answer
  }
}
