import { Link, useParams } from '@tanstack/react-router'
import { readReview } from '../../../../src/contracts/routes/reviews.ts'
import type { ReplyOf } from '../../../../src/contracts/route.ts'
import { useRead } from '../../api/reading.ts'
import { useMe } from '../../api/session.ts'
import { useOpenAct } from '../../frame/open-act.ts'
import { usePageCommands } from '../../frame/page-commands.ts'
import { Comments } from '../collaboration/comments.tsx'
import { t, tCode } from '../../messages/committee.ts'
import { Button } from '../../ui/button.tsx'
import { Id } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Empty, Loaded } from '../../ui/loaded.tsx'
import { Menu } from '../../ui/menu.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Person } from '../../ui/person.tsx'
import { triggerName } from '../../ui/requirement.ts'
import { Screen } from '../../ui/screen.tsx'
import { Status, Tier } from '../../ui/status.tsx'
import { Time } from '../../ui/time.tsx'
import { Untrusted } from '../../ui/untrusted.tsx'
import { AnswerForm, AskForm, AssignForm, DismissForm, StartForm } from './forms.tsx'
import { reviewFunction } from './kinds.ts'
import { ObjectForm, SignOffForm } from './report-forms.tsx'

export type Review = ReplyOf<typeof readReview>
const acts = ['assign', 'start', 'ask', 'answer', 'sign', 'object', 'dismiss'] as const
type Act = (typeof acts)[number]

/** Acts that are possible in each state, the next one first. */
const possible: Readonly<Record<Review['state'], readonly Act[]>> = {
  required: ['start', 'assign', 'dismiss'],
  stale: ['start', 'assign', 'dismiss'],
  assigned: ['start', 'sign', 'ask', 'object', 'assign', 'dismiss'],
  in_progress: ['sign', 'object', 'ask', 'assign', 'dismiss'],
  info_requested: ['answer', 'assign', 'dismiss'],
  signed_off: [],
  signed_off_with_conditions: [],
  objected: [],
  not_needed: [],
}

/** Why this review is required, what it is about, and what its reviewer has found. */
export function ReviewScreen() {
  const { id } = useParams({ strict: false })
  const read = useRead(readReview, { params: { id: id ?? '' } })
  if (read.data === undefined)
    return (
      <Screen title={t('review.title')}>
        <Loaded read={read} rows={10}>
          {() => null}
        </Loaded>
      </Screen>
    )
  return <Found review={read.data} />
}

function Found({ review }: { readonly review: Review }) {
  const { open, setOpen, close } = useOpenAct(acts)
  const may = useMay(review)
  const offered = possible[review.state]
  usePageCommands(offered.map((act) => ({ label: tCode('reviewAct', act), run: () => setOpen(act) })))
  const [first, second, ...others] = offered
  return (
    <Screen
      title={t('review.of', { kind: tCode('review', review.kind), title: review.title })}
      answer={
        <span className="row">
          <Status state={review.state} />
          <Tier tier={review.tier} />
          {review.isOverdue && <Status state="overdue" tone="breach" word={t('review.overdue')} />}
          <span>
            {t('review.due')} <Time at={review.due} both />
          </span>
        </span>
      }
      actions={
        <>
          {[first, second].map((act, i) =>
            act === undefined ? null : (
              <Button
                key={act}
                kind={i === 0 ? 'primary' : act === 'object' ? 'danger' : 'plain'}
                onClick={() => setOpen(act)}
                whyNot={may(act)}
              >
                {tCode('reviewAct', act)}
              </Button>
            ),
          )}
          {others.length > 0 && (
            <Menu
              label={t('common.actions')}
              entries={others.map((act) => ({
                label: tCode('reviewAct', act),
                onSelect: () => setOpen(act),
                whyNot: may(act),
              }))}
            />
          )}
        </>
      }
    >
      <div className="columns">
        <Why review={review} />
        <Look review={review} />
      </div>
      <Written review={review} />
      <Comments subject={{ k: 'review', id: review.id }} />
      <Dialog open={open !== null} onClose={close} title={open === null ? '' : tCode('reviewAct', open)}>
        {open === 'assign' && <AssignForm review={review} onClose={close} />}
        {open === 'start' && <StartForm review={review} onClose={close} />}
        {open === 'ask' && <AskForm review={review} onClose={close} />}
        {open === 'answer' && <AnswerForm review={review} onClose={close} />}
        {open === 'sign' && <SignOffForm review={review} onClose={close} />}
        {open === 'object' && <ObjectForm review={review} onClose={close} />}
        {open === 'dismiss' && <DismissForm review={review} onClose={close} />}
      </Dialog>
    </Screen>
  )
}

