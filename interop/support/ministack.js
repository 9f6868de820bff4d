// ministack, a server of another project that checks proofs of SRP. Its API makes the pools.

import {
  AdminCreateUserCommand, AdminSetUserPasswordCommand, CognitoIdentityProviderClient, CreateUserPoolClientCommand,
  CreateUserPoolCommand, SetUserPoolMfaConfigCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { after } from 'node:test';
import { temporaryDirectory } from './directory.js';
import { Program, runToEnd } from './program.js';
import { python, script } from './python.js';

const region = 'eu-central-1';
const anyPassword = {
  MinimumLength: 6, RequireLowercase: false, RequireUppercase: false, RequireNumbers: false, RequireSymbols: false,
};

/** The credentials of the root user in ministack. */
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Starts ministack on loopback, and stops the server after the tests of the file. @returns {Promise<Ministack>} */
export async function startMinistack() {
  const directory = temporaryDirectory('ministack');
  let running;
  const program = new Program(python, ['-m', 'ministack'], {
    cwd: directory,
    env: {
      BIND_HOST: '127.0.0.1', GATEWAY_PORT: '0', IOT_MTLS_ENABLED: '0',
      AUTH: 'true', // otherwise ministack checks no SECRET_HASH and no codes
      STATE_DIR: directory, TMPDIR: directory, // ministack does not delete its keys and functions
    },
    onErrorLine: (line) => {
      const [, endpoint] = line.match(/Running on (http:\S+)/) ?? [];
      if (endpoint) running(endpoint);
    },
  });
  after(() => program.stop());
  return new Ministack(await program.wait('"Running on"', (resolve) => { running = resolve; }));
}

class Ministack {
  constructor(endpoint) {
    this.endpoint = endpoint;
    this.admin = new CognitoIdentityProviderClient({ endpoint, region, credentials });
    after(() => this.admin.destroy());
  }

  /** Uploads the triggers of custom authentication. @returns {Promise<object>} the LambdaConfig of a pool */
  async triggers() {
    const { code, stdout, stderr } = await runToEnd(python, [script('ministack_triggers.py'), this.endpoint, region]);
    if (code !== 0) throw new Error(stderr);
    const arn = stdout.trim();
    return { DefineAuthChallenge: arn, CreateAuthChallenge: arn, VerifyAuthChallengeResponse: arn };
  }

  /** Makes a pool that accepts any password. @param {object} [settings] members for CreateUserPool */
  async pool(settings = {}) {
    const { UserPool } = await this.admin.send(new CreateUserPoolCommand({
      PoolName: 'interop', Policies: { PasswordPolicy: anyPassword }, ...settings,
    }));
    const pool = new Pool(this, UserPool.Id);
    await pool.send(SetUserPoolMfaConfigCommand, {
      MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: true },
    });
    return pool;
  }
}

class Pool {
  constructor(ministack, id) {
    this.ministack = ministack;
    this.id = id;
  }

  /** Sends an administrator's command to this pool. */
  send(Command, input) {
    return this.ministack.admin.send(new Command({ UserPoolId: this.id, ...input }));
  }

  /**
   * Makes an app client for all flows.
   *
   * @param {object} [settings] members for CreateUserPoolClient
   * @returns {Promise<{endpoint: string, region: string, userPoolId: string, clientId: string, secret?: string}>}
   */
  async client(settings = {}) {
    const { UserPoolClient } = await this.send(CreateUserPoolClientCommand, {
      ClientName: 'interop',
      ExplicitAuthFlows: [
        'ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_CUSTOM_AUTH',
        'ALLOW_REFRESH_TOKEN_AUTH',
      ],
      ...settings,
    });
    const { ClientId: clientId, ClientSecret: secret } = UserPoolClient;
    return { endpoint: this.ministack.endpoint, region, userPoolId: this.id, clientId, secret };
  }

  /**
   * Makes a user.
   *
   * @param {{name: string, password: string, temporary?: boolean, attributes?: Record<string, string>}} user
   * @returns {Promise<string>} the user's sub
   */
  async user({ name, password, temporary = false, attributes = {} }) {
    const { User } = await this.send(AdminCreateUserCommand, {
      Username: name, MessageAction: 'SUPPRESS',
      UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })),
    });
    await this.send(AdminSetUserPasswordCommand, { Username: name, Password: password, Permanent: !temporary });
    return User.Attributes.find(({ Name }) => Name === 'sub').Value;
  }
}
