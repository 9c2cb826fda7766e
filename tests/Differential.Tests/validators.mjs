// What two public validators say: each line of the input is [schema, [data, …]], each line of the output the verdicts of ajv, a tab, and those of hyperjump; 1 or 0 a datum, or ! and why a schema is refused.
// Formats stay annotations, as they are in draft 2020-12; what is inherited is no member.
import { createInterface } from 'node:readline'
import Ajv from 'ajv/dist/2020.js'
import { registerSchema, unregisterSchema, validate } from '@hyperjump/json-schema/draft-2020-12'

const dialect = 'https://json-schema.org/draft/2020-12/schema'
const id = 'https://schemas.example/one'
const ajv = new Ajv({ strict: false, validateFormats: false, ownProperties: true, logger: false })

const byAjv = (schema, data) => {
  try {
    const valid = ajv.compile(schema)
    return data.map(datum => (valid(datum) ? '1' : '0')).join('')
  } finally {
    ajv.removeSchema(schema)
  }
}

const byHyperjump = async (schema, data) => {
  registerSchema(schema, id, dialect)
  try {
    const valid = await validate(id)
    return data.map(datum => (valid(datum).valid ? '1' : '0')).join('')
  } finally {
    unregisterSchema(id)
  }
}

const asked = async (by, schema, data) => {
  try {
    return await by(schema, data)
  } catch (refused) {
    return `!${refused.message.split('\n')[0].replaceAll('\t', ' ')}`
  }
}

const said = []
for await (const line of createInterface({ input: process.stdin })) {
  const [schema, data] = JSON.parse(line)
  said.push(`${await asked(byAjv, schema, data)}\t${await asked(byHyperjump, schema, data)}\n`)
}
process.stdout.write(said.join(''))
