// examples/signin proves a password and a device to the server half of cognito-srp.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '../support/directory.js';
import { refused, signedIn, signIn } from '../support/signin.js';
import { startSRPServer } from '../support/srp-server.js';

const alice = { username: 'alice', password: 'Grüße-пароль-9' };
const how = { flow: 'USER_SRP_AUTH', ...alice };
const server = await startSRPServer(alice);

describe('examples/signin against cognito-srp', () => {
  test('the right password, ten times', async () => {
    for (let i = 0; i < 10; i++) signedIn(await signIn(server, how), alice.username);
  });

  test('a wrong password is refused', async () => {
    const password = 'Wrong-horse-1';
    refused(await signIn(server, { ...how, password }), password);
  });

  const on = (directory) => ({ ...how, flags: { 'device-dir': directory } });
  const proofs = server.deviceProofs;

  test('three devices prove themselves, twice each', async () => {
    for (let i = 0; i < 3; i++) {
      const directory = temporaryDirectory('device');
      const { deviceKey } = signedIn(await signIn(server, on(directory)), alice.username);
      assert.ok(deviceKey);
      for (let n = 0; n < 2; n++) signedIn(await signIn(server, on(directory)), alice.username);
    }
    assert.deepEqual(proofs, { accepted: 6, refused: 0 });
  });

  // The driver tries the device twice. Then the sign-in goes on without the device, and makes a
  // new device.
  test('a wrong device password is refused', async () => {
    const { accepted, refused } = proofs;
    const directory = temporaryDirectory('device');
    const first = signedIn(await signIn(server, on(directory)), alice.username);
    const [file] = readdirSync(directory).filter((name) => name !== '.lock').map((name) => join(directory, name));
    const wallet = JSON.parse(readFileSync(file));
    assert.equal(wallet.devices[0].k, first.deviceKey);
    wallet.devices[0].p += 'x';
    writeFileSync(file, JSON.stringify(wallet));

    const second = signedIn(await signIn(server, on(directory)), alice.username);
    assert.deepEqual(proofs, { accepted, refused: refused + 2 });
    assert.notEqual(second.deviceKey, first.deviceKey);
    signedIn(await signIn(server, on(directory)), alice.username);
    assert.deepEqual(proofs, { accepted: accepted + 1, refused: refused + 2 });
  });
});
