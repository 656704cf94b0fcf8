import { z } from 'zod'
import { mailModes, noticeKinds, optionalNoticeKinds } from '../../kernel/notice-kinds.ts'
import { pageOf, pageQuery } from '../paging.ts'
import { route } from '../route.ts'
import { empty, idOf, instant, revision } from '../schemas.ts'

const tag = 'collaboration'
const person = idOf('user')
const threadParams = z.strictObject({ id: idOf('thread') })
const commentParams = z.strictObject({ id: idOf('thread'), comment: idOf('comment') })

/** The record that is talked about, by one member for each kind of record. */
const aboutQuery = {
  useCaseId: idOf('useCase').optional(),
  systemId: idOf('system').optional(),
  caseId: idOf('case').optional(),
  reviewId: idOf('review').optional(),
}
const subject = z.discriminatedUnion('k', [
  z.strictObject({ k: z.literal('use_case'), id: idOf('useCase') }),
  z.strictObject({ k: z.literal('system'), id: idOf('system') }),
  z.strictObject({ k: z.literal('case'), id: idOf('case') }),
  z.strictObject({ k: z.literal('review'), id: idOf('review') }),
])

/**
 * Markdown without HTML; people are named as `@[usr_…]`. More room than a comment has, so that whoever writes too much
 * hears by how much.
 */
const text = z.string().min(1).max(40_000)
const written = z.strictObject({ text })
const textRefusals = [
  'PERSON_REQUIRED',
  'TEXT_EMPTY',
  'TEXT_TOO_LONG',
  'TOO_MANY_MENTIONS',
  'MENTION_CANNOT_READ',
]

const threadState = z.enum(['open', 'resolved'])
const threadView = z.strictObject({
  id: idOf('thread'),
  revision,
  state: threadState,
  subject,
  /** How many comments it has, the deleted ones among them. */
  comments: z.int(),
  startedBy: person,
  startedAt: instant,
  changedAt: instant,
})

export const listThreads = route({
  id: 'threads.list',
  method: 'GET',
  path: '/api/v1/threads',
  tag,
  summary: 'Threads about one record, the newest first; name exactly one record',
  access: { signedIn: true },
  query: pageQuery(['-id'], { ...aboutQuery, state: threadState.optional() }),
  reply: pageOf(threadView),
})

export const readThread = route({
  id: 'threads.read',
  method: 'GET',
  path: '/api/v1/threads/:id',
  tag,
  summary: 'A thread, with whether the caller may write in it',
  access: { signedIn: true },
  params: threadParams,
  reply: z.strictObject({ ...threadView.shape, canWrite: z.boolean() }),
})

export const listComments = route({
  id: 'comments.list',
  method: 'GET',
  path: '/api/v1/threads/:id/comments',
  tag,
  summary: 'Comments of a thread in their order, each in its newest version',
  access: { signedIn: true },
  params: threadParams,
  query: pageQuery(['place']),
  reply: pageOf(
    z.strictObject({
      id: idOf('comment'),
      by: person,
      at: instant,
      /** 1 as it was written first. */
      version: z.int(),
      isDeleted: z.boolean(),
      /** The caller sees that somebody wrote, not what. */
      isMasked: z.boolean(),
      /** Null when it is deleted, erased, taken away or masked. */
      text: z.string().nullable(),
    }),
  ),
})

export const listVersions = route({
  id: 'comments.versions',
  method: 'GET',
  path: '/api/v1/threads/:id/comments/:comment/versions',
  tag,
  summary: 'Every version of a comment, the first one first',
  access: { signedIn: true },
  params: commentParams,
  reply: z.strictObject({ versions: z.array(z.strictObject({ at: instant, text: z.string().nullable() })) }),
})

export const startThread = route({
  id: 'threads.start',
  method: 'POST',
  path: '/api/v1/threads',
  tag,
  summary: 'Begin a thread about a record with its first comment',
  access: { signedIn: true },
  body: z.strictObject({ subject, text }),
  reply: z.strictObject({ id: idOf('thread'), comment: idOf('comment') }),
  status: 201,
  refuses: textRefusals,
})

export const addComment = route({
  id: 'comments.add',
  method: 'POST',
  path: '/api/v1/threads/:id/comments',
  tag,
  summary: 'Add a comment to an open thread',
  access: { signedIn: true },
  params: threadParams,
  body: written,
  reply: z.strictObject({ comment: idOf('comment') }),
  status: 201,
  refuses: ['WRONG_STATE', 'THREAD_FULL', ...textRefusals],
})

export const editComment = route({
  id: 'comments.edit',
  method: 'PATCH',
  path: '/api/v1/threads/:id/comments/:comment',
  tag,
  summary: 'Write a comment of one’s own anew; every version is kept',
  access: { signedIn: true },
  params: commentParams,
  body: written,
  reply: empty,
  revision: 'required',
  refuses: ['COMMENT_UNKNOWN', 'COMMENT_DELETED', 'NOT_AUTHOR', 'EDITED_TOO_OFTEN', ...textRefusals],
})

export const deleteComment = route({
  id: 'comments.delete',
  method: 'DELETE',
  path: '/api/v1/threads/:id/comments/:comment',
  tag,
  summary: 'Take a comment of one’s own out of sight; its place stays, marked',
  access: { signedIn: true },
  params: commentParams,
  reply: empty,
  revision: 'required',
  refuses: ['PERSON_REQUIRED', 'COMMENT_UNKNOWN', 'COMMENT_DELETED', 'NOT_AUTHOR'],
})

