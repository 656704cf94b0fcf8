import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GeneratedRow, Grammar } from '../guard/generate/index.ts'
import type { WeightsHeader } from '../guard/injection/weights.ts'
import { examplesOf, type Example } from '../guard/train/example.ts'
import { readUnseen, type UnseenRow } from '../guard/train/unseen.ts'
import { DataError, readDataFile, type DataFile } from '../guard/train/row.ts'
import { digestOfBytes } from '../kernel/index.ts'
import { UsageError } from './cli.ts'
import { readGenerators, rowsOfFamily, shippedGenerators } from './generators-folder.ts'

/** Texts of each generated family: more teach nothing, what counts is how many families there are (ADR 0045). */
export const textsOfFamily = 100

/** What the guard's scorer is trained on and measured with, and where it comes from. */
export type GuardData = {
  readonly examples: readonly Example[]
  readonly facts: WeightsHeader['data']
}

/**
 * Reads all `*.jsonl` of a folder, if one is given, and generates the texts of the shipped families. Throws `UsageError`
 * with what is wrong with the folder or with a family.
 */
export async function readGuardData(from: {
  readonly data: string | undefined
  readonly generators: string | undefined
  readonly seed: number
  /** Texts of each family at most. */
  readonly perFamily: number
}): Promise<GuardData> {
  const files = from.data === undefined ? [] : await filesIn(from.data, readDataFile)
  const reading = await readGenerators(from.generators ?? shippedGenerators)
  if (!reading.ok) {
    const [first] = reading.faults
    throw new UsageError(`the generator families cannot be used: ${first?.file ?? ''}: ${first?.fault ?? ''}`)
  }
  const generated = [...reading.value.families.values()]
    .toSorted((a, b) => (a.family < b.family ? -1 : 1))
    .flatMap(({ family, count }) => [
      ...rowsOfFamily(reading.value, family, from.seed, Math.min(count, from.perFamily)),
    ])
  return {
    examples: examplesOf(files, generated, reading.value),
    facts: [...files.map(factsOf), factsOfGenerated(reading.value, generated, from.seed)],
  }
}

const shippedUnseen = fileURLToPath(new URL('../../vectors/guard/unseen', import.meta.url))

/** Texts that are measured and never learned from. Throws `UsageError` with what is wrong with the folder. */
export async function readUnseenRows(folder = shippedUnseen): Promise<readonly UnseenRow[]> {
  return (await filesIn(folder, readUnseen)).flat()
}

async function filesIn<T>(
  folder: string,
  read: (name: string, bytes: Uint8Array) => T,
): Promise<readonly T[]> {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).toSorted()
    const files = await Promise.all(names.map(async (name) => read(name, await readFile(join(folder, name)))))
    if (files.length > 0) return files
  } catch (cause) {
    const message = cause instanceof DataError || cause instanceof Error ? cause.message : 'it cannot be read'
    throw new UsageError(`the folder of data cannot be used: ${message}`, { cause })
  }
  throw new UsageError(`\`${folder}\` holds no .jsonl file`)
}

function factsOf({ name, sha256, rows }: DataFile): WeightsHeader['data'][number] {
  const licences = [...new Set(rows.map(({ licence }) => licence))].toSorted()
  const sources = [...new Set(rows.map(({ source }) => repositoryOf(source)))].toSorted()
  return { file: name, sha256, rows: rows.length, licence: licences.join('; '), source: sources.join('; ') }
}

/** Repository and commit of `owner/name@commit:path#row`; of a composed row that of the attack. */
function repositoryOf(source: string): string {
  return source.split(':', 1)[0] ?? source
}

function factsOfGenerated(
  { families }: Grammar,
  rows: readonly GeneratedRow[],
  seed: number,
): WeightsHeader['data'][number] {
  const lines = rows.map((row) => JSON.stringify([row.id, row.label, row.channel, row.style])).join('\n')
  return {
    file: 'generated',
    sha256: digestOfBytes(lines).slice('sha256:'.length),
    rows: rows.length,
    licence: 'Apache-2.0',
    source: `catalogue/guard/generators, ${families.size} families, seed ${seed}`,
  }
}
