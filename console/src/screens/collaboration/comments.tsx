import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import {
  addComment,
  deleteComment,
  editComment,
  listComments,
  listThreads,
  listVersions,
  readThread,
  readWatch,
  reopenThread,
  resolveThread,
  setWatch,
  startThread,
} from '../../../../src/contracts/routes/collaboration.ts'
import { useCommand } from '../../api/command.ts'
import { usePages, useRead, type ItemOf } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { t } from '../../messages/collaboration.ts'
import { Button } from '../../ui/button.tsx'
import { CommandDialog } from '../../ui/command-dialog.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Bones, Empty, Failure, Loaded } from '../../ui/loaded.tsx'
import { Outcome } from '../../ui/outcome.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { Status } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { CommentText } from './comment-text.tsx'
import { WriteForm } from './write-form.tsx'

type Thread = ItemOf<typeof listThreads>
type Comment = ItemOf<typeof listComments>
type CommentAct = 'edit' | 'delete' | 'versions'
/** The record that is talked about. */
export type Subject = Thread['subject']

const memberOf = { use_case: 'useCaseId', system: 'systemId', case: 'caseId', review: 'reviewId' } as const

/** The fragment of an address of comments that puts the cursor into the form. */
export const writeHash = 'write'

/** What people have written about a record, the newest thread first, and the form to begin another; `m` leads there. */
export function Comments({ subject }: { readonly subject: Subject }) {
  const form = useRef<HTMLDivElement>(null)
  const write = () => form.current?.querySelector('textarea')?.focus()
  usePageCommands([{ label: t('talk.new'), key: 'm', run: write }])
  const isAsked = useRouterState({ select: ({ location }) => location.hash === writeHash })
  useEffect(() => {
    if (isAsked) write()
  }, [isAsked])
  const about = { [memberOf[subject.k]]: subject.id }
  const threads = usePages(listThreads, about, { everyMs: 30_000 })
  const found = threads.data?.pages.flatMap(({ items }) => items)
  return (
    <Panel title={t('talk.title')} actions={<Watch subject={subject} about={about} />}>
      <div className="stack wide">
        <div ref={form}>
          <WriteForm
            route={startThread}
            input={(text) => ({ body: { subject, text } })}
            label={t('talk.new')}
            verb={t('talk.start')}
          />
        </div>
        {threads.isError && <Failure error={threads.error} onRetry={() => void threads.refetch()} />}
        {found === undefined && threads.isPending && <Bones rows={3} />}
        {found?.length === 0 && <Empty>{t('talk.none')}</Empty>}
        {found?.map((thread, i) => (
          <ThreadView key={thread.id} thread={thread} number={i + 1} />
        ))}
        {threads.hasNextPage && (
          <div>
            <Button onClick={() => void threads.fetchNextPage()}>{t('talk.moreThreads')}</Button>
          </div>
        )}
      </div>
    </Panel>
  )
}

function Watch({
  subject,
  about,
}: {
  readonly subject: Subject
  readonly about: Readonly<Record<string, string>>
}) {
  const read = useRead(readWatch, { query: about })
  const { send, state } = useCommand(setWatch)
  const isWatching = read.data?.isWatching
  if (isWatching === undefined) return null
  return (
    <>
      <Outcome state={state} />
      <Button onClick={() => void send({ body: { subject, isWatching: !isWatching } })}>
        {t(isWatching ? 'talk.unwatch' : 'talk.watch')}
      </Button>
      <span className="muted only-wide">{t('talk.watchHelp')}</span>
    </>
  )
}

