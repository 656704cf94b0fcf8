import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import OpenAI, { APIError } from 'openai'
import { verifyExportFile } from '../../cli/ledger-verify.ts'
import { eventKinds } from '../../contracts/events.ts'
import { explainTier } from '../../contracts/routes/intake.ts'
import { ledgerExport } from '../../contracts/routes/ledger.ts'
import { orderStop } from '../../contracts/routes/stops.ts'
import type { CaseId } from '../../kernel/index.ts'
import { advisorySummariser, endpointContainment } from './answers.ts'
import type { Organisation } from './organisation.ts'
import {
  approveByAll,
  approved,
  build,
  deploy,
  issueKey,
  modelAlias,
  openVote,
  passChecks,
  signOffReviews,
  triaged,
  type Built,
} from './systems.ts'

export type WalkOptions = {
  readonly org: Organisation
  readonly gateway: string
  /** Verifier key of the log, as `serve` printed it. */
  readonly vkey: string
  /** Where the export goes. */
  readonly folder: string
  readonly tell: (line: string) => void
}

/** What the walk was about, for those who look at it afterwards. */
export type Walked = { readonly built: Built; readonly caseId: CaseId }

/** Walks the whole chain and checks each step; throws at the first that is not as it should be. */
export async function walkChain({ org, gateway, vkey, folder, tell }: WalkOptions): Promise<Walked> {
  const answers = endpointContainment('Endpoint containment agent')
  const useCase = await triaged(org, answers)
  const { effective, computed } = await org.analyst.call(explainTier, { params: { id: useCase.id } })
  expect(effective === 3, 'the containment agent is tier 3')
  tell(`intake and triage: tier ${effective}, because ${computed.fired.map(({ why }) => why).join('; ')}`)

  const built = await build(org, useCase, answers)
  tell(`release ${built.release.slice(0, 19)}… and a place in production`)
  const ask = caller(gateway, await issueKey(org, built))
  tell(`a call before approval: ${await denied(ask)}`)

  tell(`${await signOffReviews(org, built)} reviews signed off by the seats of their functions`)
  tell(`${await passChecks(org, built)} required checks recorded by an independent validator`)
  const caseId = await openVote(org, built)
  await approveByAll(org, caseId)
  tell(
    'six ballots, each signed by its person’s passkey: approved; the approval becomes a grant of five minutes',
  )
  await deploy(org, built)
  tell(`answered: ${await untilAnswered(ask)}`)
  tell(`answered as a stream: ${await streamed(ask)}`)

  const body = {
    scope: 'deployment',
    targetId: built.deploymentId,
    reasonCode: 'incident',
    reason: 'It isolated a domain controller.',
  } as const
  const { id: stop } = await org.commander.call(orderStop, { body })
  const stoppedAt = performance.now()
  tell(
    `stopped by one person; ${Math.round((await untilDenied(ask)) - stoppedAt)} ms later: ${await denied(ask)}`,
  )

  await approveByAll(org, await openVote(org, built, { kind: 'resume', stops: [stop] }))
  tell('the committee has decided to resume, by the rule of the first approval')
  tell(`answered again: ${await untilAnswered(ask)}`)

  const until = new Date(Date.now() + 15_000).toISOString()
  const short = await approved(org, advisorySummariser('Summaries for one exercise'), until)
  const askShort = caller(gateway, await issueKey(org, short))
  tell(`a tier 1 system is approved until ${until}: ${await untilAnswered(askShort)}`)
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, Date.parse(until) - Date.now()) + 100))
  tell(`after its expiry: ${await denied(askShort)}`)

  await proveLedger(org, vkey, folder, tell)
  return { built, caseId }
}

