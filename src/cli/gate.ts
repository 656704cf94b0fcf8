import { z } from 'zod'
import { NoAnswer } from '../contracts/client.ts'
import { reasonView } from '../contracts/problem.ts'
import type { Route } from '../contracts/route.ts'
import { verifyReceipt } from '../governance/authorization/index.ts'
import { parseManifest, releaseDigest } from '../governance/registry/index.ts'
import { environments, epochMs } from '../kernel/index.ts'
import { jsonArgument } from './call.ts'
import {
  exitCodes,
  printable,
  reasonText,
  UsageError,
  type CliCommand,
  type CliInput,
  type CliIo,
} from './cli.ts'
import { remote } from './remote.ts'
import { pinnedRoot, publishedKeys } from './trust.ts'

/** What the gate relies on in the answer, whatever else it holds. */
const evaluation = z.looseObject({
  verdict: z.enum(['allow', 'deny', 'unverifiable']),
  reasons: z.array(reasonView),
  receipt: z.unknown(),
})

const exitOfVerdict = {
  allow: exitCodes.ok,
  deny: exitCodes.refused,
  unverifiable: exitCodes.unverifiable,
} as const

/** What was asked and answered, to be found again in the receipt. */
export type Answered = {
  readonly receipt: unknown
  readonly verdict: string
  readonly deployment: string
  readonly environment: string
  /** Null when the manifest has not the documented form. */
  readonly release: string | null
}

/**
 * `gate check`: asks whether a release may be deployed. `isVouched` says whether the receipt is signed and says the
 * same; an answer that fails it is unverifiable, whatever its verdict says.
 */
export function gateCommand(
  routes: readonly Route[],
  isVouched: (answered: Answered, io: CliIo) => Promise<boolean> = receiptVouches,
): CliCommand {
  return {
    name: 'gate check',
    summary: 'Whether a release may be deployed: exit 0 allow, 3 deny, 4 unverifiable, 2 usage',
    options: {
      release: { type: 'string', help: 'digest of the release' },
      manifest: { type: 'string', help: 'manifest of the release as JSON, or @file' },
      deployment: { type: 'string', help: 'id of the deployment', required: true },
      environment: { type: 'string', help: environments.join(', '), required: true },
      commit: { type: 'string', help: 'the commit that is being deployed' },
      receipt: { type: 'string', help: 'file for the signed receipt' },
    },
    run: async (input) => {
      const { io, values, print } = input
      const body = await requestOf(input)
      pinnedRoot(undefined, io) // a pin that cannot be read is a mistake of the caller, found before anything is asked
      const { client, save } = await remote(routes, io)
      const answer = evaluation.safeParse(await client.callById('gate.evaluate', { body }))
      await save()
      if (!answer.success) throw new NoAnswer('the answer of the gate does not have the documented form')
      const { receipt, reasons } = answer.data
      if (typeof values['receipt'] === 'string')
        await io.writeFile(values['receipt'], `${JSON.stringify(receipt)}\n`)
      const { releaseDigest: release, manifest, deployment, environment } = body
      const answered = {
        receipt,
        verdict: answer.data.verdict,
        deployment,
        environment,
        release: release ?? digestOfManifest(manifest),
      }
      const trusted = await isVouched(answered, io).catch(() => false) // fails closed
      const verdict = trusted ? answer.data.verdict : 'unverifiable'
      const lines = reasons.map((reason) => `  - ${reasonText(reason)}`)
      if (!trusted) lines.push('  - RECEIPT_SIGNATURE_INVALID')
      print({ ...answer.data, verdict }, printable([verdict, ...lines].join('\n')))
      return exitOfVerdict[verdict]
    },
  }
}

/** The receipt is signed by a key that the pinned root vouches for, still speaks, and repeats question and answer. */
async function receiptVouches(answered: Answered, io: CliIo): Promise<boolean> {
  if (typeof answered.receipt !== 'string') return false
  const bundle = await publishedKeys(io, pinnedRoot(undefined, io))
  const checked = verifyReceipt(answered.receipt, bundle, epochMs(Date.now()))
  if (!checked.ok) return false
  const { claims } = checked
  return (
    claims.verdict === answered.verdict &&
    claims.sub === answered.deployment &&
    claims.env === answered.environment &&
    claims.rel === answered.release
  )
}

function digestOfManifest(manifest: unknown): string | null {
  const parsed = parseManifest(manifest)
  return parsed.ok ? releaseDigest(parsed.manifest) : null
}

type Request = {
  readonly releaseDigest?: string
  readonly manifest?: unknown
  readonly deployment: string
  readonly environment: string
  readonly commit?: string
}

async function requestOf({ values, io }: CliInput): Promise<Request> {
  const { release, manifest, commit } = values
  const [deployment, environment] = [String(values['deployment']), String(values['environment'])]
  if ((release === undefined) === (manifest === undefined))
    throw new UsageError('give either --release or --manifest')
  if (!environments.some((name) => name === environment))
    throw new UsageError(`--environment is one of ${environments.join(', ')}`)
  return {
    ...(release === undefined
      ? { manifest: await jsonArgument(manifest, io) }
      : { releaseDigest: String(release) }),
    deployment,
    environment,
    ...(commit === undefined ? {} : { commit: String(commit) }),
  }
}
