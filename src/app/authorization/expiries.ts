import { expiry } from '../../governance/authorization/index.ts'
import { unreachable, type EpochMs } from '../../kernel/index.ts'
import { expiries } from '../aggregates/expiries.ts'
import { databaseNow } from '../clock.ts'
import { runCommand, systemIssuer, type CommandPorts } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { instant, millis } from '../sql.ts'

export type ExpiryPorts = CommandPorts & { readonly query: Query }

/**
 * Records reminders that are due and what the clock has ended, one command each. Nothing that is denied depends on it.
 * Returns how many facts it has recorded.
 */
export async function recordDueExpiries(ports: ExpiryPorts): Promise<number> {
  const now = await databaseNow(ports.query)
  let recorded = 0
  const failed: unknown[] = []
  for (const subject of await dueSubjects(ports.query, now))
    try {
      recorded += await recordExpiry(ports, now, subject)
    } catch (error) {
      failed.push(error) // what cannot be recorded must not keep back what comes after it
    }
  if (failed.length > 0) throw failed[0]
  return recorded
}

/** Records what is due of one thing, as it stands under its lock: somebody may have ended it or recorded the same. */
async function recordExpiry(ports: ExpiryPorts, now: EpochMs, found: expiry.Subject): Promise<number> {
  return runCommand(ports, systemIssuer('timer', now), async (work) => {
    await work.tx.lockStreams([streamOf(found), `expiry/${found.id}`])
    const [subject] = await dueSubjects((sql, params) => work.tx.query(sql, params), work.now, found.id)
    if (subject === undefined) return 0
    const { events } = await work.apply(expiries, subject.id, { c: 'tick', subject }, { now: work.now })
    return events.length
  })
}

function streamOf(subject: expiry.Subject): string {
  switch (subject.k) {
    case 'decision':
      return `case/${subject.caseId}`
    case 'waiver':
      return `waiver/${subject.id}`
    case 'condition':
      return `condition/${subject.id}`
    case 'tier_override':
      return `useCase/${subject.id}`
    default:
      return unreachable(subject)
  }
}

const batch = 200

/**
 * What has something due at `now` that is not recorded, longest due first; `id` asks about one thing alone. A day has 24
 * hours here as everywhere, whatever the time zone of the database does.
 */
function dueSubjects(
  query: Query,
  now: EpochMs,
  id: string | null = null,
): Promise<readonly expiry.Subject[]> {
  const at = instant(1)
  return query<expiry.Subject>(
    `select 'decision' as k, d.id, d.case_id as "caseId", null as "decisionId",
       ${millis('d.not_before_at')} as "startsAt", ${millis('d.expires_at')} as "endsAt"
     from decisions d left join expiries x on x.id = d.id
     where ($2::text is null or d.id = $2) and d.outcome <> 'rejected' and x.is_over is not true
       and not exists (select 1 from decision_revocations r where r.decision_id = d.id)
       and (d.expires_at <= ${at} or exists (
         select 1 from unnest($3::int[]) as days, lateral (select d.expires_at - days * interval '24 hours' as mark) m
         where m.mark <= ${at} and m.mark > d.not_before_at and days < coalesce(x.days_left, days + 1)))
     union all
     select 'waiver', w.id, null, null, null, ${millis('w.expires_at')}
     from waivers w left join expiries x on x.id = w.id
     where ($2::text is null or w.id = $2) and w.state in ('requested', 'accepted') and w.expires_at <= ${at}
       and x.ends_at is distinct from w.expires_at
     union all
     select 'condition', n.id, null, n.decision_id, null, ${millis('n.due_at')}
     from conditions n join decisions d on d.id = n.decision_id left join expiries x on x.id = n.id
     where ($2::text is null or n.id = $2) and n.state = 'open' and n.due_at <= ${at} and n.due_at < d.expires_at
       and x.id is null and not exists (select 1 from decision_revocations r where r.decision_id = d.id)
       and not exists (
         select 1 from waivers w join streams s on s.stream = 'waiver/' || w.id
         where w.use_case_id = n.use_case_id and w.state in ('requested', 'accepted') and w.expires_at > ${at}
           and s.state -> 'terms' -> 'subject' ->> 'id' = n.id)
     union all
     select 'tier_override', u.id, null, null, null, (s.state -> 'down' ->> 'expiresAt')::bigint
     from streams s join use_cases u on 'useCase/' || u.id = s.stream left join expiries x on x.id = u.id
     where s.kind = 'useCase' and ($2::text is null or u.id = $2)
       and (s.state -> 'down' ->> 'expiresAt')::bigint <= $1
       and x.ends_at is distinct from to_timestamp((s.state -> 'down' ->> 'expiresAt')::float8 / 1000)
     order by "endsAt" limit ${batch}`,
    [now, id, [...expiry.reminderDays]],
  )
}
