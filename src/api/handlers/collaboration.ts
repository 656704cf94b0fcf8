import { chooseMail, mailChoices } from '../../app/collaboration/mail-choices.ts'
import {
  countUnread,
  listNotices,
  markNotices,
  switchedOff,
  switchOff,
  type NoticeRow,
} from '../../app/collaboration/notice-views.ts'
import { mentionable } from '../../app/collaboration/subjects.ts'
import {
  listComments,
  listThreads,
  listVersions,
  readThread,
  type ThreadRow,
} from '../../app/collaboration/thread-views.ts'
import { commandThread, startThread } from '../../app/collaboration/threads.ts'
import { readWatch, unwatch, watch } from '../../app/collaboration/watches.ts'
import type { CommandPorts } from '../../app/command.ts'
import type { Query } from '../../app/ports/query.ts'
import { decodeCursor, toPage } from '../../contracts/paging.ts'
import type { collaborationRoutes, startThread as start } from '../../contracts/routes/collaboration.ts'
import type { BodyOf } from '../../contracts/route.ts'
import {
  AppError,
  epochMs,
  toRfc3339,
  type CaseId,
  type ReviewId,
  type SystemId,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'
import { digestClock } from '../../app/collaboration/outbox.ts'
import { idIn } from '../cursor.ts'
import { issuerOf, type Handlers, type Principal } from '../handler.ts'
import { readerOf } from '../reader.ts'

type Subject = BodyOf<typeof start>['subject']

export type CollaborationPorts = CommandPorts & {
  readonly query: Query
  /** The hour at which digests go out; null where no mail server is configured. */
  readonly digestHour: number | null
}

/** What people say about records, and what they are told. */
export function collaborationHandlers<P extends Principal>(
  ports: CollaborationPorts,
): Handlers<typeof collaborationRoutes, P> {
  const { query } = ports
  const personIn = (caller: P) => {
    const { authority, person } = readerOf(caller)
    if (person === null) throw new AppError('FORBIDDEN', 'people are told and watch, not programs')
    return { authority, person }
  }
  return {
    'threads.list': async ({ caller, query: asked }) => {
      const filter = {
        state: asked.state,
        after: asked.cursor === undefined ? undefined : idIn(asked.cursor),
        limit: asked.limit + 1,
      }
      const rows = await listThreads(query, readerOf(caller()), subjectIn(asked), filter)
      const page = toPage(rows, asked.limit, ({ state }) => [state.id])
      return { ...page, items: page.items.map(threadView) }
    },
    'threads.read': async ({ caller, params }) => {
      const { canWrite, ...found } = await readThread(query, readerOf(caller()), params.id)
      return { ...threadView(found), canWrite }
    },
    'comments.list': async ({ caller, params, query: asked }) => {
      const from = placeIn(asked.cursor)
      const limits = { from, limit: asked.limit + 1 }
      const rows = await listComments(query, readerOf(caller()), params.id, limits)
      const page = toPage(rows, asked.limit, () => [from + asked.limit])
      return {
        ...page,
        items: page.items.map(({ id, by, at, version, isDeleted, text, isMasked }) => ({
          id,
          by,
          at: toRfc3339(at),
          version,
          isDeleted,
          text,
          isMasked,
        })),
      }
    },
    'comments.versions': async ({ caller, params }) => {
      const versions = await listVersions(query, readerOf(caller()), params.id, params.comment)
      return { versions: versions.map(({ at, text }) => ({ at: toRfc3339(at), text })) }
    },
    'threads.start': async ({ caller, body }) =>
      startThread(ports, issuerOf(caller()), body.subject, body.text),
    'comments.add': async ({ caller, params, body }) =>
      commandThread(ports, issuerOf(caller()), params.id, { c: 'add', text: body.text }),
    'comments.edit': async ({ caller, params, body, ifMatch }) => {
      const command = { c: 'edit', comment: params.comment, text: body.text } as const
      await commandThread(ports, issuerOf(caller()), params.id, command, ifMatch)
      return {}
    },
    'comments.delete': async ({ caller, params, ifMatch }) => {
      const command = { c: 'delete', comment: params.comment } as const
      await commandThread(ports, issuerOf(caller()), params.id, command, ifMatch)
      return {}
    },
    'threads.resolve': async ({ caller, params, ifMatch }) => {
      await commandThread(ports, issuerOf(caller()), params.id, { c: 'resolve' }, ifMatch)
      return {}
    },
    'threads.reopen': async ({ caller, params, ifMatch }) => {
      await commandThread(ports, issuerOf(caller()), params.id, { c: 'reopen' }, ifMatch)
      return {}
    },
    'threads.mentionable': async ({ caller, query: asked }) => ({
      people: [...(await mentionable(query, readerOf(caller()), subjectIn(asked), asked.q))],
    }),
    'watches.read': async ({ caller, query: asked }) => ({
      isWatching: await readWatch(query, { reader: personIn(caller()), subject: subjectIn(asked) }),
    }),
    'watches.set': async ({ caller, body: { subject, isWatching } }) => {
      await (isWatching ? watch : unwatch)(query, { reader: personIn(caller()), subject })
      return { isWatching }
    },
    'notices.list': async ({ caller, query: asked }) => {
      const rows = await listNotices(query, personIn(caller()), {
        kind: asked.kind,
        isUnread: asked.unread === undefined ? undefined : asked.unread === 'true',
        after: asked.cursor === undefined ? undefined : idIn(asked.cursor),
        limit: asked.limit + 1,
      })
      const page = toPage(rows, asked.limit, ({ id }) => [id])
      return { ...page, items: page.items.map(noticeView) }
    },
    'notices.count': async ({ caller }) => ({ unread: await countUnread(query, personIn(caller())) }),
    'notices.mark': async ({ caller, body: { ids, isRead } }) => {
      await markNotices(query, personIn(caller()).person, { ids: ids ?? null, isRead })
      return {}
    },
    'notices.preferences': async ({ caller }) => preferencesOf(ports, personIn(caller()).person),
    'notices.setPreferences': async ({ caller, body }) => {
      const { person } = personIn(caller())
      await switchOff(query, person, body.off)
      await chooseMail(query, person, body.mail)
      return preferencesOf(ports, person)
    },
  }
}

async function preferencesOf({ query, digestHour }: CollaborationPorts, person: UserId) {
  const off = await switchedOff(query, person)
  return {
    off: [...off],
    mail: await mailChoices(query, person),
    digest: digestHour === null ? null : { ...(await digestClock(query, digestHour)) },
  }
}

type Asked = {
  readonly useCaseId?: UseCaseId | undefined
  readonly systemId?: SystemId | undefined
  readonly caseId?: CaseId | undefined
  readonly reviewId?: ReviewId | undefined
}

function subjectIn({ useCaseId, systemId, caseId, reviewId }: Asked): Subject {
  const named: Subject[] = []
  if (useCaseId !== undefined) named.push({ k: 'use_case', id: useCaseId })
  if (systemId !== undefined) named.push({ k: 'system', id: systemId })
  if (caseId !== undefined) named.push({ k: 'case', id: caseId })
  if (reviewId !== undefined) named.push({ k: 'review', id: reviewId })
  const [subject] = named
  if (subject === undefined || named.length > 1)
    throw new AppError('INVALID_INPUT', 'name exactly one record')
  return subject
}

function placeIn(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const [place] = decodeCursor(cursor) ?? []
  if (typeof place !== 'number' || !Number.isSafeInteger(place) || place < 0)
    throw new AppError('INVALID_INPUT', 'the cursor is not one that a page has given out')
  return place
}

function threadView({ state, revision, startedBy, startedAt, changedAt }: ThreadRow) {
  return {
    id: state.id,
    revision,
    state: state.s,
    subject: { ...state.subject },
    comments: state.comments.length,
    startedBy,
    startedAt: toRfc3339(epochMs(startedAt)),
    changedAt: toRfc3339(epochMs(changedAt)),
  }
}

function noticeView({ at, readAt, ...notice }: NoticeRow) {
  return {
    ...notice,
    at: toRfc3339(epochMs(at)),
    readAt: readAt === null ? null : toRfc3339(epochMs(readAt)),
  }
}
