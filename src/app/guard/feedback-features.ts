import { shippedBudgets } from '../../guard/normalise/budgets.ts'
import { strictestOffsets } from '../../guard/policy/document.ts'
import type { Channel } from '../../guard/text.ts'
import { windowDigest } from '../../guard/policy/window.ts'
import { placeOfMark } from '../../guard/train/marked-text.ts'
import { AppError, type DeploymentId, type RecordId } from '../../kernel/index.ts'
import { openContent } from '../gateway-content.ts'
import type { CommandPorts, Issuer } from '../command.ts'
import type { ContentOpener } from '../ports/gateway-content.ts'
import type { RecordFinding } from '../ports/gateway.ts'
import type { GuardFeature, GuardGround } from '../ports/guard-ground.ts'
import type { Query } from '../ports/query.ts'
import { recordedClass } from './recorded-class.ts'

/**
 * Why nothing can be said: `no_score`, another rule has found it; `taken_out`, the text never left the gateway; `no_text`,
 * nothing is kept, or it is gone; `not_found`, the kept text does not have it; `other_weights`, those of now do not find it.
 */
export type WhyNoFeatures = 'no_score' | 'taken_out' | 'no_text' | 'not_found' | 'other_weights'

/**
 * What of a finding's window speaks for an order to a model, and against one, by the weights of now. It is text of the call:
 * asking takes a reason and is an entry of the ledger, whatever comes of it.
 */
export async function featuresOfFinding(
  ports: CommandPorts & {
    readonly query: Query
    readonly content: ContentOpener
    readonly guardGround: GuardGround
  },
  issuer: Issuer,
  asked: { readonly record: RecordId; readonly finding: number; readonly reason: string },
): Promise<{ readonly features: readonly GuardFeature[]; readonly why: WhyNoFeatures | null }> {
  const [row] = await ports.query<{ deployment: DeploymentId | null; told: RecordFinding | null }>(
    `select deployment_id as deployment, record -> 'findings' -> $2::integer as told from gateway_records where id = $1`,
    [asked.record, asked.finding],
  )
  // Whoever may not open it learns nothing else either: a record that is not there is refused like one that is.
  if (row === undefined || row.deployment === null || row.told === null) throw new AppError('NOT_FOUND')
  const { deployment, told } = row
  const kept = await openContent(ports, issuer, asked.record, asked.reason)
  const { rule, kind, window } = told
  const channel = told.channel as Channel // as the gateway wrote it
  const none = (why: WhyNoFeatures) => ({ features: [], why })
  if (told.zMilli === undefined) return none('no_score')
  if (told.effect !== 'none') return none('taken_out')
  if (window === undefined || told.side !== 'input') return none('not_found')
  const body = kept?.input ?? null
  if (body === null) return none('no_text')
  const { guardGround: ground } = ports
  const { path, start, end } = told
  const channelClass = recordedClass(told)
  const place = placeOfMark(
    body.text,
    { rule, kind, channel, channelClass, window, path, start, end },
    {
      inspect: (text) => ground.inspect(text, strictest),
      digestOf: (of) => windowDigest(ground.windowKey, { deployment, channel, rule }, of),
    },
  )
  if ('missing' in place) return none('not_found')
  const { text, span } = place
  const found = ground
    .inspect({ channel, channelClass, text }, strictest)
    .filter((finding) => finding.score !== undefined && finding.start < span.end && span.start < finding.end)
    .toSorted((a, b) => (b.z ?? 0) - (a.z ?? 0))
  const [finding] = found
  if (finding === undefined) return none('other_weights')
  return { features: ground.explain({ channel, channelClass, text }, finding), why: null }
}

/** A policy may have moved the thresholds by which it was found. */
const strictest = { offsets: strictestOffsets, budgets: shippedBudgets }
