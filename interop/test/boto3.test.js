// boto3, the AWS SDK for Python, calls the operations on accounts, users and groups at
// examples/pool. The model in botocore validates each answer.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Boto3 } from '../support/boto3.js';
import { startPool } from '../support/pool.js';
import { password, totp, wrongCode } from '../support/users.js';

const UserPoolId = 'eu-central-1_Interop31';
const ClientId = 'boto3';
const roleArn = 'arn:aws:iam::123456789012:role/staff';
const verified = (name) => ({ email: `${name}@example.com`, email_verified: 'true' });

const pool = await startPool({
  pools: [{
    id: UserPoolId, mfa: 'OPTIONAL', aliasAttributes: ['email', 'phone_number'],
    clients: [{ id: ClientId, authFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] }],
    users: [
      { name: 'account', password, attributes: verified('account') },
      { name: 'leaves', password, attributes: verified('leaves') },
      { name: 'admin-led', password, attributes: { ...verified('admin-led'), phone_number: '+15550100123' } },
      { name: 'totp', password, totpSecret: totp.secret.base32 },
    ],
  }],
});
const boto3 = new Boto3(pool.endpoint);

const list = (attributes) => Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));
const attributesOf = (attributes) => Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]));
const admin = (method, Username, more = {}) => boto3.call(method, { UserPoolId, Username, ...more });
const inPool = (method, more = {}) => boto3.call(method, { UserPoolId, ...more });

async function signIn(USERNAME, PASSWORD = password) {
  const { AuthenticationResult } = await boto3.call('initiate_auth', {
    ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME, PASSWORD },
  });
  return AuthenticationResult;
}

const claims = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));

describe('boto3, a user', () => {
  test('factors, and the password changed', async () => {
    const { AccessToken } = await signIn('account');
    assert.deepEqual(await boto3.call('get_user_auth_factors', { AccessToken }), {
      Username: 'account', ConfiguredUserAuthFactors: ['PASSWORD'],
    });
    const change = (PreviousPassword, ProposedPassword) =>
      boto3.call('change_password', { AccessToken, PreviousPassword, ProposedPassword });
    await assert.rejects(change('Wrong-horse-1', 'Better-horse-2'), { name: 'NotAuthorizedException' });
    await assert.rejects(change(password, 'short'), {
      name: 'InvalidPasswordException', message: /Password does not conform to policy: Password not long enough/,
    });
    await change(password, 'Better-horse-2');
    await signIn('account', 'Better-horse-2');
    await change('Better-horse-2', password);
  });

  test('attributes: changed, verified, deleted', async () => {
    const { AccessToken } = await signIn('account');
    const { CodeDeliveryDetailsList } = await boto3.call('update_user_attributes', {
      AccessToken, UserAttributes: list({ phone_number: '+15550100124', nickname: 'Al' }),
    });
    assert.deepEqual(CodeDeliveryDetailsList.map(({ AttributeName, DeliveryMedium }) => [AttributeName, DeliveryMedium]), [['phone_number', 'SMS']]);
    await pool.code('account');
    await boto3.call('get_user_attribute_verification_code', { AccessToken, AttributeName: 'phone_number' });
    const Code = await pool.code('account');
    const verify = (Code) => boto3.call('verify_user_attribute', { AccessToken, AttributeName: 'phone_number', Code });
    await assert.rejects(verify(wrongCode(Code)), { name: 'CodeMismatchException' });
    await verify(Code);
    await signIn('+15550100124');
    await boto3.call('delete_user_attributes', { AccessToken, UserAttributeNames: ['nickname', 'phone_number'] });
    const { UserAttributes } = await boto3.call('get_user', { AccessToken });
    assert.deepEqual(Object.keys(attributesOf(UserAttributes)).sort(), ['email', 'email_verified', 'sub']);
    await assert.rejects(boto3.call('update_user_attributes', { AccessToken, UserAttributes: list({ email_verified: 'true' }) }), {
      name: 'NotAuthorizedException', message: /A client attempted to write unauthorized attribute/,
    });
  });

  test('the account deleted', async () => {
    const { AccessToken } = await signIn('leaves');
    await boto3.call('delete_user', { AccessToken });
    await assert.rejects(boto3.call('get_user', { AccessToken }), { name: 'UserNotFoundException', message: /User does not exist\./ });
  });
});

