// Validates JSON against the JSON Schema of package frontend with ajv.

import { readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';

export const form = JSON.parse(readFileSync(new URL('../../frontend/schema.json', import.meta.url)));

// A front end ignores unknown members. A backend must not send unknown members, so they are
// errors here. The exception is a reply, to which a backend may add members.
const closed = (schemas) => Object.fromEntries(Object.entries(schemas).map(([name, schema]) =>
  [name, schema.properties && name !== 'reply' ? { ...schema, additionalProperties: false } : schema]));
const strict = { ...form, $defs: closed(form.$defs) };

const options = { strict: true, allErrors: true, strictRequired: false, strictTypes: false };

/**
 * @param {'challenge' | 'answer' | 'error'} name
 * @returns {Validator} a function that reports whether a value has the form
 */
export function validatorOf(name) {
  return validator(new Ajv2020(options).addSchema(strict), `${form.$id}#/$defs/${name}`);
}

/**
 * @param {object} document an OpenAPI document that refers to schema.json
 * @returns {(schema: object) => Validator} for the schemas in the document. An unknown member is an error.
 */
export function validatorsIn(document) {
  const ajv = new Ajv2020({ ...options, formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)) } });
  const at = 'https://api.example'; // the base of the references between the two documents
  ajv.addVocabulary(Object.keys(document)); // ajv takes the document as a schema that contains schemas
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
