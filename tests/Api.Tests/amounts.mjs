// Reads {schemas, amounts} on standard input, and prints which of the amounts ajv refuses by any of the schemas: it computes in floating point, as most clients' validators do.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const Ajv = createRequire(import.meta.url)('@redocly/ajv/dist/2020.js').default;
const { schemas, amounts } = JSON.parse(readFileSync(0, 'utf8'));
const checks = schemas.map(schema => new Ajv().compile(schema));
console.log(JSON.stringify(amounts.filter(amount => !checks.every(isValid => isValid(amount)))));
