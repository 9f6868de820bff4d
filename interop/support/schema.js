// The JSON Schema of package frontend, and ajv to hold JSON against it.

import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';

export const form = JSON.parse(readFileSync(new URL('../../frontend/schema.json', import.meta.url)));

// A front end ignores members that it does not know. A backend must not send any, so
// here they are errors.
const strict = structuredClone(form);
for (const name of ['challenge', 'error']) strict.$defs[name].additionalProperties = false;

/** An ajv with the form under its own address and under the one that documents use. */
export function newAjv() {
  const ajv = new Ajv2020({ strict: true, allErrors: true, strictRequired: false, strictTypes: false });
  ajv.addSchema(strict);
  return ajv;
}

/**
 * @param {'challenge' | 'answer' | 'error'} name
 * @returns {((value: unknown) => boolean) & {problems: () => string}} whether a value is one
 */
export function validatorOf(name) {
  const ajv = newAjv();
  const validate = ajv.getSchema(`${form.$id}#/$defs/${name}`);
  return Object.assign((value) => validate(value), { problems: () => ajv.errorsText(validate.errors) });
}
