// Python, for the clients and servers that are written in it: a virtual
// environment with what requirements.txt lists.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const environment = join(here, '.venv');
const requirements = join(here, 'requirements.txt');
const mark = join(environment, 'made-of');

/** The interpreter that has the packages. */
export const python = join(environment, 'bin', 'python');

/** The path of a program of ours in Python. */
export const script = (name) => join(here, 'support', name);

/**
 * Makes the environment unless it is there, made of the same requirements by
 * the same interpreter.
 */
export function makeEnvironment() {
  const interpreter = run('python3', ['-c', 'import sys; print(sys.executable, sys.version)'], 'pipe').stdout;
  const key = createHash('sha256').update(interpreter).update(readFileSync(requirements)).digest('hex');
  if (made() === key) return;
  console.log('# pip install -r requirements.txt');
  rmSync(environment, { recursive: true, force: true });
  run('python3', ['-m', 'venv', environment]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(mark, key); // last: an environment that is half made has none
}

function made() {
  try {
    return readFileSync(mark, 'utf8');
  } catch {
    return '';
  }
}

function run(command, args, stdout = 'inherit') {
  const result = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', stdout, 'inherit'] });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')} ended with exit code ${result.status}`);
  return result;
}
