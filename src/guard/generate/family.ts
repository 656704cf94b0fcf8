import { z } from 'zod'
import { schemaFaults } from '../../kernel/index.ts'
import { channels } from '../text.ts'
import { readTemplate, type Template } from './template.ts'

const name = z.string().regex(/^[a-z][a-z0-9_-]{0,59}$/)
const alternatives = z.array(z.string()).min(1)

/** A file of a family: what is written about its texts, templates, and alternatives for the parts that they name. */
const familyFile = z.strictObject({
  family: name,
  version: z.int().min(1),
  label: z.enum(['attack', 'benign']),
  style: z.string().min(1).max(80),
  channel: z.enum(channels),
  lang: z.string().min(2).max(20),
  /** How many distinct texts it gives. */
  count: z.int().min(1).max(20_000),
  /** The family of the other label that has the same vocabulary; both stay on one side of every split. */
  twin: name.optional(),
  texts: alternatives,
  parts: z.record(name, alternatives).default({}),
})
const partsFile = z.record(name, alternatives)

type FamilyFacts = Omit<z.infer<typeof familyFile>, 'texts' | 'parts' | 'twin'> & {
  readonly twin: string | null
}
export type Parts = ReadonlyMap<string, readonly Template[]>
export type Family = FamilyFacts & { readonly texts: readonly Template[]; readonly parts: Parts }

/** One thing that is wrong with a file of the generator, in a sentence. */
export type GeneratorFault = { readonly file: string; readonly fault: string }
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly GeneratorFault[] }

/** Reads the JSON of a family; every fault at once. What its templates name is resolved in `grammarOf`. */
export function readFamily(file: string, json: unknown): Reading<Family> {
  const read = familyFile.safeParse(json)
  if (!read.success) return schemaReading(file, read.error)
  const { texts, parts, twin, ...facts } = read.data
  const faults: GeneratorFault[] = []
  const family = {
    ...facts,
    twin: twin ?? null,
    texts: templatesOf(file, 'texts', texts, faults),
    parts: partsOf(file, parts, faults),
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: family }
}

/** Reads the JSON of parts that all families share. */
export function readParts(file: string, json: unknown): Reading<Parts> {
  const read = partsFile.safeParse(json)
  if (!read.success) return schemaReading(file, read.error)
  const faults: GeneratorFault[] = []
  const parts = partsOf(file, read.data, faults)
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value: parts }
}

function partsOf(
  file: string,
  parts: Readonly<Record<string, readonly string[]>>,
  faults: GeneratorFault[],
): Parts {
  return new Map(Object.entries(parts).map(([part, texts]) => [part, templatesOf(file, part, texts, faults)]))
}

function templatesOf(
  file: string,
  place: string,
  texts: readonly string[],
  faults: GeneratorFault[],
): readonly Template[] {
  return texts.flatMap((text, index) => {
    const read = readTemplate(text)
    if (read.ok) return [read.template]
    faults.push({ file, fault: `${place}[${index}]: ${read.fault}` })
    return []
  })
}

function schemaReading(
  file: string,
  error: z.ZodError,
): { readonly ok: false; readonly faults: GeneratorFault[] } {
  const faults = schemaFaults(error).map(({ path, params }) => ({
    file,
    fault: `${path ?? '/'}: ${params.fault}`,
  }))
  return { ok: false, faults }
}
