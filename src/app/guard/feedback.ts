import type { feedback } from '../../governance/guard/index.ts'
import {
  AppError,
  epochMs,
  type DeploymentId,
  type Digest,
  type EpochMs,
  type RecordId,
} from '../../kernel/index.ts'
import { visibleSql, type Visibility } from '../access.ts'
import { guardFeedback } from '../aggregates/guard.ts'
import { personOf, runCommand, type CommandPorts, type Issuer } from '../command.ts'
import type { RecordFinding } from '../ports/gateway.ts'
import type { Query } from '../ports/query.ts'
import { placeOfDeployment, requireAtPlace } from '../route-place.ts'
import { instant, millis } from '../sql.ts'

/** Says of a finding of a record what it was. It changes nothing that the guard does. */
export function markFinding(
  ports: CommandPorts,
  issuer: Issuer,
  { record, ...command }: Omit<feedback.Command, 'c'> & { readonly record: RecordId },
): Promise<void> {
  return runCommand(ports, issuer, async (work) => {
    const query: Query = (sql, params) => work.tx.query(sql, params)
    const [row] = await query<{ deployment: DeploymentId | null; finding: RecordFinding | null }>(
      `select deployment_id as deployment, record -> 'findings' -> $2::integer as finding
       from gateway_records where id = $1`,
      [record, command.finding],
    )
    // A call with an unknown key belongs to no deployment, and nothing was read of it.
    if (row === undefined || row.deployment === null) throw new AppError('NOT_FOUND')
    const { deployment, finding } = row
    const caller = { authority: issuer.authority, person: personOf(issuer) }
    await requireAtPlace(
      query,
      caller,
      ['guard.feedback'],
      await placeOfDeployment(query, deployment),
      work.now,
    )
    const subject = finding === null ? null : subjectOf(deployment, finding)
    const context = { now: work.now, actor: issuer.actor, recordId: record, subject }
    await work.apply(guardFeedback, record, { c: 'mark', ...command }, context)
  })
}

function subjectOf(
  deploymentId: DeploymentId,
  { rule, kind, channel, window, zMilli }: RecordFinding,
): feedback.Subject {
  return { deploymentId, rule, kind, channel, window: window ?? null, zMilli: zMilli ?? null }
}

/** What analysts have said of one text at a deployment, or of a rule where texts are not told apart. */
export type FeedbackGroup = {
  readonly deploymentId: DeploymentId
  readonly title: string
  readonly rule: string
  readonly kind: string
  readonly channel: string
  readonly window: Digest | null
  readonly marks: Readonly<Record<feedback.Mark, number>>
  readonly lastReason: feedback.MarkReason
  readonly lastAt: EpochMs
  readonly lastRecord: RecordId
  /** Place of the finding in that record. */
  readonly lastFinding: number
  /** Whether the text is kept by which the score of that finding could be explained; `no_score`: it rests on no score. */
  readonly text: 'kept' | 'not_kept' | 'no_score'
  /** Highest score among the marked, in thousandths of z; null of rules without a score. */
  readonly zMilli: number | null
  /** Calls of the last 30 days in which this text was found. Null where texts are not told apart. */
  readonly calls: number | null
  /** Until when it passes by the version in force; null: it does not. */
  readonly allowedUntil: EpochMs | null
  /** Whether the draft or the version in shadow lets it pass. */
  readonly isProposed: boolean
}

export type FeedbackFilter = {
  readonly visibility: Visibility
  readonly deployment?: DeploymentId
  readonly rule?: string
  /** Groups in which somebody has said so. */
  readonly mark?: feedback.Mark
  /** Groups that nothing was done about. */
  readonly isOpen?: boolean
  readonly after: { readonly at: EpochMs; readonly id: string } | null
  readonly limit: number
}

type Row = Omit<FeedbackGroup, 'marks' | 'lastAt' | 'allowedUntil'> & {
  readonly truePositive: number
  readonly falsePositive: number
  readonly benign: number
  readonly lastAt: number
  readonly allowedUntil: number | null
}

