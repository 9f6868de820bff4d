// Fixtures for moto run against moto and against examples/pool. Only the environment variable
// AWS_ENDPOINT_URL differs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Boto3 } from '../support/boto3.js';
import { startPool } from '../support/pool.js';
import { runToEnd } from '../support/program.js';
import { python, script } from '../support/python.js';

const pool = await startPool({ pools: [{ id: 'eu-central-1_Interop43', clients: [{ id: 'fixtures' }] }] });
const boto3 = new Boto3(pool.endpoint);

/** Runs the file, and returns the number of its tests and of the user pools in examples/pool. */
async function run(env) {
  const { code, stdout, stderr } = await runToEnd(
    python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', script('test_fixtures.py')],
    { env: { PYTHONDONTWRITEBYTECODE: '1', AWS_EC2_METADATA_DISABLED: 'true', ...env } });
  assert.equal(code, 0, `${stdout}${stderr}`);
  const { UserPools } = await boto3.call('list_user_pools', { MaxResults: 60 });
  return { passed: Number(stdout.match(/^(\d+) passed in/m)?.[1]), pools: UserPools.length };
}

test('the same tests pass with moto and with the pool', async (t) => {
  const moto = await run({});
  assert.equal(moto.pools, 1); // the fixtures have not called examples/pool
  const ours = await run({ AWS_ENDPOINT_URL: pool.endpoint });
  assert.ok(moto.passed > 0);
  assert.equal(ours.passed, moto.passed);
  assert.equal(ours.pools, 1 + ours.passed); // each test makes a user pool
  t.diagnostic(`${moto.passed} tests, each twice`);
});
