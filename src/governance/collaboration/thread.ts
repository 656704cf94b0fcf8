import {
  mentionsIn,
  refuse,
  unless,
  unreachable,
  type CaseId,
  type CommentId,
  type Decided,
  type EpochMs,
  type IdSource,
  type Reason,
  type ReviewId,
  type SystemId,
  type ThreadId,
  type UseCaseId,
  type UserId,
} from '../../kernel/index.ts'

/** The record that a thread is about. */
export type Subject =
  | { readonly k: 'use_case'; readonly id: UseCaseId }
  | { readonly k: 'system'; readonly id: SystemId }
  | { readonly k: 'case'; readonly id: CaseId }
  | { readonly k: 'review'; readonly id: ReviewId }

/** A comment without its text, which is sealed. A deleted one leaves its place. */
export type Comment = {
  readonly id: CommentId
  readonly by: UserId
  readonly at: EpochMs
  /** 1 as it was written, one more with each edit. */
  readonly version: number
  readonly isDeleted: boolean
  /** Everybody whom it has named, in any version. */
  readonly mentioned: readonly UserId[]
}

export type Thread = {
  readonly s: 'open' | 'resolved'
  readonly id: ThreadId
  readonly subject: Subject
  /** The use case that the subject belongs to. */
  readonly useCaseId: UseCaseId
  readonly comments: readonly Comment[]
}
export type State = { readonly s: 'absent' } | Thread
export const initial: State = { s: 'absent' }

export type Command =
  | {
      readonly c: 'start'
      readonly subject: Subject
      readonly useCaseId: UseCaseId
      readonly text: string
    }
  | { readonly c: 'add'; readonly text: string }
  | { readonly c: 'edit'; readonly comment: CommentId; readonly text: string }
  | { readonly c: 'delete'; readonly comment: CommentId }
  | { readonly c: 'resolve' }
  | { readonly c: 'reopen' }

type Act = {
  readonly threadId: ThreadId
  readonly subject: Subject
  readonly useCaseId: UseCaseId
  readonly by: UserId
  readonly at: EpochMs
}
type Written = Act & {
  readonly commentId: CommentId
  /** Whom this version names and no version before has. */
  readonly mentioned: readonly UserId[]
  readonly sealed: { readonly text: string }
}
export type Event =
  | (Written & { readonly e: 'comment.added' })
  | (Written & { readonly e: 'comment.edited' })
  | (Act & { readonly e: 'comment.deleted'; readonly commentId: CommentId })
  | (Act & { readonly e: 'thread.resolved' })
  | (Act & { readonly e: 'thread.reopened' })

export type Refusal =
  | Reason<'WRONG_STATE', { state: State['s'] }>
  | Reason<'TEXT_TOO_LONG', { max: number; characters: number }>
  | Reason<'TOO_MANY_MENTIONS' | 'THREAD_FULL' | 'EDITED_TOO_OFTEN', { max: number }>
  | Reason<'MENTION_CANNOT_READ', { person: UserId }>
  | Reason<'PERSON_REQUIRED' | 'TEXT_EMPTY' | 'COMMENT_UNKNOWN' | 'COMMENT_DELETED' | 'NOT_AUTHOR'>

export type Context = {
  readonly now: EpochMs
  /** The thread that is being changed, or the id of the new one. */
  readonly id: ThreadId
  readonly person: UserId | null
  readonly ids: IdSource
  /** Of the people whom the text names, those who may read the subject and what is written about it. */
  readonly readers: ReadonlySet<UserId>
}

/** The length in code points above which a comment is refused; nothing is ever cut. */
export const maxCharacters = 10_000
export const maxMentions = 20
/** A thread is read as a whole, so it has an end; what comes after begins another one. */
export const maxComments = 500
export const maxVersions = 100

