import { feedbackExport } from '../../governance/guard/index.ts'
import { anyCanary } from '../../guard/canary/watch.ts'
import { findingKinds, type FindingKind } from '../../guard/finding.ts'
import { mayBeAllowed } from '../../guard/policy/faults.ts'
import { windowDigest } from '../../guard/policy/window.ts'
import type { Channel } from '../../guard/text.ts'
import { markedText, type Missing } from '../../guard/train/marked-text.ts'
import { feedbackStyle, type TrainingRow } from '../../guard/train/row.ts'
import {
  actorText,
  AppError,
  digestOfBytes,
  epochMs,
  toRfc3339,
  type DeploymentId,
  type Digest,
  type EpochMs,
  type RecordId,
  type UserId,
} from '../../kernel/index.ts'
import { guardExports } from '../aggregates/guard.ts'
import { disclosures } from '../aggregates/people.ts'
import { databaseNow } from '../clock.ts'
import { personOf, runCommand, type CommandPorts, type Issuer } from '../command.ts'
import type { ContentOpener } from '../ports/gateway-content.ts'
import type { RecordFinding } from '../ports/gateway.ts'
import type { GuardGround } from '../ports/guard-ground.ts'
import type { Query } from '../ports/query.ts'
import { placeOfDeployment, requireAtPlace } from '../route-place.ts'
import { millis } from '../sql.ts'
import { recordedClass } from './recorded-class.ts'

/**
 * Why a mark is no row: `test`, somebody tried the guard, which teaches nothing; `no_attack`, the rule looks for data and not
 * for attacks; `disputed`, the same text was marked both ways; `repeated`, it is a row already; `taken_out`, it never left
 * the gateway; `no_text`, nothing of the call is kept, or its key is gone; `record_gone`, the record is.
 */
export type WhyLeftOut =
  | 'test'
  | 'no_attack'
  | 'disputed'
  | 'repeated'
  | 'taken_out'
  | 'no_text'
  | 'record_gone'
  | 'unreadable'
  | 'not_found'
  | 'not_clean'

export type FeedbackExport = {
  /** One row a line, as `guard train --data` reads them. */
  readonly file: string
  readonly sha256: string
  readonly rows: number
  readonly leftOut: readonly LeftOut[]
  /** Whether older marks were not looked at. */
  readonly isCut: boolean
}
export type LeftOut = { readonly record: RecordId; readonly finding: number; readonly why: WhyLeftOut }

type Ports = CommandPorts & {
  readonly query: Query
  readonly guardGround: GuardGround
  readonly content: ContentOpener
}

/** Most marks that one export looks at, the last first. */
const mostMarks = 2_000

/** The business owner agrees that marked texts of a deployment leave it once, or takes that back. */
export function consentToExport(
  ports: CommandPorts,
  issuer: Issuer,
  deployment: DeploymentId,
  command: { readonly c: 'consent' | 'withdraw' },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const query: Query = (sql, params) => work.tx.query(sql, params)
    const { belonging } = await placeOfDeployment(query, deployment)
    const person = personOf(issuer)
    // Who has nothing to do with the use case does not learn that it has a deployment.
    if (person === null || !belonging.interested.has(person)) throw new AppError('FORBIDDEN')
    const dataOwner = await dataOwnerOf(query, deployment)
    const context = { now: work.now, actor: issuer.actor, deploymentId: deployment, dataOwner }
    await work.apply(guardExports, deployment, command, context)
  })
}

/**
 * Rows to train on from what analysts have marked at a deployment, as far as the text is kept. It takes who may mark
 * findings and who may open content, and a consent, which it uses up; the entry of the ledger is written before anything
 * is shown, and nothing is opened that the ledger would refuse.
 */