export const resolveThread = route({
  id: 'threads.resolve',
  method: 'POST',
  path: '/api/v1/threads/:id/resolve',
  tag,
  summary: 'Mark a thread as settled',
  access: { signedIn: true },
  params: threadParams,
  reply: empty,
  revision: 'required',
  refuses: ['PERSON_REQUIRED', 'WRONG_STATE'],
})

export const reopenThread = route({
  id: 'threads.reopen',
  method: 'POST',
  path: '/api/v1/threads/:id/reopen',
  tag,
  summary: 'Open a settled thread again',
  access: { signedIn: true },
  params: threadParams,
  reply: empty,
  revision: 'required',
  refuses: ['PERSON_REQUIRED', 'WRONG_STATE'],
})

export const listMentionable = route({
  id: 'threads.mentionable',
  method: 'GET',
  path: '/api/v1/mentionable',
  tag,
  summary: 'A few people who may read the record, by a part of the name; name exactly one record',
  access: { signedIn: true },
  query: z.strictObject({ ...aboutQuery, q: z.string().max(100).default('') }),
  reply: z.strictObject({ people: z.array(z.strictObject({ id: person, name: z.string() })) }),
})

export const readWatch = route({
  id: 'watches.read',
  method: 'GET',
  path: '/api/v1/watch',
  tag,
  summary: 'Whether the caller watches the record; name exactly one',
  access: { signedIn: true },
  query: z.strictObject(aboutQuery),
  reply: z.strictObject({ isWatching: z.boolean() }),
})

export const setWatch = route({
  id: 'watches.set',
  method: 'PUT',
  path: '/api/v1/watch',
  tag,
  summary: 'Watch a record, or end it; a watch of a use case covers what belongs to it',
  access: { signedIn: true },
  body: z.strictObject({ subject, isWatching: z.boolean() }),
  reply: z.strictObject({ isWatching: z.boolean() }),
  idempotent: false,
})

const kind = z.enum(noticeKinds)

export const listNotices = route({
  id: 'notices.list',
  method: 'GET',
  path: '/api/v1/notifications',
  tag,
  summary: 'What the caller was told, the newest first; records that they may no longer read are left out',
  access: { signedIn: true },
  query: pageQuery(['-id'], { kind: kind.optional(), unread: z.enum(['true', 'false']).optional() }),
  reply: pageOf(
    z.strictObject({
      id: idOf('notice'),
      kind,
      /** Kind of the fact. */
      event: z.string(),
      /** The record, as the ledger names it: `case/case_…`. */
      about: z.string(),
      threadId: idOf('thread').nullable(),
      /** Of the use case; null for what concerns the whole installation. */
      title: z.string().nullable(),
      /** A person, a service account, or `sys:` and a role. */
      actor: z.string(),
      at: instant,
      readAt: instant.nullable(),
    }),
  ),
})

export const countNotices = route({
  id: 'notices.count',
  method: 'GET',
  path: '/api/v1/notifications/unread',
  tag,
  summary: 'How much the caller has not read; 100 stands for more than 99',
  access: { signedIn: true },
  reply: z.strictObject({ unread: z.int() }),
})

export const markNotices = route({
  id: 'notices.mark',
  method: 'POST',
  path: '/api/v1/notifications/mark',
  tag,
  summary: 'Mark notifications of one’s own as read or unread; all of them when none is named',
  access: { signedIn: true },
  body: z.strictObject({ ids: z.array(idOf('notice')).max(200).optional(), isRead: z.boolean() }),
  reply: empty,
  idempotent: false,
})

const off = z.array(z.enum(optionalNoticeKinds)).max(optionalNoticeKinds.length)
const mailMode = z.enum(mailModes)
const preferences = z.strictObject({
  /** Kinds of which the caller is not told at all. */
  off,
  /** How each kind goes to the caller by e-mail, besides. */
  mail: z.record(kind, mailMode),
  /** Null where no mail server is configured: then nothing goes by e-mail, whatever is chosen. */
  digest: z.strictObject({ hour: z.int(), timeZone: z.string() }).nullable(),
})

export const readPreferences = route({
  id: 'notices.preferences',
  method: 'GET',
  path: '/api/v1/notifications/preferences',
  tag,
  summary: 'What the caller is told, and how it goes to them by e-mail',
  access: { signedIn: true },
  reply: preferences,
})

export const setPreferences = route({
  id: 'notices.setPreferences',
  method: 'PUT',
  path: '/api/v1/notifications/preferences',
  tag,
  summary:
    'Switch kinds of notifications off, and choose how kinds go by e-mail; mandatory ones are always told',
  access: { signedIn: true },
  body: z.strictObject({ off, mail: z.partialRecord(kind, mailMode).default({}) }),
  reply: preferences,
  idempotent: false,
})

export const collaborationRoutes = [
  listThreads,
  readThread,
  listComments,
  listVersions,
  startThread,
  addComment,
  editComment,
  deleteComment,
  resolveThread,
  reopenThread,
  listMentionable,
  readWatch,
  setWatch,
  listNotices,
  countNotices,
  markNotices,
  readPreferences,
  setPreferences,
] as const
