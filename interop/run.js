// Builds the Go programs and the Python environment once, then runs the tests
// with them.
//
//   npm test                                    all tests
//   npm test -- test/cognito-local.test.js      one file
//   npm test -- --test-name-pattern=TOTP        a flag of node's test runner
//   npm run web                                 examples/web in a browser
//   npm run web:instances                       examples/web while its instances die

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeEnvironment } from './support/python.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..');

const isTest = (name) => name.endsWith('.test.js');
const named = process.argv.slice(2).filter(isTest);
const options = process.argv.slice(2).filter((argument) => !isTest(argument)); // node wants flags before the files
const files = named.length > 0
  ? named
  : readdirSync(join(here, 'test')).filter(isTest).sort().map((name) => join('test', name));

// These tests need Python.
const inPython = ['aws-cli.test.js', 'boto3.test.js', 'fixtures.test.js', 'live.test.js', 'ministack.test.js', 'pycognito.test.js'];
const packages = {
  pool: 'examples/pool',
  signin: 'examples/signin',
  live: 'live',
  web: 'examples/web',
  stores: 'examples/web/stores', // a separate module
  api: 'examples/api',
  tokens: 'interop/internal/tokens',
};

const bin = mkdtempSync(join(tmpdir(), 'cognitoflow-interop-'));
try {
  process.exitCode = build() || test();
} finally {
  rmSync(bin, { recursive: true, force: true });
}

function build() {
  for (const [program, directory] of Object.entries(packages)) {
    console.log(`# go -C ${directory} build`);
    const status = run('go', ['build', '-o', join(bin, program), '.'], { cwd: join(root, directory) });
    if (status !== 0) return status;
  }
  if (files.some((file) => inPython.includes(basename(file)))) makeEnvironment();
  return 0;
}

function test() {
  return run(
    process.execPath,
    ['--test', '--test-reporter=spec', '--test-concurrency=2', ...options, ...files],
    { cwd: here, env: { ...process.env, COGNITOFLOW_BIN: bin, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' } },
  );
}

function run(command, args, options) {
  const result = spawnSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (result.error) {
    console.error(`${command}: ${result.error.message}`);
    return 1;
  }
  return result.status ?? 1;
}
