// pycognito signs in to examples/pool. Most Python programs use this client. pycognito knows
// client secrets, and sends no Session with the proof of a password. pycognito verifies the
// tokens with the keys of the pool.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { startPool } from '../support/pool.js';
import { PyCognito } from '../support/pycognito.js';
import { everyone, randomUsers } from '../support/random.js';
import { clientSecret as secret, password, totp, wrongCode } from '../support/users.js';

const userPoolId = 'eu-central-1_Interop12';
const trackingPoolId = 'eu-central-1_Interop13';
const authFlows = ['ALLOW_USER_SRP_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'];
const many = randomUsers(100);
const email = (name) => ({ email: `${name}@example.com`, email_verified: 'true' });
const roleArn = 'arn:aws:iam::123456789012:role/staff';
const phone = { phone_number: '+15550100123', phone_number_verified: 'true' };

const pool = await startPool({
  pools: [
    {
      id: userPoolId, mfa: 'OPTIONAL', aliasAttributes: ['email'],
      clients: [{ id: 'pycognito', authFlows }, { id: 'pycognitosecret', secret, authFlows }],
      groups: [{ name: 'staff', description: 'The staff', precedence: 3, roleArn }, { name: 'readers' }],
      users: [
        ...many,
        { name: 'plain', password, attributes: email('plain') },
        { name: 'sms', password, attributes: phone, mfa: ['SMS_MFA'] },
        { name: 'totp', password, totpSecret: totp.secret.base32 },
        ...['public', 'secret'].flatMap((kind) => [
          { name: `new-${kind}`, temporaryPassword: password },
          { name: `wants-app-${kind}`, password },
          { name: `forgetful-${kind}`, password, attributes: email(`forgetful-${kind}`) },
          { name: `profile-${kind}`, password, attributes: email(`profile-${kind}`) },
        ]),
      ],
    },
    {
      id: trackingPoolId, mfa: 'OPTIONAL', deviceConfiguration: { challengeRequiredOnNewDevice: true },
      clients: [{ id: 'tracking' }, { id: 'trackingsecret', secret }],
      users: [{ name: 'sms', password, attributes: phone, mfa: ['SMS_MFA'] }, { name: 'plain', password }],
    },
  ],
});
const open = { endpoint: pool.endpoint, userPoolId, clientId: 'pycognito' };
const confidential = { endpoint: pool.endpoint, userPoolId, clientId: 'pycognitosecret', secret };
const python = new PyCognito();

const usernameIn = ({ accessToken }) => JSON.parse(Buffer.from(accessToken.split('.')[1], 'base64url')).username;

async function signsIn(app, username, password) {
  const user = await python.user(app, username);
  await user.signIn(password);
  return user;
}