describe('boto3, an administrator', () => {
  test('a user created, invited again, and deleted', async () => {
    const { User } = await admin('admin_create_user', 'created', {
      UserAttributes: list(verified('created')), TemporaryPassword: password, DesiredDeliveryMediums: ['EMAIL'],
    });
    assert.equal(User.UserStatus, 'FORCE_CHANGE_PASSWORD');
    assert.equal(await pool.code('created'), password);
    await admin('admin_create_user', 'created', { MessageAction: 'RESEND', DesiredDeliveryMediums: ['EMAIL'] });
    assert.notEqual(await pool.code('created'), password);
    await assert.rejects(admin('admin_create_user', 'created'), { name: 'UsernameExistsException' });
    await admin('admin_set_user_password', 'created', { Password: 'Better-horse-2', Permanent: true });
    await signIn('created@example.com', 'Better-horse-2');
    await admin('admin_delete_user', 'created');
    await assert.rejects(admin('admin_get_user', 'created'), { name: 'UserNotFoundException' });
  });

  test('a sign-up confirmed', async () => {
    await boto3.call('sign_up', { ClientId, Username: 'signed-up', Password: password, UserAttributes: list({ email: 's@example.com' }) });
    await admin('admin_confirm_sign_up', 'signed-up');
    await signIn('signed-up');
  });

  test('attributes, factors and states of a user', async () => {
    await admin('admin_update_user_attributes', 'admin-led', { UserAttributes: list({ 'custom:team': 'blue', phone_number_verified: 'true' }) });
    await admin('admin_set_user_mfa_preference', 'admin-led', { SMSMfaSettings: { Enabled: true, PreferredMfa: true } });
    const told = await admin('admin_get_user', 'admin-led');
    assert.deepEqual([told.PreferredMfaSetting, told.UserMFASettingList], ['SMS_MFA', ['SMS_MFA']]);
    await admin('admin_set_user_mfa_preference', 'admin-led', { SMSMfaSettings: { Enabled: false } });
    await admin('admin_delete_user_attributes', 'admin-led', { UserAttributeNames: ['custom:team', 'phone_number'] });
    assert.deepEqual(attributesOf((await admin('admin_get_user', 'admin-led')).UserAttributes).phone_number, undefined);
    assert.deepEqual(await admin('admin_get_user_auth_factors', 'totp'), {
      Username: 'totp', UserMFASettingList: ['SOFTWARE_TOKEN_MFA'], ConfiguredUserAuthFactors: ['PASSWORD', 'SOFTWARE_TOKEN'],
    });

    await admin('admin_disable_user', 'admin-led');
    await assert.rejects(signIn('admin-led'), { name: 'NotAuthorizedException', message: /User is disabled\./ });
    await admin('admin_enable_user', 'admin-led');
    await admin('admin_reset_user_password', 'admin-led');
    const ConfirmationCode = await pool.code('admin-led');
    await assert.rejects(signIn('admin-led'), { name: 'PasswordResetRequiredException' });
    await boto3.call('confirm_forgot_password', { ClientId, Username: 'admin-led', ConfirmationCode, Password: 'Better-horse-2' });
    await signIn('admin-led', 'Better-horse-2');
  });

  test('users listed: pages, filters, refusals', async () => {
    const names = [];
    for (let PaginationToken; ;) {
      const page = await inPool('list_users', { Limit: 2, ...(PaginationToken && { PaginationToken }) });
      names.push(...page.Users.map(({ Username }) => Username));
      if (!(PaginationToken = page.PaginationToken)) break;
    }
    assert.deepEqual(names, ['account', 'admin-led', 'totp', 'signed-up']);
    const filtered = await inPool('list_users', { Filter: 'email ^= "admin-"', AttributesToGet: ['email'] });
    assert.deepEqual(filtered.Users.map(({ Attributes }) => attributesOf(Attributes)), [{ email: 'admin-led@example.com' }]);
    await assert.rejects(inPool('list_users', { Filter: 'foo' }), { name: 'InvalidParameterException', message: /Error while parsing filter\./ });
    await assert.rejects(inPool('list_users', { Limit: 100 }), { name: 'InvalidParameterException', message: /less than or equal to 60/ });
  });

  test('groups and their members', async () => {
    const { Group } = await inPool('create_group', { GroupName: 'staff', RoleArn: roleArn });
    assert.deepEqual([Group.GroupName, Group.UserPoolId, Group.RoleArn, Group.Precedence], ['staff', UserPoolId, roleArn, undefined]);
    await assert.rejects(inPool('create_group', { GroupName: 'staff' }), { name: 'GroupExistsException' });
    await inPool('update_group', { GroupName: 'staff', Precedence: 0, Description: 'The staff' });
    assert.equal((await inPool('get_group', { GroupName: 'staff' })).Group.Precedence, 0);
    await admin('admin_add_user_to_group', 'account', { GroupName: 'staff' });
    assert.deepEqual((await inPool('list_users_in_group', { GroupName: 'staff' })).Users.map(({ Username }) => Username), ['account']);
    assert.deepEqual((await admin('admin_list_groups_for_user', 'account')).Groups.map(({ GroupName }) => GroupName), ['staff']);
    const { IdToken } = await signIn('account');
    assert.deepEqual([claims(IdToken)['cognito:groups'], claims(IdToken)['cognito:preferred_role']], [['staff'], roleArn]);
    await admin('admin_remove_user_from_group', 'account', { GroupName: 'staff' });
    await inPool('delete_group', { GroupName: 'staff' });
    assert.deepEqual(await inPool('list_groups'), { Groups: [] });
  });
});

// The operations that this file must call.
test('boto3: the tests call each operation', () => {
  const expected = [
    'change_password', 'get_user_auth_factors', 'admin_get_user_auth_factors', 'update_user_attributes',
    'get_user_attribute_verification_code', 'verify_user_attribute', 'delete_user', 'delete_user_attributes',
    'admin_create_user', 'admin_set_user_password', 'admin_confirm_sign_up', 'admin_delete_user', 'list_users',
    'admin_update_user_attributes', 'admin_delete_user_attributes', 'admin_enable_user', 'admin_disable_user',
    'admin_reset_user_password', 'admin_set_user_mfa_preference', 'create_group', 'get_group', 'update_group',
    'delete_group', 'list_groups', 'admin_add_user_to_group', 'admin_remove_user_from_group',
    'admin_list_groups_for_user', 'list_users_in_group',
  ];
  assert.deepEqual(expected.filter((method) => !boto3.called.has(method)), []);
});
