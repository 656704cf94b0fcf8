import type { thread } from '../../governance/collaboration/index.ts'
import { AppError, mentionsIn, type CommentId, type ThreadId } from '../../kernel/index.ts'
import { threads } from '../aggregates/collaboration.ts'
import { personOf, runCommand, type CommandPorts, type Issuer, type Work } from '../command.ts'
import type { Query } from '../ports/query.ts'
import { readersAmong, requireTalk } from './subjects.ts'

/** Begins a thread about a record with its first comment. */
export function startThread(
  ports: CommandPorts,
  issuer: Issuer,
  subject: thread.Subject,
  text: string,
): Promise<{ readonly id: ThreadId; readonly comment: CommentId }> {
  return runCommand(ports, issuer, async (work) => {
    const { useCaseId } = await requireTalk(queryOf(work), readerIn(work), subject)
    const id = work.ids.next('thread')
    const context = await contextOf(work, id, subject, text)
    const { state } = await work.apply(threads, id, { c: 'start', subject, useCaseId, text }, context)
    return { id, comment: lastIn(state) }
  })
}

export type ThreadCommand = Exclude<thread.Command, { readonly c: 'start' }>

/** Applies one command to a thread. `NOT_FOUND` where the record behind it may not be read. */
export function commandThread(
  ports: CommandPorts,
  issuer: Issuer,
  id: ThreadId,
  command: ThreadCommand,
  revision?: number,
): Promise<{ readonly comment: CommentId }> {
  return runCommand(ports, issuer, async (work) => {
    const { state, rev } = await work.load(threads, id)
    if (state.s === 'absent') throw new AppError('NOT_FOUND')
    await requireTalk(queryOf(work), readerIn(work), state.subject)
    work.expect(rev, revision)
    const text = 'text' in command ? command.text : ''
    const after = await work.apply(threads, id, command, await contextOf(work, id, state.subject, text))
    return { comment: lastIn(after.state) }
  })
}

async function contextOf(
  work: Work,
  id: ThreadId,
  subject: thread.Subject,
  text: string,
): Promise<thread.Context> {
  const { now, ids, issuer } = work
  const readers = await readersAmong(queryOf(work), subject, mentionsIn(text).slice(0, maxAsked))
  return { now, id, ids, person: personOf(issuer), readers }
}

/** More people are refused unasked. */
const maxAsked = 20

function readerIn({ issuer }: Work) {
  return { authority: issuer.authority, person: personOf(issuer) }
}

function queryOf(work: Work): Query {
  return (sql, params) => work.tx.query(sql, params)
}

function lastIn(state: thread.State): CommentId {
  const last = state.s === 'absent' ? undefined : state.comments.at(-1)
  if (last === undefined) throw new Error('a thread has a comment')
  return last.id
}
