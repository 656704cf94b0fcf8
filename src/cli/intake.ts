import type { Client } from '../contracts/client.ts'
import type { ReplyOf, Route } from '../contracts/route.ts'
import {
  commitImport,
  exportUseCases,
  importErrors,
  readImport,
  uploadImport,
} from '../contracts/routes/imports.ts'
import type { ImportId } from '../kernel/index.ts'
import { jsonArgument } from './call.ts'
import { exitCodes, printable, reasonText, UsageError, type CliCommand, type CliIo } from './cli.ts'
import { remote } from './remote.ts'

type Import = ReplyOf<typeof readImport>

/** How often the server is asked how far it is. */
const askEveryMs = 500

/** `intake import`: checks a file, and with `--commit` carries its plan out. Exit 3 when a row was not taken. */
export function intakeImportCommand(
  routes: readonly Route[],
  pause: (ms: number) => Promise<void> = (ms) => new Promise((done) => setTimeout(done, ms)),
): CliCommand {
  return {
    name: 'intake import',
    summary:
      'Check a CSV file of use cases, and commit its plan: exit 0 all rows, 3 rows with errors, 2 usage',
    positionals: ['file'],
    options: {
      'dry-run': { type: 'boolean', help: 'say what would happen with each row' },
      commit: { type: 'boolean', help: 'commit the plan: all rows or none' },
      'skip-errors': { type: 'boolean', help: 'with --commit: leave out rows with errors' },
      mapping: {
        type: 'string',
        help: 'what columns are for, as JSON {"column": "question"} or null, or @file',
      },
      errors: { type: 'string', help: 'file for the rows that were not taken, with the reasons' },
    },
    run: async ({ values, positionals, io, print }) => {
      const [file = ''] = positionals
      if ((values['dry-run'] === true) === (values['commit'] === true))
        throw new UsageError('give either --dry-run or --commit')
      const text = await io.readFile(file).catch((cause: unknown) => {
        throw new UsageError(`\`${file.slice(0, 200)}\` cannot be read`, { cause })
      })
      const mapping = mappingOf(await jsonArgument(values['mapping'], io))
      const { client, save } = await remote(routes, io)
      const fileName = file.split(/[\\/]/).at(-1) ?? file
      const { id } = await client.call(uploadImport, { body: { fileName, text, mapping } })
      const follow = (phase: Import['phase']) => followed(client, id, phase, io, pause)
      let record = await follow('checking')
      const wantsCommit = values['commit'] === true && record.phase === 'planned'
      const isWhole = (record.counts?.error ?? 0) === 0
      if (wantsCommit && (isWhole || values['skip-errors'] === true)) {
        const mode = isWhole && values['skip-errors'] !== true ? 'atomic' : 'skip_errors'
        await client.call(commitImport, {
          params: { id },
          body: { planDigest: record.planDigest ?? '', mode },
        })
        record = await follow('committing')
      }
      const isClean = record.faults.length === 0 && isWhole && record.applied.failed === 0
      if (!isClean && typeof values['errors'] === 'string')
        await io.writeFile(values['errors'], await client.call(importErrors, { params: { id } }))
      await save()
      print(record, printable(reportOf(record)))
      const isDone = values['commit'] !== true || record.phase === 'done'
      return isClean && isDone ? exitCodes.ok : exitCodes.refused
    },
  }
}

/** `intake export`: the answers of all use cases that the filter shows, as an import takes them back. */
export function intakeExportCommand(routes: readonly Route[]): CliCommand {
  return {
    name: 'intake export',
    summary: 'Write the answers of use cases as CSV that `intake import` takes back as unchanged',
    positionals: ['file'],
    options: {
      state: { type: 'string', help: 'only use cases in this state' },
      tier: { type: 'string', help: 'only use cases of this tier' },
      q: { type: 'string', help: 'only use cases with this text in the title' },
    },
    run: async ({ values, positionals, io, print }) => {
      const [file = ''] = positionals
      const given = ['state', 'tier', 'q'].flatMap((name) =>
        typeof values[name] === 'string' ? [[name, values[name]] as const] : [],
      )
      const { client, save } = await remote(routes, io)
      // The server checks the members of the filter, and names the one at fault.
      const text = String(await client.callById(exportUseCases.id, { query: Object.fromEntries(given) }))
      await save()
      await io.writeFile(file, text)
      const hasTexts = (text.split('\r\n', 1)[0] ?? '').split(',').includes('title')
      const note = hasTexts ? '' : '\nyour roles do not open the texts: their columns are left out'
      print({ file, bytes: Buffer.byteLength(text), hasTexts }, printable(`written to ${file}${note}`))
      return exitCodes.ok
    },
  }
}

function mappingOf(given: unknown): { column: string; to: string | null }[] {
  if (given === undefined) return []
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new UsageError('--mapping is a JSON object of column and question')
  return Object.entries(given).map(([column, to]) => {
    if (to !== null && typeof to !== 'string') throw new UsageError('--mapping names a question, or null')
    return { column, to }
  })
}

/** Asks until the import has left `phase`, and says on stderr how far it is. */
async function followed(
  client: Client,
  id: ImportId,
  phase: Import['phase'],
  io: CliIo,
  pause: (ms: number) => Promise<void>,
): Promise<Import> {
  for (let told = ''; ; ) {
    const record = await client.call(readImport, { params: { id } })
    if (record.phase !== phase) return record
    const { done, total } = record.progress
    const line = `${phase}: ${done} of ${total ?? 'unknown'} rows\n`
    if (line !== told) io.err(line)
    told = line
    await pause(askEveryMs)
  }
}

function reportOf({ id, phase, counts, applied, faults }: Import): string {
  const lines = [`${id} ${phase}`]
  if (counts !== null)
    lines.push(
      `planned: ${counts.create} create, ${counts.update} update, ${counts.unchanged} unchanged, ${counts.error} with errors`,
    )
  if (phase !== 'planned' && phase !== 'unusable')
    lines.push(`applied: ${applied.done} done, ${applied.failed} refused, ${applied.pending} pending`)
  lines.push(...faults.map((reason) => `  - ${reasonText(reason)}`))
  return lines.join('\n')
}
