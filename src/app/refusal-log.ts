import { actorText, idFrom, type EpochMs, type RefusalId, type UseCaseId } from '../kernel/index.ts'
import { visibilityOf, visibleSql } from './access.ts'
import { databaseNow } from './clock.ts'
import type { CommandPorts } from './command.ts'
import type { Query } from './ports/query.ts'
import type { Reader } from './readable.ts'
import type { After } from './registry-views.ts'
import { instant, millis } from './sql.ts'

/** Keeps who tried what and the codes of why it was refused; never a text, whoever typed it. */
export function createRefusalLog(query: Query, random: CommandPorts['random']): CommandPorts['refusalLog'] {
  return async ({ issuer, command, subject, reasons }) => {
    const now = await databaseNow(query)
    const codes = [...new Set(reasons.map(({ code }) => code))]
    await query(
      `insert into refusals (id, at, actor, command, subject, codes, use_case_id)
       values ($1, ${instant(2)}, $3, $4, $5::text, $6, use_case_of($5::text))`,
      [idFrom('refusal', now, random(10)), now, actorText(issuer.actor), command, subject, codes],
    )
  }
}

export type RefusalRow = {
  readonly id: RefusalId
  readonly at: EpochMs
  readonly actor: string
  readonly command: string
  /** Stream of what the attempt was about. */
  readonly subject: string
  /** Null for what belongs to no use case, and for what would have been new. */
  readonly useCaseId: UseCaseId | null
  readonly codes: readonly string[]
}

export type RefusalFilter = {
  readonly actor?: string | undefined
  readonly command?: string | undefined
  readonly code?: string | undefined
  readonly from?: EpochMs | undefined
  /** Exclusive. */
  readonly to?: EpochMs | undefined
  readonly after: After | null
  readonly limit: number
}

/** Refused attempts where the reader audits, newest first. What belongs to no use case is for who audits everything. */
export async function listRefusals(
  query: Query,
  reader: Reader,
  { actor, command, code, from, to, after, limit }: RefusalFilter,
): Promise<readonly RefusalRow[]> {
  // What concerns one's own use case is no reason to see who was refused there.
  const visibility = { ...visibilityOf(reader, 'audit.read', await databaseNow(query)), person: null }
  return query<RefusalRow>(
    `select r.id, ${millis('r.at')} as at, r.actor, r.command, r.subject, r.use_case_id as "useCaseId", r.codes
     from refusals r left join use_cases u on u.id = r.use_case_id
     where ${visibleSql('u', 1)} and ($2::text is null or r.actor = $2) and ($3::text is null or r.command = $3)
       and ($4::text is null or $4 = any(r.codes))
       and ($5::bigint is null or r.at >= ${instant(5)}) and ($6::bigint is null or r.at < ${instant(6)})
       and ($7::bigint is null or (r.at, r.id) < (${instant(7)}, $8))
     order by r.at desc, r.id desc limit $9`,
    [
      JSON.stringify(visibility),
      actor ?? null,
      command ?? null,
      code ?? null,
      from ?? null,
      to ?? null,
      after?.at ?? null,
      after?.id ?? '',
      limit,
    ],
  )
}