async function proveLedger(
  org: Organisation,
  vkey: string,
  folder: string,
  tell: (line: string) => void,
): Promise<void> {
  const file = join(folder, 'ledger-export.jsonl')
  await writeFile(file, await org.auditor.call(ledgerExport, {}), { mode: 0o600 })
  const verify = (path: string) => verifyExportFile(path, { vkey, require: 'unanchored', kinds: eventKinds })
  const sound = await verify(file)
  expect(sound.exitCode === 0, `the export verifies: ${sound.text}`)
  tell(`the exported ledger verifies offline: ${sound.text.trim().replaceAll('\n', '; ')}`)
  const lines = (await readFile(file, 'utf8')).split('\n')
  for (const part of ['entry', 'proof', 'checkpoint'] as const) {
    const forged = join(folder, `ledger-export.forged-${part}.jsonl`)
    await writeFile(forged, forge(lines, part).join('\n'), { mode: 0o600 })
    const broken = await verify(forged)
    expect(broken.exitCode === 40, `an export with a forged ${part} does not verify`)
    tell(`with one character of one ${part} changed: ${broken.text.split('\n')[2] ?? broken.text}`)
  }
}

const forgeable = { entry: '"leaf":{"actor":"', proof: '"path":["', checkpoint: '"checkpoint":"' } as const

/** The lines of an export with one character changed in its newest entry, proof or checkpoint. */
function forge(lines: readonly string[], part: keyof typeof forgeable): readonly string[] {
  const member = forgeable[part]
  const at = lines.findLastIndex((line) => line.includes(member))
  const line = lines[at] ?? ''
  expect(line !== '', `the export has a part of the kind ${part}`)
  const place = line.indexOf(member) + member.length + 8
  const changed = line[place] === 'a' ? 'b' : 'a'
  return lines.with(at, line.slice(0, place) + changed + line.slice(place + 1))
}

type Ask = {
  readonly json: () => Promise<string>
  readonly stream: () => Promise<{ readonly text: string; readonly chunks: number }>
}

/** The unmodified OpenAI client, pointed at the gateway. */
function caller(gateway: string, apiKey: string): Ask {
  const client = new OpenAI({ apiKey, baseURL: `${gateway}/v1`, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'Host fin-07 beacons every 60 seconds. What now?' }]
  return {
    json: async () => {
      const { choices } = await client.chat.completions.create({ model: modelAlias, messages })
      return choices[0]?.message.content ?? ''
    },
    stream: async () => {
      let [text, chunks] = ['', 0]
      for await (const chunk of await client.chat.completions.create({
        model: modelAlias,
        messages,
        stream: true,
      })) {
        text += chunk.choices[0]?.delta.content ?? ''
        chunks += 1
      }
      return { text, chunks }
    },
  }
}

async function answered({ json }: Ask): Promise<string> {
  const text = await json()
  expect(text !== '', 'the model answers')
  return `"${text.slice(0, 60)}…"`
}

async function streamed({ stream }: Ask): Promise<string> {
  const { text, chunks } = await stream()
  expect(text !== '' && chunks > 3, 'the answer arrives in parts')
  return `${chunks} chunks`
}

/** The gateway's refusal of a call; throws when the call went through. */
async function denied(ask: Ask): Promise<string> {
  const refusal = await settledRefusal(ask)
  if (refusal === null) throw new Error('the gateway let a call through that it must refuse')
  expect(refusal.status === 403, `a refusal is a 403, not ${String(refusal.status)}`)
  return `403 ${String(refusal.code)}`
}

/** A fresh key is known to the gateway a moment after it was issued; until then the refusal is a 401. */
async function settledRefusal(ask: Ask): Promise<APIError | null> {
  for (let tries = 0; tries < 40; tries += 1) {
    const refusal = await refusalOf(ask)
    if (refusal?.status !== 401) return refusal
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return refusalOf(ask)
}

async function refusalOf({ json }: Ask): Promise<APIError | null> {
  try {
    await json()
    return null
  } catch (error) {
    if (error instanceof APIError) return error
    throw error
  }
}

/** The moment of the first refusal; a stop must take hold within a second. */
async function untilDenied(ask: Ask): Promise<number> {
  const start = performance.now()
  while ((await refusalOf(ask)) === null) {
    expect(performance.now() - start < 1_000, 'the stop takes hold within a second')
  }
  return performance.now()
}

/** A decision becomes a grant within moments: as soon as its entry has an index. */
async function untilAnswered(ask: Ask): Promise<string> {
  const start = performance.now()
  while ((await refusalOf(ask)) !== null) {
    expect(performance.now() - start < 5_000, 'the grant follows from the decision')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return answered(ask)
}

function expect(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`not as it should be: ${what}`)
}
