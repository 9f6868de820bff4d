// The JSON Schema of package frontend, and ajv to hold JSON against it.

import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';

export const form = JSON.parse(readFileSync(new URL('../../frontend/schema.json', import.meta.url)));

// A front end ignores members that it does not know. A backend must not send any, so
// here they are errors. A reply is there for backends to add to.
const closed = (schemas) => Object.fromEntries(Object.entries(schemas).map(([name, schema]) =>
  [name, schema.properties && name !== 'reply' ? { ...schema, additionalProperties: false } : schema]));
const strict = { ...form, $defs: closed(form.$defs) };

const options = { strict: true, allErrors: true, strictRequired: false, strictTypes: false };

/**
 * @param {'challenge' | 'answer' | 'error'} name
 * @returns {Validator} whether a value is one
 */
export function validatorOf(name) {
  return validator(new Ajv2020(options).addSchema(strict), `${form.$id}#/$defs/${name}`);
}

/**
 * @param {object} document an OpenAPI document that refers to the form as schema.json
 * @returns {(schema: object) => Validator} for the schemas in it. No member may come that they do not have.
 */
export function validatorsIn(document) {
  const ajv = new Ajv2020({ ...options, formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)) } });
  const at = 'https://api.example'; // where the two documents refer to each other
  ajv.addVocabulary(Object.keys(document)); // to ajv the document is a schema that contains others
  const components = { ...document.components, schemas: closed(document.components.schemas) };
  ajv.addSchema({ ...document, components }, `${at}/openapi.json`).addSchema(strict, `${at}/schema.json`);
  return ({ $ref }) => {
    const id = `${at}/whole/${$ref.slice('#/'.length)}`;
    if (!ajv.getSchema(id)) ajv.addSchema({ $ref: `${at}/openapi.json${$ref}`, unevaluatedProperties: false }, id);
    return validator(ajv, id);
  };
}

function validator(ajv, id) {
  const validate = ajv.getSchema(id);
  return Object.assign((value) => validate(value), { problems: () => ajv.errorsText(validate.errors) });
}
