import { epochMs, type DeploymentId, type EpochMs } from '../../kernel/index.ts'
import { visibleSql, type Visibility } from '../access.ts'
import type { Query } from '../ports/query.ts'
import { instant } from '../sql.ts'

/** How often one rule found something in one channel. */
export type RuleHits = {
  readonly rule: string
  readonly channel: string
  readonly flagged: number
  readonly redacted: number
  readonly blocked: number
}

/** What analysts have said of the findings of a rule. */
export type RuleMarks = {
  readonly rule: string
  readonly truePositive: number
  readonly falsePositive: number
}

/** Texts of requests at one deployment, in languages that the scorer knows and in others. */
export type LanguageShare = {
  readonly deploymentId: DeploymentId
  readonly title: string
  readonly supported: number
  readonly advisory: number
}

export type Hits = {
  /** Calls that were inspected. */
  readonly calls: number
  /** The most frequent first. */
  readonly rules: readonly RuleHits[]
  readonly marks: readonly RuleMarks[]
  /** By deployment, those with most texts in other languages first; at most 100. */
  readonly languages: readonly LanguageShare[]
  /** Inspected calls and findings by the hour or the day, oldest first; a span without calls is left out. */
  readonly series: readonly { readonly at: EpochMs; readonly calls: number; readonly findings: number }[]
}

/** Counts by the hour, of what the reader may see; by the day where the time is longer than three days. */
export async function readHits(
  query: Query,
  filter: {
    readonly visibility: Visibility
    readonly from: EpochMs
    readonly to: EpochMs
    readonly deployment?: DeploymentId
  },
): Promise<Hits> {
  const { from, to, visibility, deployment = null } = filter
  const params = [JSON.stringify(visibility), from, to, deployment]
  const place = (table: string) => `${table} t join deployments d on d.id = t.deployment_id
    join use_cases u on u.id = d.use_case_id
    where ${visibleSql('u', 1)} and ($4::text is null or t.deployment_id = $4)`
  const counted = await query<{ rule: string; channel: string; effect: string; n: number }>(
    `select t.rule, t.channel, t.effect, sum(t.n)::bigint as n from ${place('guard_hits')}
       and t.hour >= ${instant(2)} and t.hour < ${instant(3)} group by 1, 2, 3`,
    params,
  )
  const marks = await query<RuleMarks>(
    `select t.rule, count(*) filter (where t.mark = 'true_positive')::int as "truePositive",
       count(*) filter (where t.mark <> 'true_positive')::int as "falsePositive"
     from ${place('guard_feedback')} and t.marked_at >= ${instant(2)} and t.marked_at < ${instant(3)}
     group by 1 order by 1`,
    params,
  )
  const languages = await query<LanguageShare>(
    `select t.deployment_id as "deploymentId", u.title, sum(t.supported)::bigint as supported,
       sum(t.advisory)::bigint as advisory
     from ${place('guard_languages')} and t.hour >= ${instant(2)} and t.hour < ${instant(3)}
     group by 1, 2 order by advisory desc, supported desc, 1 limit 100`,
    params,
  )
  const span = to - from > longestByHour ? 'day' : 'hour'
  const series = await query<{ at: number; calls: number; findings: number }>(
    `select (extract(epoch from date_trunc('${span}', t.hour at time zone 'UTC') at time zone 'UTC') * 1000)::bigint as at,
       coalesce(sum(t.n) filter (where t.rule = ''), 0)::bigint as calls,
       coalesce(sum(t.n) filter (where t.rule <> ''), 0)::bigint as findings
     from ${place('guard_hits')} and t.hour >= ${instant(2)} and t.hour < ${instant(3)} group by 1 order by 1`,
    params,
  )
  return {
    calls: counted.find(({ rule }) => rule === '')?.n ?? 0,
    rules: hitsIn(counted),
    marks,
    languages,
    series: series.map((item) => ({ ...item, at: epochMs(item.at) })),
  }
}

const longestByHour = 3 * 86_400_000

function hitsIn(
  counted: readonly {
    readonly rule: string
    readonly channel: string
    readonly effect: string
    readonly n: number
  }[],
): readonly RuleHits[] {
  const hits = new Map<
    string,
    { rule: string; channel: string; flagged: number; redacted: number; blocked: number }
  >()
  for (const { rule, channel, effect, n } of counted) {
    if (rule === '') continue
    const name = `${rule} ${channel}`
    const item = hits.get(name) ?? { rule, channel, flagged: 0, redacted: 0, blocked: 0 }
    hits.set(name, item)
    if (effect === 'blocked') item.blocked += n
    else if (effect === 'redacted') item.redacted += n
    else item.flagged += n
  }
  const total = ({ flagged, redacted, blocked }: RuleHits) => flagged + redacted + blocked
  return [...hits.values()].toSorted((a, b) => total(b) - total(a) || (a.rule < b.rule ? -1 : 1))
}