/** Why the reader cannot do an act, as far as their seat and roles tell; the server has the last word. */
function useMay({ kind, isTier3Default }: Review): (act: Act) => string | null {
  const me = useMe().data
  const fn = reviewFunction(kind)
  const holds =
    me?.seat === fn || me?.roles.some((role) => role.role === 'reviewer' && role.fn === fn) === true
  return (act) => {
    if (act === 'answer') return null
    if (!holds) return t('review.notOfFunction', { fn: tCode('fn', fn) })
    return act === 'dismiss' && isTier3Default ? t('review.tier3Needed') : null
  }
}

function Why({ review }: { readonly review: Review }) {
  const { firedBy, isTier3Default, kind, lead, signedBy, createdAt } = review
  return (
    <Panel title={t('review.why')}>
      <div className="stack">
        <p>
          {t('review.whyText', {
            fn: tCode('fn', reviewFunction(kind)),
            always: isTier3Default ? 'yes' : 'no',
          })}
        </p>
        {firedBy.length > 0 && (
          <ul className="bullets">
            {firedBy.map((rule) => (
              <li key={rule}>{triggerName(rule)}</li>
            ))}
          </ul>
        )}
        <Facts
          rows={[
            [t('review.lead'), lead === null ? t('common.none') : <Person key="" id={lead} />],
            ...(signedBy === null ? [] : [[t('review.signedBy'), <Person key="" id={signedBy} />] as const]),
            [t('review.created'), <Time key="" at={createdAt} both />],
          ]}
        />
      </div>
    </Panel>
  )
}

function Look({ review: { subject, useCaseId, kind, title } }: { readonly review: Review }) {
  return (
    <Panel title={t('review.look')}>
      <div className="stack">
        <p>{tCode('reviewLook', kind)}</p>
        <Facts
          rows={[
            [
              t('case.useCase'),
              <Link key="" to={`/intake/${useCaseId}`}>
                <Untrusted text={title} />
              </Link>,
            ],
            [t('case.revision'), <Id key="" id={subject.useCaseRevision} whole />],
            [
              t('case.release'),
              subject.release === null ? t('review.anyRelease') : <Id key="" id={subject.release} whole />,
            ],
          ]}
        />
      </div>
    </Panel>
  )
}

function Written({ review: { notes, conditions } }: { readonly review: Review }) {
  return (
    <Panel title={t('review.written')}>
      {notes.length === 0 ? (
        <Empty>{t('review.nothingWritten')}</Empty>
      ) : (
        <ol className="stack">
          {notes.map(({ event, at, by, text, report, conditions: texts }) => (
            <li key={`${event} ${at}`} className="note">
              <div className="row">
                <strong>{tCode('reviewEvent', event.replaceAll('.', '_'))}</strong>
                {by !== null && <Person id={by} />}
                <Time at={at} both />
              </div>
              {text === null ? (
                <p className="muted">{t('review.masked')}</p>
              ) : (
                <Untrusted text={text} block />
              )}
              {report !== null && (
                <p className="muted">
                  {t('review.reportDigest')} <Id id={report} />
                </p>
              )}
              {texts.length > 0 && (
                <ul className="bullets">
                  {texts.map(({ text: condition, salt }, i) => (
                    <li key={salt}>
                      <Untrusted text={condition} />
                      {conditions[i] !== undefined && <ConditionTerms condition={conditions[i]} />}
                    </li>
                  ))}
                </ul>
              )}
            </li>
          ))}
        </ol>
      )}
    </Panel>
  )
}

function ConditionTerms({ condition }: { readonly condition: Review['conditions'][number] }) {
  const { due, owner, attester, onBreach, proposedBy } = condition
  return (
    <div className="muted">
      {t('case.due')} <Time at={due} both />. {t('condition.owner')}: <Person id={owner} />.{' '}
      {t('condition.terms', {
        attester: tCode('fn', attester),
        breach: tCode('conditionBreach', onBreach),
        by: tCode('fn', proposedBy),
      })}
    </div>
  )
}
