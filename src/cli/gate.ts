import { z } from 'zod'
import { NoAnswer } from '../contracts/client.ts'
import { reasonView } from '../contracts/problem.ts'
import type { Route } from '../contracts/route.ts'
import { environments } from '../kernel/index.ts'
import { jsonArgument } from './call.ts'
import { exitCodes, printable, reasonText, UsageError, type CliCommand, type CliInput } from './cli.ts'
import { remote } from './remote.ts'

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

/**
 * `gate check`: asks whether a release may be deployed. `verifyReceipt` checks the signature of the receipt; an
 * answer that fails it is unverifiable, whatever its verdict says.
 */
export function gateCommand(
  routes: readonly Route[],
  verifyReceipt?: (receipt: unknown) => Promise<boolean>,
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
      const { client, save } = await remote(routes, io)
      const answer = evaluation.safeParse(await client.callById('gate.evaluate', { body }))
      await save()
      if (!answer.success) throw new NoAnswer('the answer of the gate does not have the documented form')
      const { receipt, reasons } = answer.data
      if (typeof values['receipt'] === 'string')
        await io.writeFile(values['receipt'], `${JSON.stringify(receipt)}\n`)
      const trusted = verifyReceipt === undefined || (await verifyReceipt(receipt).catch(() => false)) // fails closed
      const verdict = trusted ? answer.data.verdict : 'unverifiable'
      const lines = reasons.map((reason) => `  - ${reasonText(reason)}`)
      if (!trusted) lines.push('  - RECEIPT_SIGNATURE_INVALID')
      print({ ...answer.data, verdict }, printable([verdict, ...lines].join('\n')))
      return exitOfVerdict[verdict]
    },
  }
}

async function requestOf({ values, io }: CliInput): Promise<Readonly<Record<string, unknown>>> {
  const { release, manifest, deployment, environment, commit } = values
  if ((release === undefined) === (manifest === undefined))
    throw new UsageError('give either --release or --manifest')
  if (!environments.some((name) => name === environment))
    throw new UsageError(`--environment is one of ${environments.join(', ')}`)
  return {
    ...(release === undefined ? { manifest: await jsonArgument(manifest, io) } : { releaseDigest: release }),
    deployment,
    environment,
    ...(commit === undefined ? {} : { commit }),
  }
}