/** Applies one command. Whether the person may read and write at the subject, the caller has asked. */
export function decide(state: State, command: Command, ctx: Context): Decided<Event, Refusal> {
  const { person: by, now: at, id: threadId } = ctx
  if (by === null) return refuse({ code: 'PERSON_REQUIRED', params: {} })
  if (command.c === 'start') {
    if (state.s !== 'absent') return wrongState(state)
    const { subject, useCaseId, text } = command
    return unless<Event, Refusal>(faultsIn(text, ctx), {
      e: 'comment.added',
      threadId,
      subject,
      useCaseId,
      commentId: ctx.ids.next('comment'),
      by,
      at,
      mentioned: mentionsIn(text),
      sealed: { text },
    })
  }
  if (state.s === 'absent') return wrongState(state)
  const { subject, useCaseId } = state
  const act: Act = { threadId, subject, useCaseId, by, at }
  switch (command.c) {
    case 'add': {
      if (state.s !== 'open') return wrongState(state)
      const { text } = command
      const faults = faultsIn(text, ctx)
      if (state.comments.length >= maxComments)
        faults.push({ code: 'THREAD_FULL', params: { max: maxComments } })
      return unless<Event, Refusal>(faults, {
        e: 'comment.added',
        ...act,
        commentId: ctx.ids.next('comment'),
        mentioned: mentionsIn(text),
        sealed: { text },
      })
    }
    case 'edit': {
      const { comment: commentId, text } = command
      const comment = state.comments.find(({ id }) => id === commentId)
      const faults = [...objectionsTo(comment, by), ...faultsIn(text, ctx)]
      if (comment !== undefined && comment.version >= maxVersions)
        faults.push({ code: 'EDITED_TOO_OFTEN', params: { max: maxVersions } })
      const known = comment?.mentioned ?? []
      const mentioned = mentionsIn(text).filter((person) => !known.includes(person))
      return unless<Event, Refusal>(faults, {
        e: 'comment.edited',
        ...act,
        commentId,
        mentioned,
        sealed: { text },
      })
    }
    case 'delete': {
      const { comment: commentId } = command
      const comment = state.comments.find(({ id }) => id === commentId)
      return unless<Event, Refusal>(objectionsTo(comment, by), { e: 'comment.deleted', ...act, commentId })
    }
    case 'resolve':
      return state.s === 'open'
        ? unless<Event, Refusal>([], { e: 'thread.resolved', ...act })
        : wrongState(state)
    case 'reopen':
      return state.s === 'resolved'
        ? unless<Event, Refusal>([], { e: 'thread.reopened', ...act })
        : wrongState(state)
    default:
      return unreachable(command)
  }
}

/** Folds one recorded fact. */
export function evolve(state: State, event: Event): State {
  if (state.s === 'absent') {
    if (event.e !== 'comment.added') return state
    const { threadId: id, subject, useCaseId } = event
    return { s: 'open', id, subject, useCaseId, comments: [newComment(event)] }
  }
  switch (event.e) {
    case 'comment.added':
      return { ...state, comments: [...state.comments, newComment(event)] }
    case 'comment.edited':
      return withComment(state, event.commentId, (comment) => ({
        ...comment,
        version: comment.version + 1,
        mentioned: [...comment.mentioned, ...event.mentioned],
      }))
    case 'comment.deleted':
      return withComment(state, event.commentId, (comment) => ({ ...comment, isDeleted: true }))
    case 'thread.resolved':
      return { ...state, s: 'resolved' }
    case 'thread.reopened':
      return { ...state, s: 'open' }
    default:
      return unreachable(event)
  }
}

/** INVARIANT: a text stays its author's: nobody else changes or takes it away (law in `thread.test.ts`). */
function objectionsTo(comment: Comment | undefined, by: UserId): Refusal[] {
  if (comment === undefined) return [{ code: 'COMMENT_UNKNOWN', params: {} }]
  const objections: Refusal[] = []
  if (comment.by !== by) objections.push({ code: 'NOT_AUTHOR', params: {} })
  if (comment.isDeleted) objections.push({ code: 'COMMENT_DELETED', params: {} })
  return objections
}

function faultsIn(text: string, { readers }: Context): Refusal[] {
  const faults: Refusal[] = []
  if (text.trim() === '') faults.push({ code: 'TEXT_EMPTY', params: {} })
  const characters = Array.from(text).length
  if (characters > maxCharacters)
    faults.push({ code: 'TEXT_TOO_LONG', params: { max: maxCharacters, characters } })
  const named = mentionsIn(text)
  if (named.length > maxMentions) faults.push({ code: 'TOO_MANY_MENTIONS', params: { max: maxMentions } })
  for (const person of named.slice(0, maxMentions))
    if (!readers.has(person)) faults.push({ code: 'MENTION_CANNOT_READ', params: { person } })
  return faults
}

function newComment({ commentId: id, by, at, mentioned }: Event & { e: 'comment.added' }): Comment {
  return { id, by, at, version: 1, isDeleted: false, mentioned }
}

function withComment(state: Thread, id: CommentId, change: (comment: Comment) => Comment): Thread {
  return {
    ...state,
    comments: state.comments.map((comment) => (comment.id === id ? change(comment) : comment)),
  }
}

function wrongState(state: State): Decided<never, Refusal> {
  return refuse({ code: 'WRONG_STATE', params: { state: state.s } })
}
