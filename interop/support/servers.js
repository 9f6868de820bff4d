// Runs PostgreSQL and Redis on loopback for one test file. Each server has a separate directory.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chmodSync, chownSync, constants, existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';

// Runs a server until standard input ends. The server therefore ends with the tests, even if
// somebody kills the tests. The first argument is the signal that ends the server. Only the
// server writes to standard output.
const serve = 'signal=$1; shift; "$@" 2>&1 & server=$!; exec >/dev/null; cat; kill -s "$signal" "$server"; wait "$server"';

/** The reason of a test that is skipped without a server. */
class Missing extends Error {}

/**
 * Starts a server. Returns the URL of its store, or the reason why the server cannot start.
 *
 * @param {() => Promise<string>} start
 * @returns {Promise<{url?: string, skip?: string}>}
 */
export async function orSkip(start) {
  try {
    return { url: await start() };
  } catch (error) {
    if (error instanceof Missing) return { skip: error.message };
    throw error;
  }
}

export async function startPostgres() {
  const initdb = realpathSync(find('initdb', 'postgresql', ...debianPostgres())); // the server is in the same directory
  const owner = process.getuid() === 0 ? ordinary('postgres') : {}; // PostgreSQL does not run as root
  const dir = makeDirectory(owner);
  const data = join(dir, 'data');
  const made = spawnSync(initdb, ['-D', data, '-U', 'web', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { cwd: dir, encoding: 'utf8', ...owner });
  if (made.status !== 0) throw new Error(`initdb: ${made.error ?? made.stdout + made.stderr}`);
  const port = await freePort();
  await startServer('INT', /ready to accept connections/, [
    join(dirname(initdb), 'postgres'), '-D', data, '-k', dir, '-h', '127.0.0.1', '-p', port, '-F',
  ], { cwd: dir, ...owner });
  return `postgres://web@127.0.0.1:${port}/postgres?sslmode=disable`;
}

export async function startRedis() {
  const server = find('redis-server', 'redis-server');
  const dir = makeDirectory();
  const port = await freePort();
  await startServer('TERM', /ready to accept connections/i, [
    server, '--bind', '127.0.0.1', '--port', port, '--dir', dir, '--save', '', '--requirepass', 'of-the-test',
  ], { cwd: dir });
  return `redis://:of-the-test@127.0.0.1:${port}/0`;
}

/** The directories of PostgreSQL's programs in Debian, the newest version first. */
function debianPostgres() {
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return [];
  return readdirSync(versions).sort((a, b) => Number(b) - Number(a)).map((version) => join(versions, version, 'bin'));
}

function find(name, debian, ...places) {
  for (const place of [...process.env.PATH.split(':'), ...places]) {
    try {
      accessSync(join(place, name), constants.X_OK);
      return join(place, name);
    } catch {
      // the program may be in the next directory
    }
  }
  throw new Missing(`there is no ${name} here; install it to run this test (Debian: apt-get install ${debian})`);
}

/** Returns the user and the group with the name, as options of a process. */
function ordinary(name) {
  const id = (flag) => Number(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout);
  const [uid, gid] = [id('-u'), id('-g')];
  if (!uid || !gid) throw new Missing(`there is no user ${name}, whom the server needs where root runs the tests`);
  return { uid, gid };
}

function makeDirectory({ uid, gid } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'cognitoflow-server-'));
  if (uid !== undefined) chownSync(dir, uid, gid);
  chmodSync(dir, 0o700);
  return dir;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return String(port);
}

/**
 * Settles when the server prints that it is ready. After the tests of the file the server ends,
 * and the directory is deleted.
 */
async function startServer(signal, ready, command, options) {
  const child = spawn('sh', ['-c', serve, 'sh', signal, ...command], { ...options, stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  after(async () => {
    child.stdin.end();
    await closed;
    rmSync(options.cwd, { recursive: true, force: true });
  });
  let log = '';
  await new Promise((resolve, reject) => {
    child.on('error', reject);
    createInterface({ input: child.stdout }).on('line', (line) => {
      log += `${line}\n`;
      if (ready.test(line)) resolve();
    }).on('close', () => reject(new Error(`${command[0]} has ended\n${log}`)));
  });
}