export async function exportFeedback(
  ports: Ports,
  issuer: Issuer,
  deployment: DeploymentId,
): Promise<FeedbackExport> {
  const { query } = ports
  const now = await databaseNow(query)
  await requireBoth(query, issuer, deployment, now)
  const consent = await consentIn(query, deployment, now)
  const may = consent !== null && consent.by !== actorText(issuer.actor) && issuer.actor.k === 'person'
  const read = may ? await readMarks(ports, deployment, consent) : nothing
  await runCommand(ports, issuer, async (work) => {
    const inWork: Query = (sql, params) => work.tx.query(sql, params)
    await requireBoth(inWork, issuer, deployment, work.now)
    const dataOwner = await dataOwnerOf(inWork, deployment)
    const context = { now: work.now, actor: issuer.actor, deploymentId: deployment, dataOwner }
    const { sha256, rows } = read
    await work.apply(
      guardExports,
      deployment,
      { c: 'export', sha256, rows, leftOut: countsOf(read) },
      context,
    )
    const { actor, authn } = issuer
    const disclosed = { c: 'export', size: rows, subject: 'guard_feedback' } as const
    await work.apply(disclosures, actorText(actor), disclosed, { now: work.now, actor, authn })
  })
  return read
}

/** Whether somebody has agreed to an export of a deployment, and what was exported before, the last first. */
export async function exportsOf(
  query: Query,
  issuer: Issuer,
  deployment: DeploymentId,
): Promise<{
  readonly consent: { readonly by: string; readonly at: EpochMs; readonly until: EpochMs } | null
  readonly dataOwner: UserId | null
  readonly exports: readonly PastExport[]
}> {
  const now = await databaseNow(query)
  const place = await placeOfDeployment(query, deployment)
  const person = personOf(issuer)
  const caller = { authority: issuer.authority, person }
  await requireAtPlace(query, caller, ['useCase.read'], place, now)
  const rows = await query<Omit<PastExport, 'at'> & { at: number }>(
    `select ${millis('exported_at')} as at, exported_by as by, consent_by as "consentBy", sha256, row_count as rows,
       left_out as "leftOut"
     from guard_exports where deployment_id = $1 order by exported_at desc limit 50`,
    [deployment],
  )
  return {
    consent: await consentIn(query, deployment, now),
    dataOwner: await dataOwnerOf(query, deployment),
    exports: rows.map((row) => ({ ...row, at: epochMs(row.at) })),
  }
}

export type PastExport = {
  readonly at: EpochMs
  readonly by: string
  readonly consentBy: string
  readonly sha256: string
  readonly rows: number
  readonly leftOut: Readonly<Record<string, number>>
}

/** Both, each where the deployment belongs: a mark is seen by many, the text of a call by few. */
async function requireBoth(
  query: Query,
  issuer: Issuer,
  deployment: DeploymentId,
  now: EpochMs,
): Promise<void> {
  const place = await placeOfDeployment(query, deployment)
  const caller = { authority: issuer.authority, person: personOf(issuer) }
  await requireAtPlace(query, caller, ['guard.feedback'], place, now)
  await requireAtPlace(query, caller, ['content.read'], place, now)
}

async function consentIn(
  query: Query,
  deployment: DeploymentId,
  now: EpochMs,
): Promise<feedbackExport.Consent | null> {
  const [row] = await query<{ by: string; at: number; until: number }>(
    `select given_by as by, ${millis('given_at')} as at, ${millis('until_at')} as until
     from guard_export_consents where deployment_id = $1`,
    [deployment],
  )
  if (row === undefined) return null
  const consent = { by: row.by, at: epochMs(row.at), until: epochMs(row.until) }
  return feedbackExport.consentAt({ consent }, { now, dataOwner: await dataOwnerOf(query, deployment) })
}

async function dataOwnerOf(query: Query, deployment: DeploymentId): Promise<UserId | null> {
  const [row] = await query<{ owner: UserId | null }>(
    `select u.business_owner_id as owner from deployments d join use_cases u on u.id = d.use_case_id where d.id = $1`,
    [deployment],
  )
  return row?.owner ?? null
}

const nothing: FeedbackExport = { ...fileOf([]), rows: 0, leftOut: [], isCut: false }

type Mark = {
  readonly record: RecordId
  readonly finding: number
  readonly rule: string
  readonly kind: FindingKind
  readonly channel: Channel
  readonly window: Digest | null
  readonly mark: 'true_positive' | 'false_positive' | 'benign_in_context'
  /** Null where the record is gone. */
  readonly told: RecordFinding | null
}