function ThreadView({ thread, number }: { readonly thread: Thread; readonly number: number }) {
  const { id, state, revision } = thread
  const [isReplying, setReplying] = useState(false)
  const [acting, setActing] = useState<{ readonly k: CommentAct; readonly comment: Comment } | null>(null)
  const comments = usePages(listComments, {}, { params: { id } })
  const mayWrite = useRead(readThread, { params: { id } }).data?.canWrite === true
  const settle = useCommand(resolveThread)
  const reopen = useCommand(reopenThread)
  const change = state === 'open' ? settle : reopen
  const close = () => setActing(null)
  return (
    <section className="thread stack" aria-label={t('talk.thread', { number })}>
      {comments.data === undefined &&
        (comments.isError ? <Failure error={comments.error} /> : <Bones rows={2} />)}
      <ol className="stack">
        {comments.data?.pages
          .flatMap(({ items }) => items)
          .map((comment) => (
            <CommentView key={comment.id} comment={comment} onAct={(k) => setActing({ k, comment })} />
          ))}
      </ol>
      {comments.hasNextPage && (
        <div>
          <Button onClick={() => void comments.fetchNextPage()}>{t('talk.more')}</Button>
        </div>
      )}
      <Outcome state={change.state} />
      {mayWrite && (
        <div className="row">
          {state === 'resolved' && <Status state="resolved" word={t('talk.resolved')} />}
          {state === 'open' && !isReplying && (
            <Button label={t('talk.replyTo', { number })} onClick={() => setReplying(true)}>
              {t('talk.reply')}
            </Button>
          )}
          {!isReplying && (
            <Button kind="quiet" onClick={() => void change.send({ params: { id }, ifMatch: revision })}>
              {t(state === 'open' ? 'talk.resolve' : 'talk.reopen')}
            </Button>
          )}
        </div>
      )}
      {isReplying && state === 'open' && (
        <WriteForm
          route={addComment}
          input={(text) => ({ params: { id }, body: { text } })}
          label={t('talk.reply')}
          verb={t('talk.replyVerb')}
          onClose={() => setReplying(false)}
          onDone={() => setReplying(false)}
        />
      )}
      {acting?.k === 'edit' && (
        <Dialog open onClose={close} title={t('talk.editTitle')}>
          <p>{t('talk.editText')}</p>
          <WriteForm
            route={editComment}
            input={(text) => ({
              params: { id, comment: acting.comment.id },
              body: { text },
              ifMatch: revision,
            })}
            label={t('talk.editTitle')}
            verb={t('talk.editVerb')}
            first={acting.comment.text ?? ''}
            onClose={close}
            onDone={close}
          />
        </Dialog>
      )}
      {acting?.k === 'versions' && (
        <Dialog open onClose={close} title={t('talk.versionsTitle')}>
          <Versions thread={id} comment={acting.comment.id} />
        </Dialog>
      )}
      {acting?.k === 'delete' && (
        <CommandDialog
          route={deleteComment}
          input={() => ({ params: { id, comment: acting.comment.id }, ifMatch: revision })}
          title={t('talk.deleteTitle')}
          says={t('talk.deleteText')}
          verb={t('talk.deleteVerb')}
          isDanger
          onClose={close}
        />
      )}
    </section>
  )
}

/** Every version of a comment with its time, the newest first. */
function Versions({ thread, comment }: { readonly thread: Thread['id']; readonly comment: Comment['id'] }) {
  const read = useRead(listVersions, { params: { id: thread, comment } })
  return (
    <Loaded read={read} rows={3}>
      {({ versions }) => (
        <ol className="stack">
          {versions.toReversed().map(({ at, text }, i) => (
            <li key={at} className="stack tight">
              <span className="muted">
                {t('talk.version', { number: versions.length - i })} <Time at={at} both />
              </span>
              {text === null ? <p className="muted">{t('talk.gone')}</p> : <CommentText text={text} />}
            </li>
          ))}
        </ol>
      )}
    </Loaded>
  )
}

function CommentView({
  comment: { by, at, version, isDeleted, isMasked, text },
  onAct,
}: {
  readonly comment: Comment
  readonly onAct: (act: CommentAct) => void
}) {
  const isOwn = useMe().data?.person === by
  return (
    <li className="stack tight">
      <div className="row">
        <strong>
          <Person id={by} />
        </strong>
        <span className="muted">
          <Time at={at} />
          {version > 1 && `, ${t('talk.edited')}`}
        </span>
        {version > 1 && text !== null && (
          <Button kind="quiet" onClick={() => onAct('versions')}>
            {t('talk.versions', { count: version })}
          </Button>
        )}
        {isOwn && !isDeleted && (
          <>
            <Button kind="quiet" onClick={() => onAct('edit')}>
              {t('talk.edit')}
            </Button>
            <Button kind="quiet" onClick={() => onAct('delete')}>
              {t('talk.delete')}
            </Button>
          </>
        )}
      </div>
      {text === null ? (
        <p className="muted">{t(isDeleted ? 'talk.deleted' : isMasked ? 'talk.masked' : 'talk.gone')}</p>
      ) : (
        <CommentText text={text} />
      )}
    </li>
  )
}