/** The queue: groups by text and deployment, those that were marked last first. */
export async function listFeedback(query: Query, filter: FeedbackFilter): Promise<readonly FeedbackGroup[]> {
  const rows = await query<Row>(
    `with groups as (
       select f.deployment_id, u.title, f.rule, f.kind, f.channel, f."window",
         count(*) filter (where f.mark = 'true_positive') as true_positive,
         count(*) filter (where f.mark = 'false_positive') as false_positive,
         count(*) filter (where f.mark = 'benign_in_context') as benign,
         (array_agg(f.reason order by f.marked_at desc, f.record_id desc))[1] as last_reason,
         (array_agg(f.record_id order by f.marked_at desc, f.record_id desc))[1] as last_record,
         (array_agg(f.finding order by f.marked_at desc, f.record_id desc))[1] as last_finding,
         max(f.marked_at) as last_at, max(f.z_milli) as z_milli
       from guard_feedback f join deployments d on d.id = f.deployment_id join use_cases u on u.id = d.use_case_id
       where ${visibleSql('u', 1)} and ($2::text is null or f.deployment_id = $2) and ($3::text is null or f.rule = $3)
       group by 1, 2, 3, 4, 5, 6
     ), told as (
       select g.*, a.until_at,
         exists (select 1 from guard_policies p, jsonb_array_elements(p.policy -> 'allow') as e
           where p.stage in ('draft', 'shadow') and e ->> 'deployment' = g.deployment_id and e ->> 'rule' = g.rule
             and e ->> 'channel' = g.channel and e ->> 'window' = g."window")
         or exists (select 1 from guard_policies p, jsonb_array_elements(p.policy -> 'off') as e
           where p.stage in ('draft', 'shadow') and e ->> 'deployment' = g.deployment_id and e ->> 'rule' = g.rule) as is_proposed
       from groups g left join guard_allowances a on a.deployment_id = g.deployment_id and a.rule = g.rule
         and a.channel = g.channel and a."window" = g."window" and a.until_at > now()
     )
     select deployment_id as "deploymentId", title, rule, kind, channel, "window", true_positive::int as "truePositive",
       false_positive::int as "falsePositive", benign::int as benign, last_reason as "lastReason",
       last_record as "lastRecord", last_finding as "lastFinding",
       case when z_milli is null then 'no_score' when exists (
         select 1 from gateway_content c join content_keys k on k.deployment_id = c.deployment_id and k.expires_on = c.expires_on
         where c.record_id = told.last_record and c.side = 'input') then 'kept' else 'not_kept' end as text, ${millis('last_at')} as "lastAt", z_milli as "zMilli",
       ${millis('until_at')} as "allowedUntil", is_proposed as "isProposed",
       case when "window" is null then null else (
         select count(*) from gateway_records r where r.deployment_id = told.deployment_id
           and r.at > now() - interval '30 days' and r.marks @> '{findings:some}'
           and r.record -> 'findings' @> jsonb_build_array(jsonb_build_object('window', told."window")))::int end as calls
     from told
     where ($4::text is null or case $4 when 'true_positive' then true_positive when 'false_positive' then false_positive
         else benign end > 0)
       and ($5::boolean is null or $5 = (until_at is null and not is_proposed))
       and ($6::bigint is null or (last_at, last_record) < (${instant(6)}, $7))
     order by last_at desc, last_record desc limit $8`,
    [
      JSON.stringify(filter.visibility),
      filter.deployment ?? null,
      filter.rule ?? null,
      filter.mark ?? null,
      filter.isOpen ?? null,
      filter.after?.at ?? null,
      filter.after?.id ?? '',
      filter.limit,
    ],
  )
  return rows.map(({ truePositive, falsePositive, benign, ...row }) => ({
    ...row,
    marks: { true_positive: truePositive, false_positive: falsePositive, benign_in_context: benign },
    lastAt: epochMs(row.lastAt),
    allowedUntil: row.allowedUntil === null ? null : epochMs(row.allowedUntil),
  }))
}

/** What was said of the findings of one record, by their place in it. */
export async function marksOfRecord(
  query: Query,
  visibility: Visibility,
  record: RecordId,
): Promise<
  readonly {
    readonly finding: number
    readonly mark: feedback.Mark
    readonly reason: string
    readonly by: string
  }[]
> {
  return query(
    `select f.finding, f.mark, f.reason, f.marked_by as by from guard_feedback f
       join deployments d on d.id = f.deployment_id join use_cases u on u.id = d.use_case_id
     where f.record_id = $2 and ${visibleSql('u', 1)} order by f.finding`,
    [JSON.stringify(visibility), record],
  )
}