async function readMarks(
  ports: Ports,
  deployment: DeploymentId,
  consent: feedbackExport.Consent,
): Promise<FeedbackExport> {
  const found = await ports.query<Mark>(
    `select f.record_id as record, f.finding, f.rule, f.kind, f.channel, f."window", f.mark,
       r.record -> 'findings' -> f.finding as told
     from guard_feedback f left join gateway_records r on r.id = f.record_id
     where f.deployment_id = $1 order by f.marked_at desc, f.record_id, f.finding limit $2`,
    [deployment, mostMarks + 1],
  )
  const marks = found.slice(0, mostMarks)
  const disputed = disputedIn(marks)
  const rows: TrainingRow[] = []
  const leftOut: LeftOut[] = []
  const taken = new Set<string>()
  for (const mark of marks) {
    const { record, finding } = mark
    const name = nameOf(mark)
    const read = disputed.has(name)
      ? 'disputed'
      : taken.has(name)
        ? 'repeated'
        : await textOf(ports, deployment, mark)
    if (typeof read === 'string') {
      leftOut.push({ record, finding, why: read })
      continue
    }
    taken.add(name)
    rows.push({
      id: `${record}-${finding}`,
      text: read.text,
      label: mark.mark === 'true_positive' ? 'attack' : 'benign',
      style: feedbackStyle,
      channel: mark.channel,
      source: `feedback of ${deployment}`,
      licence: `consent of ${consent.by}, ${toRfc3339(consent.at)}`,
    })
  }
  rows.sort((a, b) => (a.id < b.id ? -1 : 1))
  return { ...fileOf(rows), rows: rows.length, leftOut, isCut: found.length > mostMarks }
}

async function textOf(
  { content, guardGround: ground }: Ports,
  deployment: DeploymentId,
  { record, rule, kind, channel, window, mark, told }: Mark,
): Promise<{ readonly text: string } | WhyLeftOut> {
  if (mark === 'benign_in_context') return 'test'
  if (!ofAttacks.has(kind)) return 'no_attack'
  if (told === null) return 'record_gone'
  if (told.effect !== 'none') return 'taken_out'
  // What a model has written is not known again by a window.
  if (window === null || told.side !== 'input' || !mayBeAllowed(rule, kind)) return 'not_found'
  const body = (await content.open(record))?.input
  if (body === null || body === undefined) return 'no_text'
  const { path, start, end } = told
  const read = markedText(
    body.text,
    { rule, kind, channel, channelClass: recordedClass(told), window, path, start, end },
    {
      isAttack: mark === 'true_positive',
      reader: {
        inspect: (text) => ground.inspect(text, null, anyCanary),
        digestOf: (of) => windowDigest(ground.windowKey, { deployment, channel, rule }, of),
      },
    },
  )
  return 'text' in read ? read : (read.missing satisfies Missing)
}

/** Kinds of which a mark says whether a text is an attack. */
const ofAttacks: ReadonlySet<string> = new Set<FindingKind>(
  findingKinds.filter((kind) => !['pii', 'secret', 'canary', 'opaque', 'output_sink'].includes(kind)),
)

/** Texts that one has called real and another has not: nobody learns from them. */
function disputedIn(marks: readonly Mark[]): ReadonlySet<string> {
  const said = new Map<string, Mark['mark']>()
  const disputed = new Set<string>()
  for (const mark of marks) {
    if (mark.window === null || mark.mark === 'benign_in_context') continue
    const name = nameOf(mark)
    const before = said.get(name)
    if (before !== undefined && before !== mark.mark) disputed.add(name)
    said.set(name, mark.mark)
  }
  return disputed
}

/** A text by its window; a finding without one is only itself. */
function nameOf({ window, record, finding }: Mark): string {
  return window ?? `${record} ${finding}`
}

function countsOf({ leftOut }: FeedbackExport): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { why } of leftOut) counts[why] = (counts[why] ?? 0) + 1
  return counts
}

function fileOf(rows: readonly TrainingRow[]): Pick<FeedbackExport, 'file' | 'sha256'> {
  const file = rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  return { file, sha256: digestOfBytes(file).slice('sha256:'.length) }
}
