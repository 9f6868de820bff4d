// The program live makes pools in ministack, a server of another project. The list below has a
// reason for each answer that differs from package cognitotest.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { credentials, startMinistack } from '../support/ministack.js';
import { built, runToEnd } from '../support/program.js';

// Codes of an app work once, so the program waits for the next code.
const limit = 180_000;

/** The differences of ministack: names of probes, the answer, and the reason. */
const differences = [
  [/^(chain-(admin-)?user-auth-|level-|course-step-up$|session-under-user-auth$|choice-without-password$)/,
    /Unsupported AuthFlow: USER_AUTH/, 'ministack has no USER_AUTH'],
  [/^chain-.*device-srp-auth/, /-> tokens$/, 'ministack tracks no devices'],
  [/^device-/, /NewDeviceMetadata/, 'ministack tracks no devices'],
  [/^chain-.*new-password-required-wrong-/, /NEW_PASSWORD_REQUIRED -> tokens$/,
    'ministack takes any new password, and forgets the app of a user with a temporary one'],
  [/^chain-.*mfa-setup$/, /-> tokens$/, 'ministack does not ask for MFA_SETUP'],
  [/^totp-used$/, /^tokens; then/, 'ministack takes a code of an app twice'],
  [/^(course-rotation|refresh-|grace-)/, /tokens/, 'ministack rotates no refresh tokens'],
  [/^deleted-user$/, /^NotAuthorized/, 'ministack says that the user was deleted'],
  [/^custom-(srp-)?without-triggers$/, /^CUSTOM_CHALLENGE$/, 'ministack asks without a trigger'],
  [/^user-sub$/, /^accepted$/, 'ministack changes each attribute'],
  [/^user-address-deleted$/, /Unknown Cognito IDP action/, 'ministack deletes no attributes'],
  [/^group-twice$/, /^GroupExists/, 'ministack has a text of its own'],
  [/^(user|group|member)-pages$/, /^pages of 61: accepted/, 'ministack has no limit of a page, and lists groups by their names'],
  [/^user-filters$/, /upper case after =: 1 found/, 'ministack finds addresses in upper case'],
  [/^user-empty-required$/, /by an administrator: empty/, 'ministack takes an empty value'],
  [/^group-claims$/, /c_without, d_third/, 'ministack has an order of its own'],
  [/^client-two-origins$/, /^accepted$/, 'ministack does not know ClientSecret of CreateUserPoolClient'],
  [/^client-.*secret/, /Unknown Cognito IDP action/, 'ministack has one secret for an app client'],
];

/** The probes with the same answer in ministack and in the pool. */
const same = [
  'chain-user-srp-auth-password-verifier', 'chain-user-password-auth', 'chain-admin-admin-user-password-auth',
  'chain-user-srp-auth-password-verifier-new-password-required', 'chain-refresh-token-auth',
  'chain-user-srp-auth-password-verifier-software-token-mfa-wrong-software-token-mfa',
  'course-client-secret', 'course-revoke', 'course-global-sign-out', 'totp-wrong', 'timestamp-far', 'previous-password',
];

test('each difference of ministack has a reason, and the program deletes all that it made', async () => {
  const { endpoint } = await startMinistack();
  const run = (...args) => runToEnd(built('live'), [
    '-region', 'eu-central-1', '-endpoint', endpoint, '-access-key', credentials.accessKeyId, ...args,
  ], { limit });

  const { code, stdout, stderr } = await run('-yes', '-json', '-parallel', '8');
  const results = JSON.parse(stdout);

  assert.deepEqual(results.filter(({ outcome }) => outcome === 'failed'), []);
  assert.equal(code, 1, stderr); // some answers differ from the defaults
  for (const name of same) assert.equal(results.find((result) => result.name === name)?.outcome, 'same', name);

  const used = new Set();
  const unexplained = [];
  for (const { name, answer } of results.filter(({ outcome }) => outcome === 'differs')) {
    const reason = differences.find(([names, answers]) => names.test(name) && answers.test(answer));
    if (reason) used.add(reason);
    else unexplained.push(`${name}: ${answer}`);
  }
  assert.deepEqual(unexplained, []);
  assert.deepEqual(differences.filter((reason) => !used.has(reason)).map(([, , why]) => why), []);

  const cleaned = await run('-yes', '-clean');
  assert.equal(cleaned.stdout, '0 pools deleted\n', cleaned.stderr);
});
