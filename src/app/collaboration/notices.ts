import { noticeRules, type Audience, type thread } from '../../governance/collaboration/index.ts'
import { voterOf, type reviewCase } from '../../governance/committee/index.ts'
import type { CommandId, EpochMs, IdSource, Json, JsonObject } from '../../kernel/index.ts'
import type { NoticeKind } from '../../kernel/notice-kinds.ts'
import type { Tx } from '../ports/unit-of-work.ts'
import { instant } from '../sql.ts'
import { announce } from './announcements.ts'
import { aboutOf } from './subjects.ts'

/** A fact with the state of its stream after it. */
export type Told = {
  readonly stream: string
  readonly kind: string
  readonly facts: JsonObject
  readonly state: Json
}

export type Telling = {
  readonly tx: Tx
  readonly now: EpochMs
  readonly ids: IdSource
  readonly commandId: CommandId
  /** Who did it: a person is never told of what they did themselves. */
  readonly actor: string
}

/**
 * Tells people of the facts of one command, in its transaction: either both stand or neither. Notices are no facts, so
 * replay of the ledger does not write them.
 */
export async function tellOf(telling: Telling, facts: readonly Told[]): Promise<void> {
  for (const fact of facts) {
    const rules = noticeRules.get(fact.kind)
    if (rules === undefined) continue
    await announce(telling, fact, { about: aboutIn(fact), threadId: threadIn(fact) })
    for (const { kind, audiences } of rules) await tell(telling, fact, kind, audiences)
  }
}

async function tell(
  { tx, now, ids, commandId, actor }: Telling,
  fact: Told,
  kind: NoticeKind,
  audiences: readonly Audience[],
): Promise<void> {
  const about = aboutIn(fact)
  const threadId = threadIn(fact)
  const people = await tx.query<{ id: string; useCaseId: string | null }>(audienceSql, [
    about,
    audiences,
    namedIn(fact, audiences),
    kind,
    actor,
  ])
  if (people.length === 0) return
  await tx.query(
    `insert into notices (id, person_id, kind, event, about, use_case_id, thread_id, actor, command_id, created_at)
     select n.id, n.person, $2, $3, $4, n.use_case, $5, $6, $7, ${instant(8)}
     from jsonb_to_recordset($1::jsonb) as n(id text, person text, use_case text)
     on conflict (person_id, command_id, event, about) do nothing`,
    [
      JSON.stringify(
        people.map(({ id, useCaseId }) => ({ id: ids.next('notice'), person: id, use_case: useCaseId })),
      ),
      kind,
      fact.kind,
      about,
      threadId,
      actor,
      commandId,
      now,
    ],
  )
}

/**
 * The active people of audiences $2 and of the list $3, at the record $1, without those who switched the kind $4 off and
 * without $5. Whoever watches a use case watches what belongs to it. What belongs to no use case concerns whoever answers
 * for something that is in place.
 */
const audienceSql = `
  with place as (select use_case_of($1) as id),
  people_at as (
    select unnest(array[u.requester_id, u.business_owner_id, u.technical_owner_id, u.backup_owner_id]) as id
    from use_cases u, place where 'interested' = any($2) and (u.id = place.id or (place.id is null and exists (
      select 1 from deployments d where d.use_case_id = u.id and d.op <> 'retired')))
    union select w.person_id from watches w, place
      where 'watchers' = any($2) and w.about in ($1, 'useCase/' || place.id)
    union select n.owner_id from conditions n where 'condition_owner' = any($2) and 'condition/' || n.id = $1
    union select w.requested_by from waivers w where 'asker' = any($2) and 'waiver/' || w.id = $1
    union select unnest($3::text[])
  )
  select p.id, place.id as "useCaseId" from people_at a join people p on p.id = a.id, place
  where p.state = 'active' and p.id <> $5
    and not exists (select 1 from notice_switches o where o.person_id = p.id and o.kind = $4)`

/** The thread to which a fact belongs. */
function threadIn({ stream }: Told): string | null {
  return stream.startsWith('thread/') ? stream.slice('thread/'.length) : null
}

/** The record that a fact is about. What the clock ends has a stream of its own (ADR 0020). */
function aboutIn({ stream, facts }: Told): string {
  if (stream.startsWith('thread/')) return aboutOf(facts['subject'] as unknown as thread.Subject) // as its decider wrote it
  // Neither a tool nor what the guard lets pass has a record of its own: it is told where it counts.
  const { deploymentId } = facts
  const isOfPlace = stream.startsWith('toolDefinition/') || stream.startsWith('guardAllowance/')
  if (isOfPlace && typeof deploymentId === 'string') return `deployment/${deploymentId}`
  if (!stream.startsWith('expiry/')) return stream
  const { caseId, waiverId, conditionId, useCaseId } = facts
  if (typeof caseId === 'string') return `case/${caseId}`
  if (typeof waiverId === 'string') return `waiver/${waiverId}`
  if (typeof conditionId === 'string') return `condition/${conditionId}`
  if (typeof useCaseId === 'string') return `useCase/${useCaseId}`
  throw new TypeError(`${stream} does not say what it is about`)
}

/** Whom the fact or the state behind it names. */
function namedIn({ stream, facts, state }: Told, audiences: readonly Audience[]): readonly string[] {
  const named = new Set<string>()
  if (audiences.includes('mentioned') && Array.isArray(facts['mentioned']))
    for (const person of facts['mentioned']) named.add(String(person))
  if (audiences.includes('participants') && stream.startsWith('thread/'))
    for (const { by } of (state as unknown as thread.Thread).comments) named.add(by) // the stream's name fixes its state
  if (audiences.includes('roster') && stream.startsWith('case/')) {
    const { roster, recused } = state as unknown as reviewCase.Case // as above
    for (const entry of roster) {
      const voter = voterOf(entry, recused)
      if (voter !== undefined && voter !== null) named.add(voter.person)
    }
  }
  return [...named]
}
