// Directories that are deleted after the test or the file.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** Makes an empty directory. @returns {string} its path */
export function temporaryDirectory(name) {
  const directory = mkdtempSync(join(tmpdir(), `cognitoflow-${name}-`));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
