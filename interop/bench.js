// Measures the cost of a sign-in by USER_SRP_AUTH for each client. examples/pool and each
// client run in separate processes. Each client runs in each round, and the figures are
// medians over the rounds. docs/performance.md explains the figures.
//
//   npm run bench                     5 rounds of 20 sign-ins after the first sign-in
//   npm run bench -- ROUNDS TIMES     other numbers

import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Program } from './support/program.js';
import { makeEnvironment, python } from './support/python.js';

const bench = fileURLToPath(new URL('internal/bench', import.meta.url));
const [rounds = 5, times = 20] = process.argv.slice(2).map(Number);
if (!(rounds >= 1 && times >= 1)) throw new Error('usage: npm run bench -- [ROUNDS TIMES]');

const user = { username: 'plain', password: 'Correct-horse-1' };
const app = { userPoolId: 'eu-central-1_Bench0001', clientId: 'bench' };
const bin = mkdtempSync(join(tmpdir(), 'cognitoflow-bench-'));

const inGo = (name) => [join(bin, name)];
const inNode = (name) => [process.execPath, join(bench, 'client.js'), name];
const clients = {
  'cognitoflow (Go)': inGo('cognitoflow'),
  'alexrudd/cognito-srp (Go)': inGo('cognitosrp'),
  'pycognito (Python)': [python, join(bench, 'pycognito_client.py')],
  'amazon-cognito-passwordless-auth (JavaScript)': inNode('amazon-cognito-passwordless-auth'),
  'cognito-srp-helper (JavaScript)': inNode('cognito-srp-helper'),
  'amazon-cognito-identity-js (JavaScript)': inNode('amazon-cognito-identity-js'),
  'aws-amplify (JavaScript)': inNode('aws-amplify'),
};

try {
  build('pool', '../../../examples/pool');
  build('cognitoflow', 'cognitoflow');
  build('cognitosrp', 'cognitosrp'); // a separate module
  makeEnvironment();
  print(await measure());
} finally {
  rmSync(bin, { recursive: true, force: true });
}

function build(name, directory) {
  const built = spawnSync('go', ['build', '-o', join(bin, name), '.'], { cwd: join(bench, directory), stdio: ['ignore', 'inherit', 'inherit'] });
  if (built.error) throw built.error;
  if (built.status !== 0) throw new Error(`go build in ${directory} ended with exit code ${built.status}`);
}

/** Runs each client in each round, and returns the reports of each client. */
async function measure() {
  const { pool, endpoint } = await startPool();
  const job = JSON.stringify({ endpoint, ...app, ...user, times });
  const env = {
    ...process.env, AWS_EC2_METADATA_DISABLED: 'true', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: 'AKIAINTEROPINTEROP00', AWS_SECRET_ACCESS_KEY: 'a key of nobody', // some clients need credentials
  };
  const reports = Object.fromEntries(Object.keys(clients).map((name) => [name, []]));
  try {
    for (let round = 1; round <= rounds; round++) {
      console.error(`# round ${round} of ${rounds}`);
      for (const [name, [command, ...args]] of Object.entries(clients)) {
        const { stdout } = await promisify(execFile)(command, [...args, job], { env });
        reports[name].push(JSON.parse(stdout));
      }
    }
  } finally {
    await pool.stop();
  }
  return reports;
}

async function startPool() {
  const file = join(bin, 'pool.json');
  writeFileSync(file, JSON.stringify({
    pools: [{ id: app.userPoolId, clients: [{ id: app.clientId }], users: [{ name: user.username, password: user.password }] }],
  }), { mode: 0o600 });
  let ready;
  const pool = new Program(join(bin, 'pool'), ['-config', file], {
    onLine(line) {
      const event = JSON.parse(line);
      if (event.event === 'ready') ready(event);
    },
  });
  const { endpoint } = await pool.wait('ready line', (resolve) => { ready = resolve; });
  return { pool, endpoint };
}

function print(reports) {
  const median = (name, figure) => {
    const sorted = reports[name].map((report) => report[figure]).sort((a, b) => a - b);
    return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
  };
  const [ours] = Object.keys(clients);
  const row = (cells) => console.log(`| ${cells.join(' | ')} |`);
  row(['client', 'CPU, ms', 'times ours', 'by the clock, ms', 'first sign-in: CPU, ms', 'start: CPU, ms', 'allocations', 'kB allocated']);
  row(Array(8).fill('---'));
  for (const name of Object.keys(clients)) {
    const figure = (of, digits) => (Number.isNaN(median(name, of)) ? '' : median(name, of).toFixed(digits));
    row([
      name, figure('cpu', 1), (median(name, 'cpu') / median(ours, 'cpu')).toFixed(1), figure('wall', 1),
      figure('firstCPU', 1), figure('startCPU', 0), figure('allocations', 0),
      Number.isNaN(median(name, 'bytes')) ? '' : (median(name, 'bytes') / 1000).toFixed(0),
    ]);
  }
}
