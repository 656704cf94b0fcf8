import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  FamilyExhausted,
  generateFamily,
  grammarOf,
  readFamily,
  readParts,
  type Family,
  type GeneratedRow,
  type GeneratorFault,
  type Grammar,
  type Parts,
  type Reading,
} from '../guard/generate/index.ts'
import { UsageError } from './cli.ts'

/** The families that ship. */
export const shippedGenerators = resolve(import.meta.dirname, '../../catalogue/guard/generators')

/** Reads `families/*.json` and `parts/*.json` of a folder; every fault of every file at once. */
export async function readGenerators(folder: string): Promise<Reading<Grammar>> {
  const faults: GeneratorFault[] = []
  const families: Family[] = []
  const shared = new Map<string, Parts extends ReadonlyMap<string, infer T> ? T : never>()
  const taken = <T>(reading: Reading<T>, use: (value: T) => void) => {
    if (reading.ok) use(reading.value)
    else faults.push(...reading.faults)
  }
  for (const { name, json } of await filesIn(join(folder, 'parts'), faults))
    taken(readParts(name, json), (parts) => {
      for (const [part, templates] of parts) {
        if (shared.has(part))
          faults.push({ file: name, fault: `the part \`${part}\` is in another file too` })
        shared.set(part, templates)
      }
    })
  for (const { name, json } of await filesIn(join(folder, 'families'), faults))
    taken(readFamily(name, json), (family) => {
      if (`${family.family}.json` !== name)
        faults.push({ file: name, fault: `the file of the family \`${family.family}\` has another name` })
      families.push(family)
    })
  return faults.length > 0 ? { ok: false, faults } : grammarOf(families, shared)
}

/** The rows of one family, as `generateFamily` gives them. Throws `UsageError` where it has fewer than are asked for. */
export function* rowsOfFamily(
  grammar: Grammar,
  name: string,
  seed: number,
  count?: number,
): Generator<GeneratedRow> {
  try {
    yield* generateFamily(grammar, name, seed, count)
  } catch (cause) {
    throw cause instanceof FamilyExhausted ? new UsageError(cause.message, { cause }) : cause
  }
}

async function filesIn(folder: string, faults: GeneratorFault[]): Promise<{ name: string; json: unknown }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted()
  const files: { name: string; json: unknown }[] = []
  for (const name of names) {
    try {
      files.push({ name, json: JSON.parse(await readFile(join(folder, name), 'utf8')) })
    } catch (cause) {
      faults.push({ file: name, fault: cause instanceof Error ? cause.message : 'unreadable' })
    }
  }
  return files
}
