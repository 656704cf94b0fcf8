import type { thread } from '../../governance/collaboration/index.ts'
import {
  AppError,
  epochMs,
  type CommentId,
  type EpochMs,
  type ThreadId,
  type UserId,
} from '../../kernel/index.ts'
import type { Query } from '../ports/query.ts'
import type { Reader } from '../readable.ts'
import { millis } from '../sql.ts'
import { talkAbout } from './subjects.ts'

export type ThreadRow = {
  readonly state: thread.Thread
  readonly revision: number
  readonly startedBy: UserId
  readonly startedAt: EpochMs
  readonly changedAt: EpochMs
}

export type ThreadFilter = {
  readonly state?: thread.Thread['s'] | undefined
  readonly after?: string | undefined
  readonly limit: number
}

const threadSql = `select s.state, s.rev as revision, t.started_by as "startedBy",
    ${millis('t.started_at')} as "startedAt", ${millis('t.changed_at')} as "changedAt"
  from threads t join streams s on s.stream = 'thread/' || t.id`

/** Threads about a record, the newest first, with whether the reader may write there. */
export async function listThreads(
  query: Query,
  reader: Reader,
  subject: thread.Subject,
  { state, after, limit }: ThreadFilter,
): Promise<readonly ThreadRow[]> {
  await talkAbout(query, reader, subject)
  return query<ThreadRow>(
    `${threadSql} where t.subject = $1 and t.subject_id = $2 and ($3::text is null or t.state = $3)
       and ($4::text is null or t.id < $4)
     order by t.id desc limit $5`,
    [subject.k, subject.id, state ?? null, after ?? null, limit],
  )
}

/** One thread, with whether the reader may write in it. */
export async function readThread(
  query: Query,
  reader: Reader,
  id: ThreadId,
): Promise<ThreadRow & { readonly canWrite: boolean }> {
  const [row] = await query<ThreadRow>(`${threadSql} where t.id = $1`, [id])
  if (row === undefined) throw new AppError('NOT_FOUND')
  const { canWrite } = await talkAbout(query, reader, row.state.subject)
  return { ...row, canWrite }
}

/** A comment as its reader sees it. The text is null when it is deleted, erased, redacted or masked for the reader. */
export type CommentRow = thread.Comment & { readonly text: string | null; readonly isMasked: boolean }

/** Comments of a thread from `from` on, in their order, each as it stands now. */
export async function listComments(
  query: Query,
  reader: Reader,
  id: ThreadId,
  { from, limit }: { readonly from: number; readonly limit: number },
): Promise<readonly CommentRow[]> {
  const { state, canWrite } = await readThread(query, reader, id)
  const comments = state.comments.slice(from, from + limit)
  const shown = canWrite ? comments.filter(({ isDeleted }) => !isDeleted) : []
  const texts = await query<{ id: CommentId; text: string | null }>(
    `select distinct on (p.facts::jsonb ->> 'commentId') p.facts::jsonb ->> 'commentId' as id,
       p.personal::jsonb ->> 'text' as text
     from ledger.entry e join ledger.payload p on p.event_id = e.id
     where e.stream = 'thread/' || $1 and e.kind in ('comment.added', 'comment.edited')
       and p.facts::jsonb ->> 'commentId' = any($2)
     order by p.facts::jsonb ->> 'commentId', e.rev desc`,
    [id, shown.map((comment) => comment.id)],
  )
  const textOf = new Map(texts.map((row) => [row.id, row.text]))
  return comments.map((comment) => ({
    ...comment,
    text: textOf.get(comment.id) ?? null,
    isMasked: !canWrite && !comment.isDeleted,
  }))
}

export type VersionRow = { readonly at: EpochMs; readonly text: string | null }

/** Every version of a comment, as it was written first and after each edit. A deleted one shows none. */
export async function listVersions(
  query: Query,
  reader: Reader,
  id: ThreadId,
  commentId: CommentId,
): Promise<readonly VersionRow[]> {
  const { state, canWrite } = await readThread(query, reader, id)
  const comment = state.comments.find((one) => one.id === commentId)
  if (comment === undefined) throw new AppError('NOT_FOUND')
  const rows = await query<{ at: number; text: string | null }>(
    `select ${millis('c.at')} as at, p.personal::jsonb ->> 'text' as text
     from ledger.entry e join ledger.payload p on p.event_id = e.id join ledger.command c on c.seq = e.seq
     where e.stream = 'thread/' || $1 and e.kind in ('comment.added', 'comment.edited')
       and p.facts::jsonb ->> 'commentId' = $2
     order by e.rev`,
    [id, commentId],
  )
  const isOpen = canWrite && !comment.isDeleted
  return rows.map(({ at, text }) => ({ at: epochMs(at), text: isOpen ? text : null }))
}
