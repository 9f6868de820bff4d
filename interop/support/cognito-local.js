// cognito-local, a server of another project. Its API makes the pool.

import {
  AdminCreateUserCommand, AdminSetUserPasswordCommand, CognitoIdentityProviderClient,
  CreateUserPoolClientCommand, CreateUserPoolCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Program } from './program.js';

const start = fileURLToPath(import.meta.resolve('cognito-local/lib/bin/start.js'));

/**
 * Starts cognito-local on loopback, and stops the server after the tests of the file.
 *
 * @param {{username: string, password: string, attributes?: Record<string, string>}} user
 * @returns {Promise<{endpoint: string, userPoolId: string, clientId: string, region: string}>}
 */
export async function startCognitoLocal(user) {
  const directory = mkdtempSync(join(tmpdir(), 'cognitoflow-cognito-local-'));
  // Without this setting, cognito-local accepts e-mail addresses only, and makes the user names.
  mkdirSync(join(directory, '.cognito'));
  writeFileSync(join(directory, '.cognito', 'config.json'), '{"UserPoolDefaults": {"UsernameAttributes": []}}');
  // The issuer of the tokens contains the port, so the setting must have the real port.
  const port = await freePort();
  let running;
  const program = new Program(process.execPath, [start], {
    cwd: directory,
    env: { HOST: '127.0.0.1', PORT: String(port) },
    onLine: (line) => { if (line.includes('Cognito Local running')) running(); },
  });
  after(async () => {
    await program.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  await program.wait('"Cognito Local running"', (resolve) => { running = resolve; });

  const endpoint = `http://127.0.0.1:${port}`;
  const region = 'local';
  const admin = new CognitoIdentityProviderClient({
    endpoint, region, credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  after(() => admin.destroy());

  const { UserPool: { Id: UserPoolId } } = await admin.send(new CreateUserPoolCommand({ PoolName: 'interop' }));
  const { UserPoolClient: { ClientId: clientId } } = await admin.send(new CreateUserPoolClientCommand({
    UserPoolId, ClientName: 'interop', ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
  }));
  const { username: Username, password: Password, attributes = {} } = user;
  await admin.send(new AdminCreateUserCommand({
    UserPoolId, Username, MessageAction: 'SUPPRESS',
    UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
  }));
  await admin.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: true }));
  return { endpoint, userPoolId: UserPoolId, clientId, region };
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
