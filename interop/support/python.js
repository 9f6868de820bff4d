// A virtual environment of Python with the packages of requirements.txt.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('..', import.meta.url));
const environment = join(here, '.venv');
const requirements = join(here, 'requirements.txt');
const mark = join(environment, 'made-of');

/** The path of the interpreter with the packages. */
export const python = join(environment, 'bin', 'python');

/** Returns the path of a Python program in this directory. */
export const script = (name) => join(here, 'support', name);

/**
 * Makes the environment, unless there is an environment with the same requirements and the
 * same interpreter.
 */
export function makeEnvironment() {
  const interpreter = run('python3', ['-c', 'import sys; print(sys.executable, sys.version)'], 'pipe').stdout;
  const key = createHash('sha256').update(interpreter).update(readFileSync(requirements)).digest('hex');
  if (made() === key) return;
  console.log('# pip install -r requirements.txt');
  rmSync(environment, { recursive: true, force: true });
  run('python3', ['-m', 'venv', environment]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(mark, key); // the last step, so that half an environment has no mark
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