for (const [kind, app] of [['public', open], ['secret', confidential]]) {
  describe(`pycognito, ${kind} client`, () => {
    test('random names and passwords', (t) => everyone(t, many, async ({ name, password }) => {
      const { tokens } = await signsIn(app, name, password);
      assert.equal(usernameIn(tokens), name);
    }));

    test('the right password, by e-mail address', async () => {
      const { tokens } = await signsIn(app, 'plain@example.com', password);
      assert.equal(usernameIn(tokens), 'plain');
    });

    test('a wrong password', () =>
      assert.rejects(signsIn(app, 'plain', 'Wrong-horse-1'), { name: 'NotAuthorizedException' }));

    test('an unknown user', () =>
      assert.rejects(signsIn(app, 'nobody', password), { name: 'UserNotFoundException' }));

    test('SMS_MFA: a wrong code, then the right one', async () => {
      const user = await python.user(app, 'sms');
      await assert.rejects(user.signIn(password), { name: 'SMSMFAChallengeException' });
      const code = await pool.code('sms');
      await assert.rejects(user.call('respond_to_sms_mfa_challenge', { code: wrongCode(code) }), {
        name: 'CodeMismatchException', message: /Invalid code or auth state for the user\./,
      });
      await user.call('respond_to_sms_mfa_challenge', { code });
      assert.equal(usernameIn(user.tokens), 'sms');
    });

    test('SOFTWARE_TOKEN_MFA: a wrong code, then the right one', async () => {
      const user = await python.user(app, 'totp');
      await assert.rejects(user.signIn(password), { name: 'SoftwareTokenMFAChallengeException' });
      await assert.rejects(user.call('respond_to_software_token_mfa_challenge', { code: wrongCode(totp) }), {
        name: 'CodeMismatchException',
      });
      // Each code works once, and the other client has used the present code.
      const timestamp = Date.now() + (app.secret ? 30_000 : 0);
      await user.call('respond_to_software_token_mfa_challenge', { code: totp.generate({ timestamp }) });
      assert.equal(usernameIn(user.tokens), 'totp');
    });

    test('a set-up of an authenticator app, and a sign-in with the app', async () => {
      const name = `wants-app-${kind}`;
      const user = await signsIn(app, name, password);
      const authenticator = new TOTP({ secret: Secret.fromBase32(await user.call('associate_software_token')) });
      await assert.rejects(user.call('verify_software_token', { code: wrongCode(authenticator) }), {
        name: 'EnableSoftwareTokenMFAException',
      });
      assert.equal(await user.call('verify_software_token', { code: authenticator.generate() }), true);
      await user.call('set_user_mfa_preference', {
        sms_mfa: false, software_token_mfa: true, preferred: 'SOFTWARE_TOKEN',
      });

      const again = await python.user(app, name);
      await assert.rejects(again.signIn(password), { name: 'SoftwareTokenMFAChallengeException' });
      const code = authenticator.generate({ timestamp: Date.now() + 30_000 });
      await again.call('respond_to_software_token_mfa_challenge', { code });
      assert.equal(usernameIn(again.tokens), name);
    });

    test('a new password: a refused password, an accepted password, and a sign-in', async () => {
      const name = `new-${kind}`;
      const user = await python.user(app, name);
      await assert.rejects(user.signIn(password), { name: 'ForceChangePasswordException' });
      const chosen = 'Better-horse-2';
      await assert.rejects(user.call('new_password_challenge', { password, new_password: 'short' }), {
        name: 'InvalidPasswordException',
      });
      await user.call('new_password_challenge', { password, new_password: chosen });
      assert.equal(usernameIn(user.tokens), name);
      await signsIn(app, name, chosen);
    });

    test('refresh', async () => {
      const user = await signsIn(app, 'plain', password);
      const { tokens } = user;
      await user.call('renew_access_token');
      assert.notEqual(user.tokens.accessToken, tokens.accessToken);
      assert.equal(user.tokens.refreshToken, tokens.refreshToken);
      await user.call('verify_tokens');
      await user.call('logout');
    });

    test('sign-up, with a wrong code and the right code', async () => {
      const username = `signed-up-${kind}`;
      const user = await python.user(app, username);
      await user.call('set_base_attributes', { email: `${username}@example.com` });
      const { UserConfirmed, CodeDeliveryDetails } = await user.call('register', { username, password });
      assert.equal(UserConfirmed, false);
      assert.equal(CodeDeliveryDetails.DeliveryMedium, 'EMAIL');

      // The pool does not judge the password of a user who is not confirmed.
      for (const given of [password, 'Wrong-horse-1']) {
        await assert.rejects(user.signIn(given), { name: 'UserNotConfirmedException' });
      }
      const confirmation_code = await pool.code(username);
      await assert.rejects(user.call('confirm_sign_up', { confirmation_code: wrongCode(confirmation_code) }), {
        name: 'CodeMismatchException', message: /Invalid verification code provided, please try again\./,
      });
      await user.call('confirm_sign_up', { confirmation_code });
      await user.signIn(password);
      assert.equal(usernameIn(user.tokens), username);
    });

    test('a forgotten password, after a wrong code', async () => {
      const name = `forgetful-${kind}`;
      const user = await python.user(app, name);
      await user.call('initiate_forgot_password');
      const confirmation_code = await pool.code(name);
      const chosen = 'Better-horse-2';
      const confirm = (code) => user.call('confirm_forgot_password', { confirmation_code: code, password: chosen });
      await assert.rejects(confirm(wrongCode(confirmation_code)), { name: 'CodeMismatchException' });
      await confirm(confirmation_code);
      await user.signIn(chosen);
      await assert.rejects(user.signIn(password), { name: 'NotAuthorizedException' });
    });

    test('an administrator signs a user in, and sees when the user was made', async () => {
      const user = await python.user(app, 'plain');
      await user.call('admin_authenticate', { password });
      assert.equal(usernameIn(user.tokens), 'plain');
      const { user_status, create_date, modified_date } = await user.call('metadata');
      assert.equal(user_status, 'CONFIRMED');
      for (const date of [create_date, modified_date]) assert.ok(Date.parse(date) > 0, `${date}`);
    });

    test('a sign-up with a second code, and a sign-up that an administrator confirms', async () => {
      for (const confirmed of ['by-code', 'by-admin']) {
        const username = `${confirmed}-${kind}`;
        const user = await python.user(app, username);
        await user.call('set_base_attributes', { email: `${username}@example.com` });
        await user.call('add_custom_attributes', { team: 'blue' });
        await user.call('register', { username, password });
        await pool.code(username);
        if (confirmed === 'by-admin') {
          await user.call('admin_confirm_sign_up');
        } else {
          await user.call('resend_confirmation_code', { username });
          await user.call('confirm_sign_up', { confirmation_code: await pool.code(username) });
        }
        await user.signIn(password);
        assert.deepEqual(await user.call('profile'), {
          email: `${username}@example.com`, email_verified: confirmed === 'by-code', 'custom:team': 'blue',
        });
        await assert.rejects(user.call('admin_confirm_sign_up'), {
          name: 'NotAuthorizedException', message: /Current status is CONFIRMED/,
        });
      }
    });

    test('attributes: changed, and an address verified', async () => {
      const name = `profile-${kind}`;
      const user = await signsIn(app, name, password);
      await user.call('update_profile', { attrs: { nickname: 'Al', email: `new-${name}@example.com` } });
      const sent = await pool.code(name);
      assert.deepEqual(await user.call('profile'), {
        email: `new-${name}@example.com`, email_verified: false, nickname: 'Al',
      });
      await user.call('send_verification');
      const confirmation_code = await pool.code(name);
      for (const wrong of [wrongCode(confirmation_code), ...(sent === confirmation_code ? [] : [sent])]) {
        await assert.rejects(user.call('validate_verification', { confirmation_code: wrong }), { name: 'CodeMismatchException' });
      }
      await user.call('validate_verification', { confirmation_code });
      assert.equal((await user.call('profile')).email_verified, true);
      await signsIn(app, `new-${name}@example.com`, password);

      await user.call('save_profile', { nickname: 'Alice' });
      assert.equal((await user.call('profile')).nickname, 'Alice');
      await user.call('save_profile', { admin: true, nickname: 'Ally' });
      await user.call('admin_update_profile', { attrs: { 'custom:team': 'green' } });
      const { nickname, 'custom:team': team } = await user.call('profile');
      assert.deepEqual([nickname, team], ['Ally', 'green']);
    });

    test('a user whom an administrator creates, lists, disables and deletes', async () => {
      const username = `created-${kind}`;
      const user = await python.user(app, username);
      const { User } = await user.call('admin_create_user', {
        username, temporary_password: password, email: `${username}@example.com`,
        additional_kwargs: { DesiredDeliveryMediums: ['EMAIL'] },
      });
      assert.equal(User.UserStatus, 'FORCE_CHANGE_PASSWORD');
      assert.equal(await pool.code(username), password);
      await assert.rejects(user.call('admin_create_user', { username }), {
        name: 'UsernameExistsException', message: /User account already exists/,
      });
      assert.ok((await user.call('usernames')).includes(username)); // the list has more than one page

      const chosen = 'Better-horse-2';
      await user.call('new_password_challenge', { password, new_password: chosen });
      await user.call('admin_disable_user', { username });
      await assert.rejects(user.signIn(chosen), { name: 'NotAuthorizedException', message: /User is disabled\./ });
      await user.call('admin_enable_user', { username });
      await user.signIn(chosen);
      assert.equal(await user.call('check_token'), false);

      await user.call('admin_delete_user');
      await assert.rejects(user.call('metadata'), { name: 'UserNotFoundException' });
    });

    test('passwords: changed, reset by an administrator; the account deleted', async () => {
      const username = `leaves-${kind}`;
      const user = await python.user(app, username);
      await user.call('admin_create_user', {
        username, temporary_password: password, email: `${username}@example.com`, email_verified: 'true',
      });
      await user.call('new_password_challenge', { password, new_password: 'Better-horse-2' });
      const change = (previous_password) => user.call('change_password', { previous_password, proposed_password: 'Best-horse-3' });
      await assert.rejects(change(password), { name: 'NotAuthorizedException', message: /Incorrect username or password\./ });
      await change('Better-horse-2');
      await user.signIn('Best-horse-3');

      await user.call('admin_reset_password', { username });
      const confirmation_code = await pool.code(username);
      await assert.rejects(user.signIn('Best-horse-3'), { name: 'PasswordResetRequiredException' });
      await user.call('confirm_forgot_password', { confirmation_code, password: 'Good-horse-4' });
      await user.signIn('Good-horse-4');
      await user.call('delete_user');
      await assert.rejects(user.signIn('Good-horse-4'), { name: 'UserNotFoundException' });
    });

    test('groups', async () => {
      const username = `profile-${kind}`;
      const user = await python.user(app, username);
      assert.deepEqual(await user.call('groups'), ['staff', 'readers']);
      const { group_name, description, precedence, role_arn } = await user.call('group', { name: 'staff' });
      assert.deepEqual([group_name, description, precedence, role_arn], ['staff', 'The staff', 3, roleArn]);
      await assert.rejects(user.call('group', { name: 'nobodys' }), { name: 'ResourceNotFoundException' });

      for (const group_name of ['readers', 'staff']) await user.call('admin_add_user_to_group', { username, group_name });
      assert.deepEqual(await user.call('admin_list_groups_for_user', { username }), ['staff', 'readers']);
      await user.signIn(password);
      const claims = JSON.parse(Buffer.from(user.tokens.idToken.split('.')[1], 'base64url'));
      assert.deepEqual(claims['cognito:groups'], ['staff', 'readers']);
      assert.equal(claims['cognito:preferred_role'], roleArn);
      await user.call('admin_remove_user_from_group', { username, group_name: 'staff' });
      assert.deepEqual(await user.call('admin_list_groups_for_user', { username }), ['readers']);
    });
  });
}

