// The AWS CLI makes a pool in examples/pool and manages its users.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../support/directory.js';
import { startPool } from '../support/pool.js';
import { runToEnd } from '../support/program.js';
import { python } from '../support/python.js';
import { password } from '../support/users.js';

const pool = await startPool({ pools: [{ id: 'eu-central-1_Interop42', clients: [{ id: 'awscli' }] }] });
const home = temporaryDirectory('aws-cli'); // has no configuration
const env = {
  AWS_ENDPOINT_URL: pool.endpoint, AWS_DEFAULT_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIAINTEROPINTEROP00',
  AWS_SECRET_ACCESS_KEY: 'a key of nobody', AWS_MAX_ATTEMPTS: '1', AWS_PAGER: '', AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: join(home, 'config'), AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'), PYTHONDONTWRITEBYTECODE: '1',
};
const commands = new Set();

const aws = (command, options) => {
  commands.add(command);
  return runToEnd(python, ['-m', 'awscli', 'cognito-idp', command, '--output', 'json', ...options], { env });
};

/** Runs a command, and returns the JSON that the command prints, or undefined. */
async function run(command, ...options) {
  const { code, stdout, stderr } = await aws(command, options);
  assert.equal(code, 0, stderr);
  return stdout === '' ? undefined : JSON.parse(stdout);
}

async function refused(exception, command, ...options) {
  const { code, stdout, stderr } = await aws(command, options);
  assert.notEqual(code, 0);
  assert.equal(stdout, '');
  assert.match(stderr, new RegExp(`\\(${exception}\\)`));
}

const values = (attributes) => Object.fromEntries(attributes.map(({ Name, Value }) => [Name, Value]));

test('the AWS CLI makes a pool, an app client with a secret, users and groups, and deletes all', async (t) => {
  const { UserPool } = await run('create-user-pool', '--pool-name', 'by hand', '--alias-attributes', 'email',
    '--policies', 'PasswordPolicy={MinimumLength=12}');
  const inPool = ['--user-pool-id', UserPool.Id];
  assert.equal(UserPool.Name, 'by hand');
  assert.match(UserPool.Id, /^eu-central-1_\w+$/);
  assert.deepEqual(UserPool.AliasAttributes, ['email']);

  const { UserPoolClient: app } = await run('create-user-pool-client', ...inPool, '--client-name', 'app', '--generate-secret',
    '--explicit-auth-flows', 'ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH');
  assert.ok(app.ClientSecret.length >= 24);
  const ofApp = [...inPool, '--client-id', app.ClientId];
  const shown = await run('describe-user-pool-client', ...ofApp);
  assert.deepEqual(shown.UserPoolClient.ExplicitAuthFlows, ['ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH']);
  assert.equal(shown.UserPoolClient.ClientSecret, app.ClientSecret);
  const { UserPoolClients } = await run('list-user-pool-clients', ...inPool);
  assert.deepEqual(UserPoolClients.map(({ ClientId, ClientName }) => [ClientId, ClientName]), [[app.ClientId, 'app']]);

  const alice = [...inPool, '--username', 'alice'];
  const { User } = await run('admin-create-user', ...alice, '--temporary-password', 'Temporary-horse-1',
    '--message-action', 'SUPPRESS', '--user-attributes', 'Name=email,Value=alice@example.com', 'Name=email_verified,Value=true');
  assert.equal(User.UserStatus, 'FORCE_CHANGE_PASSWORD');
  await refused('UsernameExistsException', 'admin-create-user', ...alice);
  await refused('InvalidPasswordException', 'admin-set-user-password', ...alice, '--password', 'Short-1', '--permanent');
  await run('admin-set-user-password', ...alice, '--password', password, '--permanent');

  const hash = createHmac('sha256', app.ClientSecret).update(`alice${app.ClientId}`).digest('base64');
  const signIn = [...ofApp, '--auth-flow', 'ADMIN_USER_PASSWORD_AUTH', '--auth-parameters'];
  const { AuthenticationResult } = await run('admin-initiate-auth', ...signIn, `USERNAME=alice,PASSWORD=${password},SECRET_HASH=${hash}`);
  assert.equal(AuthenticationResult.TokenType, 'Bearer');
  const claims = JSON.parse(Buffer.from(AuthenticationResult.IdToken.split('.')[1], 'base64url'));
  assert.deepEqual([claims.email, claims.aud], ['alice@example.com', app.ClientId]);
  await refused('NotAuthorizedException', 'admin-initiate-auth', ...signIn, `USERNAME=alice,PASSWORD=${password}`);

  await run('admin-update-user-attributes', ...alice, '--user-attributes', 'Name=nickname,Value=Al');
  const user = await run('admin-get-user', ...alice);
  assert.equal(user.UserStatus, 'CONFIRMED');
  assert.equal(values(user.UserAttributes).nickname, 'Al');
  await run('admin-create-user', ...inPool, '--username', 'bob', '--message-action', 'SUPPRESS');
  const { Users } = await run('list-users', ...inPool, '--filter', 'email ^= "alice@"');
  assert.deepEqual(Users.map(({ Username }) => Username), ['alice']);
  // The CLI reads all pages without a flag.
  const everyone = await run('list-users', ...inPool, '--page-size', '1');
  assert.deepEqual(everyone.Users.map(({ Username }) => Username), ['alice', 'bob']);

  const staff = [...inPool, '--group-name', 'staff'];
  const { Group } = await run('create-group', ...staff, '--precedence', '0');
  assert.deepEqual([Group.GroupName, Group.UserPoolId, Group.Precedence], ['staff', UserPool.Id, 0]);
  await run('admin-add-user-to-group', ...alice, '--group-name', 'staff');
  const { Groups } = await run('admin-list-groups-for-user', ...alice);
  assert.deepEqual(Groups.map(({ GroupName }) => GroupName), ['staff']);
  const members = await run('list-users-in-group', ...staff);
  assert.deepEqual(members.Users.map(({ Username }) => Username), ['alice']);
  await run('delete-group', ...staff);

  await run('admin-delete-user', ...alice);
  await refused('UserNotFoundException', 'admin-get-user', ...alice);
  await run('delete-user-pool-client', ...ofApp);
  await refused('ResourceNotFoundException', 'describe-user-pool-client', ...ofApp);
  const listed = await run('list-user-pools', '--max-results', '60');
  assert.ok(listed.UserPools.some(({ Id, Name }) => Id === UserPool.Id && Name === 'by hand'));
  const described = await run('describe-user-pool', ...inPool);
  assert.equal(described.UserPool.Policies.PasswordPolicy.MinimumLength, 12);
  await run('delete-user-pool', ...inPool);
  await refused('ResourceNotFoundException', 'describe-user-pool', ...inPool);
  t.diagnostic(`${commands.size} commands`);
});
