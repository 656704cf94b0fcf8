import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Grammar } from '../guard/generate/index.ts'
import { exitCodes, printable, UsageError, type CliCommand, type CliInput } from './cli.ts'
import { readGenerators, shippedGenerators, rowsOfFamily } from './generators-folder.ts'
import { textOf, wholeNumber } from './option-values.ts'

/** `guard generate`: the texts that the shipped families make, for training and for looking at. */
export function guardGenerateCommand(): CliCommand {
  return {
    name: 'guard generate',
    summary:
      'Write the generated texts of the guard as JSON lines, one file for each family, or print some: exit 3 with every fault of a family',
    options: {
      seed: { type: 'string', help: 'whole number; the same seed gives the same bytes (1 when left out)' },
      out: { type: 'string', help: 'folder to write `<family>.jsonl` files into' },
      family: { type: 'string', help: 'this family alone; without --out its texts are printed' },
      count: { type: 'string', help: 'so many texts of each family instead of those that it says' },
      from: { type: 'string', help: 'folder with `families` and `parts` instead of the shipped one' },
    },
    run: async (input) => {
      const { values, print } = input
      const reading = await readGenerators(textOf(values['from']) ?? shippedGenerators)
      if (!reading.ok) {
        const lines = reading.faults.map(({ file, fault }) => `- ${file}: ${fault}`)
        print({ faults: reading.faults }, printable(lines.join('\n')))
        return exitCodes.refused
      }
      const out = textOf(values['out'])
      const chosen = familiesOf(reading.value, textOf(values['family']))
      if (out === undefined && values['family'] === undefined)
        throw new UsageError('missing: --out, or --family to print one')
      const options = {
        seed: wholeNumber(values, 'seed', { least: 0, fallback: 1 }),
        count: wholeNumber(values, 'count', { least: 1, fallback: undefined }),
      }
      if (out === undefined) printTexts(reading.value, chosen, options, input)
      else await writeFiles(reading.value, chosen, options, out, input)
      return exitCodes.ok
    },
  }
}

type Options = { readonly seed: number; readonly count: number | undefined }

function printTexts(grammar: Grammar, names: readonly string[], { seed, count }: Options, input: CliInput) {
  const rows = names.flatMap((name) => [...rowsOfFamily(grammar, name, seed, count)])
  input.print(rows, printable(rows.map(({ text }) => text).join('\n---\n')))
}

async function writeFiles(
  grammar: Grammar,
  names: readonly string[],
  { seed, count }: Options,
  folder: string,
  { print }: CliInput,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  const written: { family: string; rows: number }[] = []
  for (const family of names) {
    let rows = 0
    const lines = function* () {
      for (const row of rowsOfFamily(grammar, family, seed, count)) {
        rows += 1
        yield `${JSON.stringify(row)}\n`
      }
    }
    await pipeline(Readable.from(lines()), createWriteStream(join(folder, `${family}.jsonl`)))
    written.push({ family, rows })
  }
  const total = written.reduce((sum, { rows }) => sum + rows, 0)
  print({ families: written, rows: total }, `${folder}: ${total} texts of ${written.length} families`)
}

function familiesOf(grammar: Grammar, name: string | undefined): readonly string[] {
  const names = [...grammar.families.keys()].toSorted()
  if (name === undefined) return names
  if (!grammar.families.has(name))
    throw new UsageError(`no such family: ${name}; there are ${names.join(', ')}`)
  return [name]
}