describe('pycognito, devices', () => {
  const tracking = { endpoint: pool.endpoint, userPoolId: trackingPoolId, clientId: 'tracking' };
  const onDevice = (user, device) => user.call('sign_in_on_device', { password, ...device });

  async function enrolled(user) {
    const { AccessToken: access_token, NewDeviceMetadata: made } = await onDevice(user);
    return user.call('confirm_device', { access_token, key: made.DeviceKey, group_key: made.DeviceGroupKey });
  }

  test('a device proves itself, and a wrong device password does not', async () => {
    const user = await python.user(tracking, 'plain');
    const device = await enrolled(user);
    const { AccessToken, NewDeviceMetadata } = await onDevice(user, device);
    assert.equal(NewDeviceMetadata, undefined);
    const claims = JSON.parse(Buffer.from(AccessToken.split('.')[1], 'base64url'));
    assert.equal(claims.device_key, device.device_key);

    await assert.rejects(onDevice(user, { ...device, device_password: 'AAAA' }), { name: 'NotAuthorizedException' });
  });

  test('twenty devices, each with its own salt, A and B', async (t) => {
    let proved = 0;
    for (let i = 0; i < 20; i++) {
      const user = await python.user(tracking, 'plain');
      if ((await onDevice(user, await enrolled(user))).AccessToken) proved++;
    }
    t.diagnostic(`${proved} of 20 device sign-ins`);
    assert.equal(proved, 20);
  });

  // pycognito sends no SECRET_HASH with answers to device challenges (aws_srp.py 405). For an
  // app client with a client secret, the service requires SECRET_HASH in each answer.
  test('an app client with a client secret refuses the proof of a device', async () => {
    const user = await python.user({ ...tracking, clientId: 'trackingsecret', secret }, 'plain');
    const device = await enrolled(user);
    await assert.rejects(onDevice(user, device), { name: 'NotAuthorizedException', message: /SECRET_HASH/ });
  });

  // pycognito refreshes without DEVICE_KEY (__init__.py 697). In a pool that tracks devices, the
  // service requires DEVICE_KEY.
  test('a pool that tracks devices refuses the refresh', async () => {
    const user = await signsIn(tracking, 'plain', password);
    await assert.rejects(user.call('renew_access_token'), { name: 'NotAuthorizedException' });
  });
});
