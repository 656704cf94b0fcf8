import { Ajv, type Options, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Json, JsonObject } from '../../kernel/index.ts'
import { linearPattern, type Meter } from './linear-pattern.ts'
import { maxDepth, workOf, type WorkFault } from './schema-work.ts'

/** Why the schema of a tool cannot be used. Such a tool cannot be called. */
export type SchemaFault = WorkFault | 'too_large' | 'unsupported_draft' | 'invalid' | 'unsupported_pattern'

/** What is said of arguments. A `fault` means that they could not be judged, which is no better than a refusal. */
export type ArgumentsResult =
  | { readonly k: 'ok' }
  | { readonly k: 'refused'; readonly path: string; readonly keyword: string }
  | { readonly k: 'fault'; readonly fault: 'arguments_too_deep' | 'arguments_too_costly' }

export type CompiledSchema =
  | { readonly ok: true; readonly check: (args: Json) => ArgumentsResult }
  | { readonly ok: false; readonly fault: SchemaFault }

export const maxSchemaBytes = 64 * 1024
/** Steps of one check: about a tenth of a second at worst. */
export const maxSteps = 5_000_000
const maxPatternSteps = 5_000_000
/** Steps of all patterns of a schema together. */
const maxPatternSize = 20_000

/**
 * Compiles the argument schema of a pinned tool, draft 2020-12 or draft-07.
 * UNTRUSTED: the schema is text of whoever wrote the tool. What it may cost is counted before it is compiled, patterns run
 * in linear time, nothing outside of it is read, and formats are annotations.
 */
export function compileSchema(schema: Json): CompiledSchema {
  if (Buffer.byteLength(JSON.stringify(schema)) > maxSchemaBytes) return { ok: false, fault: 'too_large' }
  const draft = draftOf(schema)
  if (draft === null) return { ok: false, fault: 'unsupported_draft' }
  const work = workOf(schema)
  if (!work.ok) return work
  const meter: Meter = { left: 0 }
  const validate = compile(draft, schema, meter)
  if (typeof validate === 'string') return { ok: false, fault: validate }
  return { ok: true, check: (args) => checkArguments(args, validate, work.stepsPerValue, meter) }
}

type Draft = '2020-12' | 'draft-07'

function draftOf(schema: Json): Draft | null {
  if (!isObject(schema)) return typeof schema === 'boolean' ? '2020-12' : null
  switch (schema['$schema']) {
    case undefined:
    case 'https://json-schema.org/draft/2020-12/schema':
    case 'https://json-schema.org/draft/2020-12/schema#':
      return '2020-12'
    case 'http://json-schema.org/draft-07/schema':
    case 'http://json-schema.org/draft-07/schema#':
      return 'draft-07'
    default:
      return null
  }
}

/** What judges schemas themselves; it never compiles one. */
const judges = {
  '2020-12': new Ajv2020({ strict: false, validateFormats: false, logger: false }),
  'draft-07': new Ajv({ strict: false, validateFormats: false, logger: false }),
}

function compile(draft: Draft, schema: Json, meter: Meter): ValidateFunction | SchemaFault {
  let [isUnsupported, patternSteps] = [false, 0]
  const engine = (pattern: string) => {
    try {
      const compiled = linearPattern(pattern, meter)
      patternSteps += compiled.size
      if (patternSteps > maxPatternSize) throw new RangeError('the patterns are too large')
      return compiled
    } catch (cause) {
      isUnsupported = true
      throw cause
    }
  }
  try {
    const judged = isObject(schema) ? withoutId(schema) : (schema as boolean) // `draftOf` lets nothing else pass
    const metaSchema = typeof judged === 'boolean' ? true : judges[draft].validateSchema(judged)
    if (metaSchema !== true) return 'invalid'
    const validator = new (draft === '2020-12' ? Ajv2020 : Ajv)(optionsWith(engine))
    validator.removeKeyword('uniqueItems') // its own compares each item with each other
    validator.addKeyword({
      keyword: 'uniqueItems',
      type: 'array',
      schemaType: 'boolean',
      validate: areUnique,
    })
    return validator.compile(judged)
  } catch {
    return isUnsupported ? 'unsupported_pattern' : 'invalid' // whatever the library objects to, the tool is not callable
  }
}

/** One validator for each schema: no identifier of one tool means anything in another. */
function optionsWith(engine: (pattern: string) => ReturnType<typeof linearPattern>): Options {
  return {
    strict: false,
    meta: false,
    validateSchema: false,
    validateFormats: false,
    inlineRefs: false,
    messages: false,
    logger: false,
    ownProperties: true, // a member `constructor` is present only when somebody sent it
    code: { regExp: Object.assign(engine, { code: 'linearPattern' }) },
  }
}

function checkArguments(
  args: Json,
  validate: ValidateFunction,
  stepsPerValue: number,
  meter: Meter,
): ArgumentsResult {
  const values = countValues(args, 0)
  if (values === null) return { k: 'fault', fault: 'arguments_too_deep' }
  if (values * stepsPerValue > maxSteps) return { k: 'fault', fault: 'arguments_too_costly' }
  meter.left = maxPatternSteps
  try {
    if (validate(args)) return { k: 'ok' }
    const [first] = validate.errors ?? []
    return { k: 'refused', path: first?.instancePath ?? '', keyword: first?.keyword ?? '' }
  } catch {
    return { k: 'fault', fault: 'arguments_too_costly' } // a pattern, or the stack, had too much: nothing is known of them
  }
}

/** How many values stand in `args`; null when they are nested too deep. */
function countValues(args: Json, depth: number): number | null {
  if (typeof args !== 'object' || args === null) return 1
  if (depth >= maxDepth) return null
  let count = 1
  for (const value of Object.values<Json>(args)) {
    const inner = countValues(value, depth + 1)
    if (inner === null) return null
    count += inner
  }
  return count
}

function areUnique(isWanted: boolean, items: readonly Json[]): boolean {
  return !isWanted || new Set(items.map(textOf)).size === items.length
}

/** One text for a JSON value, whatever the order of its members. */
function textOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(textOf).join()}]`
  const members = Object.entries(value as JsonObject).map(
    ([name, item]) => `${JSON.stringify(name)}:${textOf(item)}`,
  )
  return `{${members.sort().join()}}`
}

/** References point inside the schema alone, so its own name means nothing. */
function withoutId(schema: JsonObject): JsonObject {
  const { $id: _id, $schema: _schema, ...rest } = schema
  return rest
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
