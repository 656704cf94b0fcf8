import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { ExportTrust, Verdict } from '../ledger/index.ts'
import { linesOf, parseVkey, verifyExport } from '../ledger/index.ts'
import { verifyStory, type Story } from './story/verify.ts'

/** What the person at the command line asked for. The key comes from `vkey` or from the first line of `policyFile`. */
export type VerifyOptions = {
  readonly vkey?: string
  readonly policyFile?: string
  readonly json?: boolean
  readonly require?: 'witnessed' | 'timestamped' | 'unanchored'
  readonly kinds: ExportTrust['kinds']
}

export type VerifyResult = { readonly exitCode: 0 | 2 | 10 | 40 | 50; readonly text: string }

const maxPolicyBytes = 65_536

/**
 * Verifies an export file without server, database or network: first that the log is whole, then that its story holds.
 * Exit codes: 0, 10, 40, 50; 2 when it could not start.
 */
export async function verifyExportFile(path: string, options: VerifyOptions): Promise<VerifyResult> {
  try {
    const vkey = await keyOf(options)
    if (vkey === null) return { exitCode: 2, text: 'one usable verifier key is needed: --vkey or --policy\n' }
    const { verdict, story } = await verifyWithStory(path, { vkey, kinds: options.kinds })
    const exitCode = exitCodeOf(verdict, options.require ?? 'witnessed')
    return {
      exitCode,
      text:
        options.json === true
          ? `${JSON.stringify({ exitCode, ...verdict, story })}\n`
          : report(verdict, story),
    }
  } catch (error) {
    if (!isFileError(error)) throw error
    return { exitCode: 2, text: `cannot read: ${error.code}\n` }
  }
}

/** The exit code of a verdict; without witnesses and time-stamps every export is unanchored. */
export function exitCodeOf(
  verdict: Verdict,
  require: NonNullable<VerifyOptions['require']>,
): 0 | 10 | 40 | 50 {
  if (verdict.verdict === 'mismatch') return 40
  if (verdict.verdict === 'unverifiable') return 50
  return require === 'unanchored' ? 0 : 10
}

/** Whether an error says that a file cannot be read. */
export function isFileError(error: unknown): error is Error & { readonly code: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^E[A-Z]+$/.test(error.code)
  )
}

/** The story is null where the log itself does not hold: whoever changed it could have told any. */
async function verifyWithStory(
  path: string,
  trust: Pick<ExportTrust, 'vkey' | 'kinds'>,
): Promise<{ readonly verdict: Verdict; readonly story: Story['summary'] | null }> {
  const told: Story[] = []
  const recompute: ExportTrust['recompute'] = (entries) => {
    const story = verifyStory(entries)
    told.push(story)
    return story.findings
  }
  const verdict = await verifyExport(linesOf(createReadStream(path)), { ...trust, recompute })
  return { verdict, story: told[0]?.summary ?? null }
}

async function keyOf({ vkey, policyFile }: VerifyOptions): Promise<string | null> {
  if ((vkey === undefined) === (policyFile === undefined)) return null
  const text =
    vkey ?? keyInPolicy((await readFile(policyFile ?? '')).subarray(0, maxPolicyBytes).toString('utf8'))
  return parseVkey(text) === null ? null : text
}

/** The key of the only `log` line of a policy file; comments and other lines are left to other checks. */
function keyInPolicy(policy: string): string {
  const logs = policy.split('\n').flatMap((line) => {
    const [word, key] = line.trim().split(/\s+/)
    return word === 'log' && key !== undefined ? [key] : []
  })
  return logs.length === 1 ? (logs[0] ?? '') : ''
}

function report(verdict: Verdict, story: Story['summary'] | null): string {
  const counts = `${verdict.entries} entries, ${verdict.checkpoints} checkpoints, ${verdict.erased} erased compartments`
  const lines = [
    `${verdict.verdict.toUpperCase()}: ${counts}, ${verdict.independence.toUpperCase()}`,
    story === null ? 'story: not read, because the log itself does not hold' : summaryOf(story),
  ]
  for (const { code, subject, expected, found } of verdict.findings)
    lines.push(`${code} at ${subject}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`)
  if (verdict.found > verdict.findings.length)
    lines.push(`and ${verdict.found - verdict.findings.length} more`)
  return `${lines.join('\n')}\n`
}

function summaryOf(story: Story['summary']): string {
  return [
    `story: ${story.people} people, ${story.cases} cases`,
    `decisions recomputed ${story.recomputed} of ${story.decisions}`,
    `passkey-signed acts verified ${story.verified} of ${story.signed}`,
    `grants with a valid basis ${story.wellFounded} of ${story.grants}`,
  ].join('; ')
}
